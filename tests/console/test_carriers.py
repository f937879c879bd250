"""What the console shows of a call depends on its carrier where it must, and only there."""

import pytest

from calls.carriers import registry
from calls.carriers.base import Capability
from calls.models import Call
from calls.services import claim_call
from calls.states import EventKind
from tests.cast import House, ring
from tests.console.accounts import OWN, add_account, give_number, set_own_account
from tests.console.conftest import Console
from tests.console.exchange import Exchange


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch, settings: object, house: House) -> Exchange:
    set_own_account(settings)
    give_number(house.line)
    exchange = Exchange(Capability.HOLD)
    monkeypatch.setitem(registry._carriers, exchange.name, exchange)
    return exchange


def talk(exchange: Exchange, house: House) -> Call:
    call = claim_call(exchange.call_in(house.line).pk, agent=house.agent)
    exchange.report(call, EventKind.AGENT_JOINED, call.generation)
    return call


def test_a_call_says_how_and_where_its_sound_comes(console: Console, house: House, exchange: Exchange) -> None:
    exchange.call_in(house.line)
    board = console.board()
    assert board.count('data-carrier="twilio"') == board.count(f'data-account="{OWN}"') == 3  # facts, list, button


def test_a_line_of_another_account_names_that_one(console: Console, house: House, exchange: Exchange) -> None:
    account = add_account()
    give_number(house.line, account=account)
    exchange.call_in(house.line, account=account.sid)
    assert f'data-account="{account.sid}"' in console.board()


def test_a_browser_call_names_no_account(console: Console, house: House, exchange: Exchange) -> None:
    ring(house.line)
    board = console.board()
    assert 'data-carrier="browser"' in board
    assert 'data-account=""' in board


def test_what_the_carrier_can_do_has_its_button(console: Console, house: House, exchange: Exchange) -> None:
    call = talk(exchange, house)
    assert 'id="hold"' in console.board()
    assert console.on(call, "hold").status_code == 200
    assert 'id="resume"' in console.board()


def test_what_the_carrier_cannot_do_is_not_shown(console: Console, house: House, exchange: Exchange) -> None:
    exchange.capabilities = frozenset()
    call = talk(exchange, house)
    board = console.board()
    assert 'id="hold"' not in board
    assert 'id="end"' in board
    assert console.on(call, "hold").json()["reason"] == "NotSupported"
