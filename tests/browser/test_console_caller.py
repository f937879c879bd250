"""The agent says during the call who it is, by keyboard alone, and goes on talking."""

import os
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from answering.accounts.models import Agent
from answering.lib import clock
from calls.models import Call, Caller
from clients.models import Client, Plan, WayOfWorking
from clients.services.ways import agree_on_way
from tests.browser.accessibility import expect_nothing_wrong
from tests.browser.test_console import Desk, caller, desk, expect_state
from tests.waiting import wait_until

__all__ = ["caller", "desk"]


def test_who_calls_is_found_and_changed_by_keys_during_the_call(desk: Desk, caller: Page) -> None:
    client = desk.house.house.client
    make_vip(client, desk.house.house.agent)
    ozola = Caller.objects.create(client=client, number="+37167123456", name="Kristīne Ozoliņa", language="lv")
    Caller.objects.create(client=client, number="+37167999999", name="Kristaps Kļaviņš")
    console = desk.open()
    caller.get_by_role("button", name="Call Klīnika Sirds").click()
    console.locator("#answer").click()
    expect_state(console, "talking")
    console.locator("[name=text]").press("Escape")
    console.keyboard.press("y")
    expect(console.get_by_text("Nekad neapstiprināt")).to_be_visible()
    look(console, "way")
    console.keyboard.press("y")
    expect(console.get_by_text("Nekad neapstiprināt")).to_be_hidden()
    console.keyboard.press("l")
    expect(console.get_by_label("Name of a caller of this client")).to_be_focused()
    console.keyboard.type("krist")
    expect(console.locator(".caller-found")).to_have_count(2)
    look(console, "find")
    console.get_by_role("button", name="Kristīne Ozoliņa").press("Enter")
    expect(console.locator("#side .caller-name bdi")).to_have_text("Kristīne Ozoliņa")
    expect(console.locator("#message-form [name=caller_name]")).to_have_value("Kristīne Ozoliņa")
    expect(console.locator("#caller-form > *")).to_have_count(0)
    console.keyboard.press("c")
    field = console.locator("#caller_name")
    expect(field).to_be_focused()
    field.fill("Kristīne Ozola")
    console.keyboard.press("Escape")
    console.keyboard.press("c")  # what has been typed is still there
    expect(field).to_have_value("Kristīne Ozola")
    Caller.objects.filter(pk=ozola.pk).update(note="Runāt lēni", revision=2)
    field.press("Enter")
    expect(console.get_by_text("Somebody else has saved this caller")).to_be_visible()
    look(console, "changed")
    console.locator("#caller_note").fill("Runāt lēni un skaļi")
    console.locator("#caller_name").press("Enter")
    expect(console.locator("#side .caller-notes")).to_contain_text("Runāt lēni un skaļi")
    expect(console.locator("#message-form [name=caller_name]")).to_have_value("Kristīne Ozola")
    assert wait_until(lambda: list(Call.objects.filter(caller=ozola, caller_name="Kristīne Ozola")))
    expect_state(console, "talking")


def make_vip(client: Client, agent: Agent) -> None:
    client.plan, client.consultant = Plan.VIP, agent
    client.save()
    way: dict[str, Any] = {
        "greeting": "“Labdien”, nekad “sveiki”.",
        "donts": "Nekad neapstiprināt, ka kāds ir pacients.",
    }
    today = clock.now().date()
    way |= {"agreed_by": "Dr. Anna Ozola", "agreed_on": today, "review_on": today + timedelta(days=90)}
    agree_on_way(WayOfWorking(client=client, reviewer=agent, **way), seen=0, by=agent.user)


def look(page: Page, name: str) -> None:
    """axe finds nothing; with SCREENSHOTS a picture is kept there."""
    expect_nothing_wrong(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/console-caller-{name}.png")
