"""The agent's console in a real browser, by keyboard alone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from answering.accounts.models import Agent, Presence
from calls.models import Call
from inquiries.models import Inquiry
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.waiting import wait_until

NewContext = Any


class Desk:
    """An agent's browser, signed in, with as many windows as wanted."""

    def __init__(self, house: RunningHouse, context: BrowserContext, open_page: NewPage) -> None:
        self.house, self.context, self.open_page = house, context, open_page
        house.sign_in(context, house.house.agent.user)

    def open(self) -> Page:
        """A window of the console that holds the agent and hears of what happens."""
        page = self.open_page(f"{self.house.url}/console/", self.context)
        expect(page.locator("html")).to_have_attribute("data-ready", "")
        return page


@pytest.fixture
def desk(running_house: RunningHouse, new_context: NewContext, open_page: NewPage) -> Desk:
    return Desk(running_house, new_context(viewport={"width": 1280, "height": 720}), open_page)


@pytest.fixture
def caller(running_house: RunningHouse, open_page: NewPage) -> Page:
    return open_page(running_house.phone_url)


def expect_stage(page: Page, kind: str) -> None:
    expect(page.locator("#stage")).to_have_attribute("data-kind", kind)


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("#facts")).to_have_attribute("data-state", state)


def expect_sound(page: Page) -> None:
    before = int(page.locator("body").get_attribute("data-packets") or 0)
    wait_until(lambda: int(page.locator("body").get_attribute("data-packets") or 0) > before + 10, 20)


def expect_nothing_wrong(page: Page) -> None:
    """axe finds nothing that WCAG 2.2 AA forbids."""
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "preload": False}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


def typed(page: Page, text: str) -> None:
    page.keyboard.type(text)


def test_a_shift_by_keyboard_alone(desk: Desk, caller: Page) -> None:
    Agent.objects.update(presence=Presence.OFFLINE)
    console = desk.open()
    console.keyboard.press("v")
    expect(console.locator("#status-summary")).to_contain_text("Available")
    expect_nothing_wrong(console)

    caller.get_by_role("button", name="Call Klīnika Sirds").click()
    expect_stage(console, "incoming")
    expect(console.locator("#answer")).to_be_focused()
    expect(console.get_by_text("Labdien! Klīnika Sirds, mani sauc Nora.")).to_be_visible()
    expect_nothing_wrong(console)

    console.keyboard.press("Enter")
    expect_state(console, "talking")
    expect_sound(console)
    expect_sound(caller)
    expect(console.locator("[name=caller_name]")).to_be_focused()
    typed(console, "Kristīne Ozoliņa")
    console.keyboard.press("Escape")
    console.keyboard.press("m")
    expect(console.locator("[name=text]")).to_be_focused()
    typed(console, "Lūdz atzvanīt pēc plkst. 16.")
    expect_nothing_wrong(console)

    console.keyboard.press("Escape")
    console.keyboard.press("h")
    expect_state(console, "held")
    expect_nothing_wrong(console)
    console.keyboard.press("h")
    expect_state(console, "talking")

    console.keyboard.press("m")
    console.keyboard.press("Control+Enter")
    expect(console.get_by_text("to Līga Bērziņa")).to_be_visible()
    console.keyboard.press("e")
    expect_stage(console, "wrap-up")
    expect(console.locator("#result-message")).to_be_focused()
    expect_nothing_wrong(console)
    console.keyboard.press("Enter")
    expect_stage(console, "idle")

    call = Call.objects.get()
    assert (call.state, call.outcome, call.disposition) == ("closed", "answered", "message")
    message = Inquiry.objects.get()
    assert (message.caller_name, message.text) == ("Kristīne Ozoliņa", "Lūdz atzvanīt pēc plkst. 16.")
