"""The first thing anyone must be able to do: one call, from ring to bill, between two real browsers."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from billing.models import UsageRecord
from billing.services import rate_call
from calls.ledger import PARTS
from calls.models import Call, Party
from inquiries.models import Inquiry
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.browser.phone import expect_screen, expect_sound, press
from tests.cast import make_member
from tests.waiting import wait_until

WORDS = "Lūdz pārcelt vizīti no otrdienas uz nedēļas beigām. 🙂"


def act(console: Page, action: str) -> None:
    """Click what the console offers."""
    console.locator(f'[data-action="{action}"]').first.click()


def expect_both_to_hear(console: Page, caller: Page) -> None:
    """Sound arrives at both sides."""
    expect_screen(caller, "talking")
    expect_sound(caller)
    expect_sound(console)


def is_talking_again() -> bool:
    """Both sides have reported sound of the second connection: no page shows the first one any more."""
    call = Call.objects.get()
    return (call.generation, call.state) == (2, "talking")


@pytest.fixture
def console(running_house: RunningHouse, new_context: Any, open_page: NewPage) -> Page:
    desk = new_context()
    running_house.sign_in(desk, running_house.house.agent.user)
    return open_page(f"{running_house.url}/console/", context=desk)


@pytest.fixture
def caller(running_house: RunningHouse, open_page: NewPage) -> Page:
    return open_page(running_house.phone_url)


def test_one_call_from_ring_to_bill(
    running_house: RunningHouse, console: Page, caller: Page, new_context: Any, open_page: NewPage
) -> None:
    press(caller)
    expect_screen(caller, "waiting")
    act(console, "answer")
    expect_both_to_hear(console, caller)

    act(console, "hold")
    expect_screen(caller, "held")
    expect(caller.locator("body")).to_have_attribute("data-sound", "music")
    act(console, "resume")
    expect_both_to_hear(console, caller)
    expect(caller.locator("body")).to_have_attribute("data-sound", "voice")

    console.locator("#message-form [name=text]").fill(WORDS)
    act(console, "message")
    expect(console.locator("#message-form [name=text]")).not_to_have_value(WORDS)
    act(console, "end")
    expect_screen(caller, "ended")
    console.locator('[data-disposition="message"]').first.click()
    expect(console.locator("#stage")).to_have_attribute("data-kind", "idle")

    call = Call.objects.get()
    assert (call.outcome, call.disposition, call.agent) == ("answered", "message", running_house.house.agent)
    assert sum(getattr(call, f"{part}_seconds") for part in PARTS) == call.total_seconds
    assert Inquiry.objects.get().text == WORDS

    record = rate_call(call.pk)
    assert record is not None
    assert UsageRecord.objects.count() == 1
    assert record.billable_seconds == call.talk_seconds
    assert record.exact_amount == Decimal("0.0150") * record.billable_seconds
    expect_the_client_to_see(call, running_house, new_context(), open_page)


def test_a_caller_who_reloads_is_back_with_the_same_agent(console: Page, caller: Page) -> None:
    press(caller)
    act(console, "answer")
    expect_both_to_hear(console, caller)
    caller.reload()
    wait_until(is_talking_again, 20)
    expect_both_to_hear(console, caller)
    act(console, "end")
    expect_screen(caller, "ended")
    call = Call.objects.get()
    assert sum(getattr(call, f"{part}_seconds") for part in PARTS) == call.total_seconds


def test_an_agent_who_reloads_is_back_with_the_same_caller(console: Page, caller: Page) -> None:
    press(caller)
    act(console, "answer")
    expect_both_to_hear(console, caller)
    console.reload()
    wait_until(is_talking_again, 20)
    expect_both_to_hear(console, caller)
    caller.get_by_role("button", name="Hang up").click()
    expect(console.locator("#stage")).to_have_attribute("data-kind", "wrap-up")


def test_a_caller_who_closes_the_page_is_seen_to_be_gone_since_then(console: Page, caller: Page) -> None:
    press(caller)
    act(console, "answer")
    expect_both_to_hear(console, caller)
    caller.close()
    expect(console.locator("#stage")).to_have_attribute("data-kind", "wrap-up")
    call = Call.objects.get()
    left_at = call.legs.get(party=Party.CALLER).leaving_at
    assert left_at is not None
    assert (call.outcome, call.ended_at) == ("answered", left_at.replace(microsecond=0))


def expect_the_client_to_see(call: Call, house: RunningHouse, context: Any, open_page: NewPage) -> None:
    """The company's own page of the call: message, every second, price."""
    owner = make_member(call.client)
    owner.language = "en"
    owner.save()
    house.sign_in(context, owner)
    portal = open_page(f"{house.url}/portal/calls/{call.public_id}/", context=context)
    expect(portal.get_by_text(WORDS)).to_be_visible()
    expect(portal.get_by_text("Nora Kalna").first).to_be_visible()
    total = call.total_seconds or 0
    expect(portal.locator(".ledger-total")).to_contain_text(f"{total // 60}:{total % 60:02d}")
    expect(portal.get_by_text("0.0150").first).to_be_visible()
