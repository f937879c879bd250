"""The first thing anyone must be able to do: one call, from ring to bill, between two real browsers."""

from decimal import Decimal
from typing import Any

from playwright.sync_api import Page, expect

from billing.models import UsageRecord
from billing.services import rate_call
from calls.ledger import PARTS
from calls.models import Call
from inquiries.models import Inquiry
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.browser.phone import expect_screen, expect_sound, press
from tests.cast import make_member

WORDS = "Lūdz pārcelt vizīti no otrdienas uz nedēļas beigām. 🙂"


def act(console: Page, action: str) -> None:
    """Click what the console offers."""
    console.locator(f'[data-action="{action}"]').first.click()


def test_one_call_from_ring_to_bill(running_house: RunningHouse, new_context: Any, open_page: NewPage) -> None:
    house = running_house.house
    desk = new_context()
    running_house.sign_in(desk, house.agent.user)
    console = open_page(f"{running_house.url}/console/", context=desk)
    caller = open_page(running_house.phone_url)
    press(caller)
    expect_screen(caller, "waiting")
    act(console, "answer")
    expect_screen(caller, "talking")
    expect_sound(caller)
    expect_sound(console)

    act(console, "hold")
    expect_screen(caller, "held")
    expect(caller.locator("body")).to_have_attribute("data-sound", "music")
    act(console, "resume")
    expect_screen(caller, "talking")
    expect(caller.locator("body")).to_have_attribute("data-sound", "voice")
    expect_sound(caller)
    expect_sound(console)

    console.locator("#message-form [name=text]").fill(WORDS)
    act(console, "message")
    expect(console.locator("#message-form [name=text]")).not_to_have_value(WORDS)
    act(console, "end")
    expect_screen(caller, "ended")
    console.locator('[data-disposition="message"]').first.click()
    expect(console.locator("#stage")).to_have_attribute("data-kind", "idle")

    call = Call.objects.get()
    assert (call.outcome, call.disposition, call.agent) == ("answered", "message", house.agent)
    assert sum(getattr(call, f"{part}_seconds") for part in PARTS) == call.total_seconds
    assert Inquiry.objects.get().text == WORDS

    record = rate_call(call.pk)
    assert record is not None
    assert UsageRecord.objects.count() == 1
    assert record.billable_seconds == call.talk_seconds
    assert record.exact_amount == Decimal("0.0150") * record.billable_seconds
    expect_the_client_to_see(call, running_house, new_context(), open_page)


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
