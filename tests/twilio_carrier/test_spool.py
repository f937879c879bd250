"""The database is away: callers hear an apology, and nothing that Twilio told is lost."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from calls.carriers.base import InboundCall
from calls.carriers.twilio import budget, intake, reception, reports, views
from calls.carriers.twilio.intake import take_in_kept
from calls.models import Call
from calls.services import claim_call, receive_call
from calls.states import CallOutcome, CallState
from inquiries.models import Inquiry
from inquiries.services import request_missing_call_backs
from tests.cast import House
from tests.twilio.grammar import assert_valid_twiml
from tests.twilio.state import Subscriber, new_sid
from tests.twilio_carrier import payloads
from tests.twilio_carrier.telephone import post
from tests.twilio_carrier.test_webhooks import further_account
from tests.waiting import wait_until

VOICE, STATUS = "/carriers/twilio/voice", "/carriers/twilio/status"


def away(*args: object) -> Any:
    raise OperationalError("connection refused")


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(reception, "receive_call", away)
    monkeypatch.setattr(views, "take_in", away)
    return monkeypatch


def test_a_caller_hears_an_apology_and_is_called_back(
    client: Client, numbered: House, subscriber: Subscriber, spool: Path, database_away: pytest.MonkeyPatch
) -> None:
    sid = new_sid("CA")
    answer = post(client, subscriber, VOICE, payloads.voice(sid))
    assert answer.status_code == 200
    assert_valid_twiml(answer.content.decode())
    assert "lv-LV" in answer.content.decode()
    assert len(list(spool.iterdir())) == 1
    database_away.undo()

    assert take_in_kept() == 1
    call = Call.objects.get(carrier_call=sid)
    assert (call.outcome, call.state, call.total_seconds) == (CallOutcome.FAILED, CallState.CLOSED, 0)
    request_missing_call_backs()
    assert Inquiry.objects.get(call=call).caller_number == payloads.CALLER
    assert (take_in_kept(), list(spool.iterdir())) == (0, [])


def test_an_end_that_came_meanwhile_is_taken_in(
    client: Client, numbered: House, subscriber: Subscriber, database_away: pytest.MonkeyPatch
) -> None:
    database_away.setattr(reception, "receive_call", receive_call)
    params = payloads.voice()
    post(client, subscriber, VOICE, params)
    at = "Tue, 24 Nov 2026 10:00:00 +0000"
    assert post(client, subscriber, STATUS, payloads.over(params["CallSid"], at)).status_code == 204
    database_away.undo()
    assert Call.objects.get().state == CallState.QUEUED
    take_in_kept()
    assert Call.objects.get().outcome == CallOutcome.ABANDONED


def test_a_database_that_hangs_keeps_nobody_waiting_once_it_is_known_to(
    client: Client, numbered: House, subscriber: Subscriber, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some wait for it in vain, then one at a time tries and whoever calls meanwhile hears the apology at once."""
    is_back, asked = threading.Event(), list[InboundCall]()
    is_back.set()

    def hang(inbound: InboundCall) -> Any:
        asked.append(inbound)
        is_back.wait(60)
        return away()

    def call() -> Any:
        return post(client, subscriber, VOICE, payloads.voice()).content.decode()

    monkeypatch.setattr(budget, "_patience", budget._Patience())
    monkeypatch.setattr(budget, "IN_VAIN_SECONDS", 0)
    monkeypatch.setattr(budget, "FORGET_SECONDS", 600)
    monkeypatch.setattr(reception, "receive_call", hang)
    with ThreadPoolExecutor(1) as another:
        try:
            assert all("lv-LV" in call() for _caller in range(budget.TIMES_IN_VAIN))
            is_back.clear()
            trying = another.submit(call)
            wait_until(lambda: len(asked) == budget.TIMES_IN_VAIN + 1, 20)
            assert "lv-LV" in call()
            assert not trying.done()
        finally:
            is_back.set()
        assert "lv-LV" in trying.result(20)
    assert (len(asked), len(list(spool.iterdir()))) == (budget.TIMES_IN_VAIN + 1, budget.TIMES_IN_VAIN + 2)
    monkeypatch.setattr(reception, "receive_call", lambda inbound: 1 / 0)
    assert "lv-LV" in call()
    assert budget._patience.is_over()


def test_an_account_that_the_process_keeps_is_no_answer_of_the_database(
    client: Client, numbered: House, spool: Path, database_away: pytest.MonkeyPatch
) -> None:
    """Else whoever comes from a further account would be waited for in vain again and again; nor is it turned away."""
    _row, theirs = further_account()
    database_away.setattr(budget, "_patience", budget._Patience())
    database_away.setattr(budget, "IN_VAIN_SECONDS", 0)
    database_away.setattr(budget, "FORGET_SECONDS", 600)
    for _caller in range(budget.TIMES_IN_VAIN + 1):
        assert post(client, theirs, VOICE, payloads.voice()).status_code == 200
    assert budget._patience.is_over()
    assert len(list(spool.iterdir())) == budget.TIMES_IN_VAIN + 1


def test_any_other_fault_of_ours_is_an_apology_too(
    client: Client, numbered: House, subscriber: Subscriber, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "twiml_of", lambda *args, **kwargs: 1 / 0)
    answer = post(client, subscriber, VOICE, payloads.voice())
    assert answer.status_code == 200
    assert len(list(spool.iterdir())) == 1


def test_without_a_disk_the_caller_is_asked_to_call_again(
    client: Client,
    numbered: House,
    subscriber: Subscriber,
    settings: Any,
    tmp_path: Path,
    database_away: pytest.MonkeyPatch,
) -> None:
    settings.SPOOL_DIR = tmp_path / "a file"
    settings.SPOOL_DIR.write_text("")
    answer = post(client, subscriber, VOICE, payloads.voice())
    assert answer.status_code == 200
    assert_valid_twiml(answer.content.decode())
    assert post(client, subscriber, STATUS, payloads.over(new_sid("CA"), "")).status_code == 503


def test_while_the_database_stays_away_all_stays_kept(
    client: Client, numbered: House, subscriber: Subscriber, spool: Path, database_away: pytest.MonkeyPatch
) -> None:
    post(client, subscriber, VOICE, payloads.voice())
    database_away.setattr(intake, "receive_failed_call", away)
    with pytest.raises(OperationalError):
        take_in_kept()
    assert len(list(spool.iterdir())) == 1


def test_a_call_that_was_written_down_too_late_for_its_caller_has_failed(
    client: Client, numbered: House, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database answered after the apology: what it wrote is a waiting call of which the caller knows nothing."""
    monkeypatch.setattr(reception, "twiml_of", lambda *args, **kwargs: away())
    sid = new_sid("CA")
    post(client, subscriber, VOICE, payloads.voice(sid))
    call = claim_call(Call.objects.get(carrier_call=sid).pk, agent=numbered.agent)
    assert take_in_kept() == 1
    call.refresh_from_db()
    assert (call.outcome, call.agent, call.total_seconds) == (CallOutcome.FAILED, None, 0)
    assert call.orders.filter(order="hang_up_agent", generation=1).exists()
    request_missing_call_backs()
    assert Inquiry.objects.filter(call=call).count() == 1


def test_an_arrival_that_is_told_again_and_served_is_not_failed_later(
    client: Client, numbered: House, subscriber: Subscriber, spool: Path, database_away: pytest.MonkeyPatch
) -> None:
    sid = new_sid("CA")
    post(client, subscriber, VOICE, payloads.voice(sid))
    database_away.undo()
    post(client, subscriber, VOICE, payloads.voice(sid))
    assert (take_in_kept(), list(spool.iterdir())) == (0, [])
    assert Call.objects.get(carrier_call=sid).state == CallState.QUEUED


def test_an_arrival_that_is_told_again_after_its_call_has_failed_hears_an_apology(
    client: Client, numbered: House, subscriber: Subscriber, database_away: pytest.MonkeyPatch
) -> None:
    sid = new_sid("CA")
    post(client, subscriber, VOICE, payloads.voice(sid))
    database_away.undo()
    take_in_kept()
    answer = post(client, subscriber, VOICE, payloads.voice(sid)).content.decode()
    assert "<Conference" not in answer
    assert "<Say" in answer


def test_what_the_code_of_today_cannot_take_in_is_kept_for_that_of_tomorrow(
    client: Client, numbered: House, subscriber: Subscriber, spool: Path, database_away: pytest.MonkeyPatch
) -> None:
    post(client, subscriber, VOICE, payloads.voice())
    post(client, subscriber, VOICE, payloads.voice())
    database_away.undo()
    database_away.setattr(intake, "receive_failed_call", lambda inbound: 1 / 0)
    assert take_in_kept() == 0
    assert len(list(spool.glob("*.json"))) == 2
    database_away.undo()
    database_away.setattr(intake, "_not_before", {})
    assert take_in_kept() == 2


def test_what_cannot_be_taken_in_is_put_aside_and_the_rest_goes_on(
    client: Client, numbered: House, subscriber: Subscriber, spool: Path, database_away: pytest.MonkeyPatch
) -> None:
    spool.mkdir()
    (spool / "0.json").write_text("{half")
    (spool / "1.json").write_text(json.dumps({"kind": "voice", "params": []}))
    post(client, subscriber, VOICE, payloads.voice(To="+37060000000"))
    post(client, subscriber, VOICE, payloads.voice())
    database_away.undo()
    assert take_in_kept() == 1
    assert [path.suffix for path in sorted(spool.iterdir())] == [".unreadable"] * 3


def test_only_we_can_read_what_is_kept(
    client: Client, numbered: House, subscriber: Subscriber, spool: Path, database_away: pytest.MonkeyPatch
) -> None:
    post(client, subscriber, VOICE, payloads.voice())
    (kept,) = spool.iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_all_kinds_of_reports_can_be_taken_in() -> None:
    assert set(reports.HANDLERS) == {"status", "conference", "recording", "message"}
