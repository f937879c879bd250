import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import BrowserContext, BrowserType, Page, Route, expect

from answering.lib import clock
from calls.models import Call, CallLeg, Party
from calls.services import end_call, hold_call, resume_call
from tests.browser.agent import VoiceAgent
from tests.browser.conftest import SOUND, NewPage
from tests.browser.house import RunningHouse
from tests.browser.phone import expect_screen, expect_sound, pass_time, press
from tests.cast import make_calendar, make_line
from tests.waiting import wait_until


@pytest.fixture
def caller(running_house: RunningHouse, open_page: NewPage) -> Page:
    return open_page(running_house.phone_url)


@pytest.fixture
def agent(running_house: RunningHouse, open_page: NewPage) -> VoiceAgent:
    return VoiceAgent(open_page(running_house.phone_url), running_house.house.agent)


def test_caller_and_agent_hear_each_other_through_hold_to_the_end(caller: Page, agent: VoiceAgent) -> None:
    press(caller)
    expect_screen(caller, "waiting")
    expect(caller.locator("body")).to_have_attribute("data-sound", "music")
    call = agent.answer()
    expect_screen(caller, "talking")
    expect(caller.get_by_role("heading", name="You are talking with Nora")).to_be_visible()
    expect(caller.locator("body")).to_have_attribute("data-sound", "voice")
    expect_sound(caller)
    assert agent.hears_more()
    hold_call(call.pk, agent=agent.agent)
    expect_screen(caller, "held")
    expect(caller.locator("body")).to_have_attribute("data-sound", "music")
    resume_call(call.pk, agent=agent.agent)
    expect_screen(caller, "talking")
    end_call(call.pk, agent=agent.agent)
    expect_screen(caller, "ended")
    expect(caller.locator('[data-slot="talked"]')).to_have_text(re.compile(r"^\d+:\d\d$"))


def test_muting_silences_only_the_own_microphone(caller: Page, agent: VoiceAgent) -> None:
    press(caller)
    agent.answer()
    expect_screen(caller, "talking")
    mute = caller.get_by_role("button", name="Mute")
    expect(mute).to_have_attribute("aria-pressed", "false")
    level = caller.get_by_role("meter")
    wait_until(lambda: float(level.evaluate("(meter) => meter.value")) > 0)
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: float(level.evaluate("(meter) => meter.value")) == 0)
    expect_sound(caller)


def test_a_reload_during_the_call_resumes_it(caller: Page, agent: VoiceAgent) -> None:
    press(caller)
    call = agent.answer()
    expect_screen(caller, "talking")
    caller.reload()
    expect_screen(caller, "reconnecting")
    wait_until(lambda: Call.objects.get().generation == 2)
    agent.connect(call)
    expect_screen(caller, "talking")
    expect_sound(caller)
    assert agent.hears_more()
    assert Call.objects.count() == 1


def test_a_reload_while_waiting_keeps_the_place(caller: Page) -> None:
    press(caller)
    expect_screen(caller, "waiting")
    caller.reload()
    expect_screen(caller, "waiting")
    wait_until(lambda: CallLeg.objects.get().leaving_at is None)
    assert Call.objects.count() == 1


def test_one_browser_is_in_one_call(caller: Page, running_house: RunningHouse, open_page: NewPage) -> None:
    press(caller)
    expect_screen(caller, "waiting")
    second = open_page(running_house.phone_url, context=caller.context)
    press(second)
    expect_screen(second, "elsewhere")
    assert Call.objects.count() == 1
    caller.get_by_role("button", name="Hang up").click()
    expect_screen(caller, "lost")
    second.get_by_role("button", name="Back").click()
    press(second)
    expect_screen(second, "waiting")


def test_a_closed_page_ends_the_call_at_its_last_sign_of_life(caller: Page, agent: VoiceAgent) -> None:
    press(caller)
    call = agent.answer()
    expect_screen(caller, "talking")
    caller.close()
    leg = CallLeg.objects.get(party=Party.CALLER)
    wait_until(lambda: CallLeg.objects.get(pk=leg.pk).leaving_at is not None)
    left_at = CallLeg.objects.get(pk=leg.pk).leaving_at
    assert left_at is not None
    wait_until(lambda: Call.objects.get().is_over, 20)
    call.refresh_from_db()
    assert call.outcome == "answered"
    assert call.ended_at == left_at.replace(microsecond=0)


def test_a_hang_up_that_a_dead_server_missed_is_told_later_with_its_time(caller: Page, agent: VoiceAgent) -> None:
    press(caller)
    call = agent.answer()
    expect_screen(caller, "talking")
    caller.route("**/phone/calls/**", lambda route: route.abort())
    before = clock.now()
    caller.get_by_role("button", name="Hang up").click()
    hung_up_by = clock.now()
    expect_screen(caller, "ended")
    # The server is away longer than the page would have lived; nothing of ours says goodbye for it.
    caller.wait_for_function("([since]) => Date.now() - since > 3000", arg=[int(hung_up_by.timestamp() * 1000)])
    reachable_at = clock.now()
    caller.unroute("**/phone/calls/**")
    wait_until(lambda: Call.objects.get(pk=call.pk).is_over)
    under_way_at_most = clock.now() - reachable_at
    ended_at = Call.objects.get(pk=call.pk).ended_at
    assert ended_at is not None
    assert before.replace(microsecond=0) <= ended_at <= hung_up_by + under_way_at_most


def test_a_conversation_outlives_a_server_that_is_away(caller: Page, agent: VoiceAgent) -> None:
    press(caller)
    agent.answer()
    expect_screen(caller, "talking")
    caller.route("**/phone/calls/**", lambda route: route.abort())
    pass_time(caller, 6)
    expect(caller.get_by_text("Your conversation goes on")).to_be_visible()
    expect_screen(caller, "talking")
    expect_sound(caller)
    caller.unroute("**/phone/calls/**")
    pass_time(caller, 5)
    expect(caller.get_by_text("Your conversation goes on")).to_be_hidden()
    expect_screen(caller, "talking")


def test_an_answer_lost_on_the_way_makes_one_call_only(caller: Page) -> None:
    def carry_out_but_lose(route: Route) -> None:
        route.fetch()
        route.abort()

    caller.route(re.compile(r"/phone/[^/]+/calls$"), carry_out_but_lose)
    press(caller)
    expect_screen(caller, "unreachable")
    caller.unroute(re.compile(r"/phone/[^/]+/calls$"))
    caller.get_by_role("button", name="Try again").click()
    expect_screen(caller, "waiting")
    assert Call.objects.count() == 1


def test_whom_nobody_answers_leaves_a_number_and_gets_a_promise(
    running_house: RunningHouse, open_page: NewPage
) -> None:
    line = running_house.house.line
    line.waiting_limit = timedelta(seconds=2)
    line.save()
    page = open_page(running_house.phone_url)
    press(page)
    expect_screen(page, "lost")
    expect(page.get_by_role("heading", name="We are sorry, nobody was free")).to_be_visible()
    page.locator("#back_number").fill("12")
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_text("Nobody can be called on this number")).to_be_visible()
    page.locator("#back_name").fill("Jānis Kļava")
    page.locator("#back_number").fill("26 123 456")
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_text("call you back on +371 26 123 456")).to_be_visible()
    call = Call.objects.get()
    assert (call.outcome, call.caller_name, call.caller_number) == ("missed", "Jānis Kļava", "+37126123456")


def test_a_wrong_number_is_said_beside_its_field_and_makes_no_call(caller: Page) -> None:
    caller.get_by_text("Who is calling?").click()
    caller.locator("#call_number").fill("+371 1")
    press(caller)
    expect(caller.get_by_text("Nobody can be called on this number")).to_be_visible()
    expect(caller.locator("#call_number")).to_be_focused()
    assert not Call.objects.exists()


def test_a_closed_line_says_when_it_opens(running_house: RunningHouse, open_page: NewPage) -> None:
    calendar = make_calendar(zone="Europe/Athens")
    calendar.intervals.all().delete()
    line = make_line(running_house.house.client, calendar=calendar, language="el")
    calendar.intervals.create(weekday=(clock.now().weekday() + 3) % 7, opens_minute=540, closes_minute=1020)
    page = open_page(f"{running_house.url}/phone/{line.slug}/")
    expect(page.locator("html")).to_have_attribute("lang", "el")
    expect_screen(page, "closed")
    expect(page.locator('[data-slot="opening"]')).to_contain_text("09:00")


def test_a_flood_from_one_place_is_told_so(running_house: RunningHouse, open_page: NewPage, settings: Any) -> None:
    settings.CALLS_PER_ADDRESS = 0
    page = open_page(running_house.phone_url)
    press(page)
    expect_screen(page, "busy")
    expect(page.locator('[data-slot="message"]')).to_contain_text("Too many calls from this connection")
    assert not Call.objects.exists()


@pytest.fixture
def deaf_page(
    running_house: RunningHouse,
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    request: pytest.FixtureRequest,
) -> Iterator[Page]:
    """A page in a browser started with other arguments for its microphone."""
    arguments = [*browser_type_launch_args["args"][:1], *request.param]
    browser = browser_type.launch(**browser_type_launch_args | {"args": arguments})
    page = browser.new_page()
    page.goto(running_house.phone_url)
    yield page
    browser.close()


REFUSING = (*SOUND, "--use-fake-ui-for-media-stream=deny")


@pytest.mark.parametrize("deaf_page", [REFUSING], indirect=True)
def test_a_refused_microphone_is_explained_and_makes_no_call(deaf_page: Page) -> None:
    press(deaf_page)
    expect_screen(deaf_page, "refused")
    expect(deaf_page.locator('[data-screen="refused"]').get_by_text("No call was made.")).to_be_visible()
    deaf_page.get_by_role("button", name="Try again").click()
    expect_screen(deaf_page, "refused")
    deaf_page.get_by_role("button", name="Cancel").click()
    expect_screen(deaf_page, "idle")
    assert not Call.objects.exists()


@pytest.mark.parametrize("deaf_page", [("--use-fake-ui-for-media-stream",)], indirect=True)
def test_a_missing_microphone_is_explained_and_makes_no_call(deaf_page: Page) -> None:
    press(deaf_page)
    expect_screen(deaf_page, "missing")
    assert not Call.objects.exists()


FRAME = '<!doctype html><title>Shop</title><iframe src="{url}" allow="microphone" width="390" height="640"></iframe>'


def frame_in(context: BrowserContext, origin: str, url: str) -> tuple[Page, list[str]]:
    """A made-up site that shows this address in a frame, and the addresses that it was refused."""
    page, refused = context.new_page(), list[str]()
    page.on("requestfailed", lambda request: refused.append(request.url))
    page.route(f"{origin}/", lambda route: route.fulfill(content_type="text/html", body=FRAME.format(url=url)))
    page.goto(f"{origin}/")
    return page, refused


def test_the_page_works_inside_the_sites_that_its_line_names_and_in_no_other(
    running_house: RunningHouse, new_context: Any
) -> None:
    line = running_house.house.line
    line.frame_ancestors = "http://shop.localhost"
    line.save()
    connection.close()
    context = new_context()
    shop, _refused = frame_in(context, "http://shop.localhost", running_house.phone_url)
    inside = shop.frame_locator("iframe")
    inside.get_by_role("button", name="Call Klīnika Sirds").click()
    expect(inside.locator('[data-screen="waiting"]')).to_be_visible()
    inside.get_by_role("button", name="Hang up").click()
    elsewhere, refused = frame_in(context, "http://evil.localhost", running_house.phone_url)
    wait_until(lambda: running_house.phone_url in refused)
    assert elsewhere.frames[1].locator("[data-phone]").count() == 0
