"""The portal and the desk in a real browser: they follow a call as it happens, and everybody can read them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from answering.accounts.models import StaffRole, User
from billing.services import rate_call
from calls.models import Call, Disposition
from calls.services import close_call, end_call
from inquiries.models import Urgency
from inquiries.services import MessageFields, take_message
from tests.browser.accessibility import expect_nothing_wrong
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.cast import make_member, make_user, ring, talk

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def signed_in(
    running_house: RunningHouse, open_page: NewPage, new_context: Callable[..., BrowserContext]
) -> Callable[..., Page]:
    """Open a page of this user; further arguments are Playwright's for the browser context."""

    def page_of(user: User, path: str, **options: object) -> Page:
        context = new_context(**options)
        running_house.sign_in(context, user)
        return open_page(running_house.url + path, context=context)

    return page_of


def finished_call(place: RunningHouse) -> Call:
    """A call with a message, closed and priced."""
    house = place.house
    call = talk(ring(house.line, name="Kristīne Ozoliņa"), house.agent)
    words = "Lūdz pārcelt vizīti no otrdienas uz nedēļas beigām."
    fields = MessageFields("Kristīne Ozoliņa", "+37126123456", words, Urgency.URGENT, None)
    take_message(call, agent=house.agent, fields=fields)
    end_call(call.pk, agent=house.agent)
    call = close_call(call.pk, agent=house.agent, disposition=Disposition.MESSAGE)
    rate_call(call.pk)
    return call


def test_the_list_of_calls_follows_a_call_while_it_rings(
    running_house: RunningHouse, signed_in: Callable[..., Page]
) -> None:
    owner = make_member(running_house.house.client)
    page = signed_in(owner, "/portal/calls/")
    expect(page.get_by_role("heading", name="No calls yet")).to_be_visible()
    call = ring(running_house.house.line, name="Māris Šķēle")
    expect(page.get_by_role("link", name=re.compile("Māris Šķēle"))).to_be_visible()
    talk(call, running_house.house.agent)
    expect(page.get_by_text("Talking")).to_be_visible()


def test_an_open_call_follows_what_becomes_of_it(running_house: RunningHouse, signed_in: Callable[..., Page]) -> None:
    house = running_house.house
    call = talk(ring(house.line), house.agent)
    page = signed_in(make_member(house.client), f"/portal/calls/{call.public_id}/")
    expect(page.get_by_text("The price appears once the call is closed.")).to_be_visible()
    end_call(call.pk, agent=house.agent)
    close_call(call.pk, agent=house.agent, disposition=Disposition.SPAM)
    rate_call(call.pk)
    expect(page.get_by_text("Free of charge: Spam.")).to_be_visible()


def test_further_filters_are_folded_away_on_a_phone_until_used(
    running_house: RunningHouse, signed_in: Callable[..., Page]
) -> None:
    finished_call(running_house)
    page = signed_in(make_member(running_house.house.client), "/portal/calls/", viewport=PHONE)
    expect(page.get_by_label("Outcome")).to_be_hidden()
    page.get_by_text("Period, line, outcome").click()
    page.get_by_label("Outcome").select_option("missed")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="No call matches")).to_be_visible()
    expect(page.get_by_label("Outcome")).to_be_visible()


def test_the_board_of_the_desk_follows_the_calls(running_house: RunningHouse, signed_in: Callable[..., Page]) -> None:
    page = signed_in(make_user("Sandra Liepa", staff_role=StaffRole.SUPERVISOR), "/desk/live/")
    expect(page.get_by_text("No calls at the moment")).to_be_visible()
    ring(running_house.house.line)
    expect(page.get_by_role("cell", name="Waiting")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 720}], ids=["phone", "desk"])
def test_axe_finds_nothing_in_portal_and_desk(
    running_house: RunningHouse, signed_in: Callable[..., Page], scheme: str, viewport: dict[str, int]
) -> None:
    call = finished_call(running_house)
    ring(running_house.house.line)
    owner = make_member(running_house.house.client)
    page = signed_in(owner, "/portal/calls/", color_scheme=scheme, viewport=viewport)
    expect_nothing_wrong(page)
    page.goto(f"{running_house.url}/portal/calls/{call.public_id}/")
    expect_nothing_wrong(page)
    supervisor = make_user("Sandra Liepa", staff_role=StaffRole.SUPERVISOR)
    expect_nothing_wrong(signed_in(supervisor, "/desk/live/", color_scheme=scheme, viewport=viewport))
