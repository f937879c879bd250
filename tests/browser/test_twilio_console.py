"""Calls from telephone numbers at the console, with a stand-in for Twilio's Voice SDK (`voice_sdk/`)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from calls.carriers import registry
from calls.carriers.base import Capability
from calls.models import Call, CallLeg, Party
from calls.states import EventKind
from clients.models import Line
from tests.browser.accessibility import expect_nothing_wrong
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.browser.phone import pass_time
from tests.cast import make_client, make_line
from tests.console.accounts import OWN, add_account, give_number, set_own_account
from tests.console.exchange import Exchange
from tests.waiting import wait_until

STATIC = Path(__file__).parents[2] / "static"
SDK = Path(__file__).parent / "voice_sdk"
SEEN = "() => document.documentElement.dataset.ready !== undefined"


class Desk:
    """An agent's browser, and the network that rings there."""

    def __init__(self, house: RunningHouse, exchange: Exchange, context: BrowserContext, open_page: NewPage) -> None:
        self.house, self.exchange, self.context, self.open_page = house, exchange, context, open_page
        house.sign_in(context, house.house.agent.user)

    @property
    def line(self) -> Line:
        return self.house.house.line

    def at_first(self, network: str) -> None:
        """How the network is when a page opens, as an object's fields in JavaScript."""
        self.context.add_init_script(f"window.networkAtFirst = {{ {network} }}")

    def open(self) -> Page:
        page = self.open_page(f"{self.house.url}/console/", self.context)
        expect(page.locator("html")).to_have_attribute("data-ready", "")
        return page

    def open_connected(self) -> Page:
        page = self.open()
        expect_telephone(page, "connected")
        return page

    def ring(self, page: Page, call: Call, generation: int, account: str = OWN) -> int:
        """Twilio calls the agent: sound comes to the Devices of this page; gives how many."""
        found: int = page.evaluate(
            "([account, call, generation]) => network.ring(account, call, generation)",
            [account, str(call.public_id), generation],
        )
        return found

    def connect(self, page: Page, call: Call, generation: int, account: str = OWN) -> None:
        """The sound that has been ordered comes, is accepted, and the conference reports it."""
        self.exchange.awaits(generation)
        assert self.ring(page, call, generation, account) == 1
        expect_fates(page, generation, ["open"])
        self.exchange.report(call, EventKind.AGENT_JOINED, generation)

    def talk(self, page: Page, line: Line | None = None, account: str = OWN) -> Call:
        """A call comes, is answered and talks."""
        call = self.exchange.call_in(line or self.line, account=account, name="Kristīne Ozoliņa")
        expect(page.locator("#stage")).to_have_attribute("data-kind", "incoming")
        page.locator("#answer").click()
        self.connect(page, call, 1, account)
        expect_state(page, "talking")
        return call


def expect_telephone(page: Page, state: str) -> None:
    expect(page.locator("#telephone")).to_have_attribute("data-state", state)


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("#facts")).to_have_attribute("data-state", state)


def expect_fates(page: Page, generation: int, fates: list[str]) -> None:
    wait_until(lambda: page.evaluate("(generation) => network.fates(generation)", generation) == fates)


def devices(page: Page) -> list[str]:
    found: list[str] = page.evaluate("() => network.devices.map((each) => each.state)")
    return found


def expect_devices(page: Page, states: list[str]) -> None:
    wait_until(lambda: devices(page) == states, 20)


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch, settings: Any, running_house: RunningHouse) -> Exchange:
    set_own_account(settings)
    settings.STATICFILES_DIRS = [STATIC, ("voice-sdk", SDK)]
    give_number(running_house.house.line)
    exchange = Exchange(Capability.HOLD)
    monkeypatch.setitem(registry._carriers, exchange.name, exchange)
    return exchange


@pytest.fixture
def desk(
    running_house: RunningHouse, exchange: Exchange, new_context: Callable[..., BrowserContext], open_page: NewPage
) -> Desk:
    return Desk(running_house, exchange, new_context(viewport={"width": 1280, "height": 720}), open_page)


@pytest.fixture
def console(desk: Desk) -> Page:
    """A console whose telephone is connected."""
    return desk.open_connected()


def test_a_call_from_a_number_is_answered_held_and_ended(desk: Desk, console: Page) -> None:
    expect(console.get_by_text("Telephone connected")).to_be_visible()
    expect_nothing_wrong(console)
    call = desk.talk(console)
    expect(console.locator("#facts")).to_have_attribute("data-carrier", "twilio")
    agent = CallLeg.objects.filter(call=call, party=Party.AGENT, generation=1, packets_received__gt=0)
    wait_until(agent.exists)
    assert not console.evaluate("network.open().isMuted")

    console.locator("#hold").click()
    expect_state(console, "held")
    wait_until(lambda: console.evaluate("network.open().isMuted"))
    console.locator("#resume").click()
    expect_state(console, "talking")
    wait_until(lambda: not console.evaluate("network.open().isMuted"))

    console.locator("#end").click()
    expect(console.locator("#stage")).to_have_attribute("data-kind", "wrap-up")
    expect_fates(console, 1, ["disconnected"])
    orders = [("connect_agent", 1), ("hold", 1), ("resume", 1), ("end", 1)]
    wait_until(lambda: desk.exchange.orders == orders)
    call.refresh_from_db()
    assert (call.outcome, call.generation) == ("answered", 1)


def test_the_caller_s_end_ends_the_agent_s_sound(desk: Desk, console: Page) -> None:
    call = desk.talk(console)
    desk.exchange.report(call, EventKind.CALLER_LEFT)
    expect(console.locator("#stage")).to_have_attribute("data-kind", "wrap-up")
    expect_fates(console, 1, ["disconnected"])


def test_the_sdk_is_silent_and_keeps_quiet(console: Page) -> None:
    device = console.evaluate(
        "network.devices.map((each) => [[...each.silenced].sort(), each.options.closeProtection])"
    )
    assert device == [[["disconnect", "incoming", "outgoing"], None]]


def test_sound_of_another_generation_or_call_is_not_accepted(desk: Desk, console: Page) -> None:
    call = desk.talk(console)
    stranger = desk.exchange.call_in(desk.line, number="+37126999999")
    assert desk.ring(console, stranger, 4) == 1
    expect_fates(console, 4, ["ignored"])
    assert desk.ring(console, call, 0) == 1
    expect_fates(console, 0, ["rejected"])
    assert desk.ring(console, call, 1) == 1
    expect_fates(console, 1, ["open", "ignored"])  # there already


def test_sound_that_is_early_waits_for_the_claim_s_answer(desk: Desk, console: Page) -> None:
    call = desk.exchange.call_in(desk.line)
    expect(console.locator("#answer")).to_be_focused()

    def ring_before_the_answer(route: Route) -> None:
        answer = route.fetch()
        assert answer.json()["generation"] == 1
        assert desk.ring(console, call, 1) == 1
        assert console.evaluate("network.fates(1)") == ["pending"]
        route.fulfill(response=answer)

    console.route("**/claim", ring_before_the_answer)
    console.keyboard.press("Enter")
    expect_fates(console, 1, ["open"])


def test_sound_that_breaks_off_comes_back_under_a_new_generation(desk: Desk, console: Page) -> None:
    call = desk.talk(console)
    console.evaluate("network.open().disconnect()")
    desk.connect(console, call, 2)
    expect_state(console, "talking")
    expect_fates(console, 1, ["disconnected"])
    console.locator("#end").click()
    expect_fates(console, 2, ["disconnected"])


def test_newer_sound_replaces_sound_that_does_not_come_back_by_itself(desk: Desk, console: Page) -> None:
    call = desk.talk(console)
    console.evaluate("network.open().reconnect(53405)")
    desk.connect(console, call, 2)
    expect_fates(console, 1, ["disconnected"])
    expect_state(console, "talking")


def test_lost_signalling_alone_is_left_to_the_sdk(desk: Desk, console: Page) -> None:
    desk.talk(console)
    packets = int(console.locator("body").get_attribute("data-packets") or 0)
    console.evaluate("network.open().reconnect(53001)")
    wait_until(lambda: int(console.locator("body").get_attribute("data-packets") or 0) > packets + 200, 20)
    assert Call.objects.get().generation == 1


def test_after_a_reload_the_sound_comes_back(desk: Desk, console: Page) -> None:
    call = desk.talk(console)
    console.reload()
    desk.connect(console, call, 2)
    expect_state(console, "talking")
    assert ("hang_up_agent", 1) in desk.exchange.orders


def test_a_token_is_renewed_before_it_expires(console: Page) -> None:
    token = console.evaluate("network.devices[0].token")
    console.evaluate("network.devices[0].expire()")
    wait_until(lambda: console.evaluate("network.devices[0].token") != token)
    assert devices(console) == ["registered"]


@pytest.mark.parametrize("code", [20101, 20104])
def test_a_token_that_twilio_refuses_is_replaced(console: Page, code: int) -> None:
    console.evaluate("(code) => network.devices[0].fail(code)", code)
    expect_devices(console, ["destroyed", "registered"])
    expect_telephone(console, "connected")


def test_a_refused_token_is_renewed_in_a_call_without_breaking_it_off(desk: Desk, console: Page) -> None:
    desk.talk(console)
    token = console.evaluate("network.devices[0].token")
    console.evaluate("network.devices[0].fail(20104)")
    wait_until(lambda: console.evaluate("network.devices[0].token") != token)
    assert console.evaluate("network.fates(1)") == ["open"]
    console.locator("#end").click()
    expect_devices(console, ["destroyed", "registered"])


def test_at_the_start_tokens_are_asked_for_until_one_is_taken(desk: Desk) -> None:
    desk.at_first("refusals: 2")
    console = desk.open_connected()
    assert devices(console) == ["destroyed", "destroyed", "registered"]


def test_after_sleep_and_after_a_network_s_return_devices_are_new(console: Page) -> None:
    console.evaluate("dispatchEvent(new Event('online'))")
    expect_devices(console, ["destroyed", "registered"])
    console.evaluate("() => { const then = Date.now; Date.now = () => then() + 3_600_000; }")
    expect_devices(console, ["destroyed", "destroyed", "registered"])


def test_a_lost_connection_is_shown_with_since_when(console: Page) -> None:
    console.evaluate("network.isAway = true; network.devices[0].loseConnection()")
    expect_telephone(console, "connecting")
    pass_time(console, 10)
    expect_telephone(console, "lost")
    expect(console.locator("#telephone")).to_contain_text("Telephone not connected 0:1")
    expect_nothing_wrong(console)


def test_who_would_not_be_heard_takes_no_call(desk: Desk) -> None:
    desk.at_first("isAway: true")
    console = desk.open()
    call = desk.exchange.call_in(desk.line)
    expect(console.locator("#answer")).to_be_focused()
    console.keyboard.press("Enter")
    pass_time(console, 5)
    expect(console.get_by_text("The telephone is not connected: the caller could not hear you.")).to_be_visible()
    call.refresh_from_db()
    assert (call.state, desk.exchange.orders) == ("queued", [])
    console.evaluate("network.isAway = false; dispatchEvent(new Event('online'))")
    expect_telephone(console, "connected")
    console.locator("#answer").click()
    desk.connect(console, call, 1)


def test_the_newer_window_takes_the_telephone_over(desk: Desk, console: Page) -> None:
    call = desk.talk(console)
    newer = desk.open()
    expect(console.get_by_role("heading", name="Calls go to your other window")).to_be_visible()
    expect_devices(console, ["destroyed"])
    expect_fates(console, 1, ["disconnected"])
    desk.connect(newer, call, 2)
    expect_state(newer, "talking")


def test_a_window_that_does_not_know_yet_spoils_nothing_for_the_newer_one(desk: Desk, console: Page) -> None:
    console.route("**/console/**", lambda route: route.abort())
    desk.context.route("**/live/**", lambda route: route.abort())
    call = desk.exchange.call_in(desk.line)
    assert desk.ring(console, call, 1) == 1
    expect_fates(console, 1, ["ignored"])


def test_each_account_has_a_device_and_none_waits_for_another(desk: Desk) -> None:
    account = add_account()
    client = make_client("Baltė")
    line = give_number(make_line(client), "+37052000001", account)
    desk.house.house.agent.clearances.create(client=client)
    desk.at_first("refusals: 1")
    console = desk.open_connected()
    assert sorted(console.evaluate("network.devices.map((each) => [each.state, each.account])"))[1:] == [
        ["registered", OWN],
        ["registered", account.sid],
    ]
    console.evaluate("(sid) => { network.isAway = true; network.registered(sid)[0].loseConnection(); }", OWN)
    expect_telephone(console, "connecting")
    pass_time(console, 10)
    expect_telephone(console, "partly")
    expect(console.locator("#telephone")).to_contain_text("1 of 2 connected")
    desk.talk(console, line, account.sid)


def test_an_account_that_is_taken_away_goes_when_its_call_is_over(desk: Desk) -> None:
    account = add_account()
    give_number(make_line(desk.house.house.client), "+37067000002", account)
    console = desk.open_connected()
    desk.talk(console)
    give_number(desk.line, account=account)
    other = "network.registered(sid)[0]"
    token = console.evaluate(f"(sid) => {{ {other}.expire(); return {other}.token; }}", account.sid)
    wait_until(lambda: console.evaluate(f"(sid) => {other}.token", account.sid) != token)
    assert console.evaluate("network.fates(1)") == ["open"]
    console.locator("#end").click()
    expect_fates(console, 1, ["disconnected"])
    console.evaluate(f"(sid) => {other}.expire()", account.sid)
    wait_until(lambda: sorted(devices(console)) == ["destroyed", "registered"], 20)


def test_without_the_sdk_the_page_says_so_and_takes_no_such_call(desk: Desk, settings: Any) -> None:
    settings.STATICFILES_DIRS = [STATIC]
    console = desk.open()
    expect_telephone(console, "missing")
    expect(console.locator("[data-strip=telephone]")).to_be_visible()
    expect_nothing_wrong(console)
    desk.exchange.call_in(desk.line)
    console.locator("#answer").click()
    expect(console.locator("#messages")).to_contain_text("cannot be answered here")
    assert Call.objects.get().state == "queued"


def test_a_page_that_was_open_before_there_were_numbers_asks_to_be_reloaded(desk: Desk) -> None:
    desk.line.number = None
    desk.line.save()
    console = desk.open()
    give_number(desk.line)
    desk.exchange.call_in(desk.line)
    expect(console.locator("[data-strip=reload]")).to_be_visible()
    expect_nothing_wrong(console)
    console.locator("#answer").click()
    expect(console.locator("#messages")).to_contain_text("Reload this page")
    console.locator("[data-strip=reload] button").click()
    expect_telephone(console, "connected")
    console.locator("#answer").click()
    desk.exchange.awaits(1)


def test_an_sdk_that_does_not_load_is_asked_for_again(desk: Desk) -> None:
    desk.context.route("**/voice-sdk/**", lambda route: route.abort())
    console = desk.open()
    expect_telephone(console, "connecting")
    pass_time(console, 10)
    expect_telephone(console, "lost")
    desk.context.unroute("**/voice-sdk/**")
    pass_time(console, 15)
    expect_telephone(console, "connected")
