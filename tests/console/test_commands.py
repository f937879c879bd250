from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings

from answering.accounts.models import Presence
from answering.push.tickets import read_ticket
from calls.models import Call, CallLeg, CallOffer
from calls.services import answer_media, caller_hung_up, claim_call
from calls.states import CallState
from tests.cast import House, make_agent, ring, talk
from tests.console.conftest import Console, open_console_of

VERBS = ("claim", "decline", "hold", "resume", "end", "close", "rejoin", "leaving", "draft", "message")


@pytest.fixture
def talking(console: Console, house: House) -> Call:
    return talk(ring(house.line), house.agent)


def test_a_call_goes_from_claim_to_close(console: Console, house: House) -> None:
    call = ring(house.line)
    claimed = console.on(call, "claim").json()
    assert claimed == {"call": str(call.public_id), "state": "connecting", "generation": 1}
    talk_states = [CallState.HELD, CallState.TALKING, CallState.WRAP_UP, CallState.CLOSED]
    heartbeat(console, call, 1, 40)
    hear_caller(call)
    heartbeat(console, call, 1, 60)
    states = [console.on(call, verb).json()["state"] for verb in ("hold", "resume", "end")]
    states.append(console.on(call, "close", disposition="informed").json()["state"])
    assert states == talk_states
    call.refresh_from_db()
    assert call.disposition == "informed"


def heartbeat(console: Console, call: Call, generation: int, packets: int) -> dict[str, object]:
    beat = {"console_id": console.console_id, "call": call.public_id, "generation": generation, "packets": packets}
    answer = console.post("heartbeat", beat)
    assert answer.status_code == 200
    return dict(answer.json())


def hear_caller(call: Call) -> None:
    CallLeg.objects.filter(call=call, party="caller").update(generation=1, packets_received=30)


def test_a_heartbeat_reports_sound_and_learns_where_the_call_stands(console: Console, house: House) -> None:
    call = ring(house.line)
    console.on(call, "claim")
    hear_caller(call)
    assert heartbeat(console, call, 1, 0)["state"] == "connecting"
    assert heartbeat(console, call, 1, 25) == {"ok": True, "state": "talking", "generation": 1}


def test_a_heartbeat_on_sound_that_was_never_made_changes_nothing(console: Console, talking: Call) -> None:
    heartbeat(console, talking, 99, 1000)
    assert CallLeg.objects.get(call=talking, party="agent").generation == talking.generation


def test_a_heartbeat_without_a_call_keeps_the_agent_heard(console: Console, house: House) -> None:
    before = house.agent.heartbeat_at
    assert console.post("heartbeat", {"console_id": console.console_id}).json() == {"ok": True}
    house.agent.refresh_from_db()
    assert before is not None
    assert house.agent.heartbeat_at is not None
    assert house.agent.heartbeat_at > before


@pytest.mark.parametrize("field", ["console_id", "call", "generation", "packets"])
def test_a_malformed_heartbeat_is_refused(console: Console, field: str) -> None:
    beat = {"console_id": console.console_id, field: "-1e9"}
    assert console.post("heartbeat", beat).status_code == 422


def refusals(console: Console, call: Call) -> dict[str, tuple[int, str]]:
    console.on(call, "claim")
    found = {}
    for verb in ("hold", "end", "close", "rejoin"):
        answer = console.on(call, verb, disposition="message")
        found[verb] = (answer.status_code, answer.json()["reason"])
    return found


def test_who_was_second_is_told_so(console: Console, house: House) -> None:
    call = ring(house.line)
    colleague = make_agent("Ilze Krūma", clients=(house.client,))
    claim_call(call.pk, agent=colleague)
    answer = console.on(call, "claim")
    assert (answer.status_code, answer.json()) == (
        409,
        {"error": "Another agent was first.", "reason": "CallTaken"},
    )
    assert set(refusals(console, call).values()) == {(409, "NotYourCall")}


def test_a_caller_who_hung_up_meanwhile_is_gone(console: Console, house: House) -> None:
    call = ring(house.line)
    caller_hung_up(call, key="x", ago=timedelta(0))
    assert console.on(call, "claim").json()["reason"] == "CallGone"


def test_one_call_at_a_time(console: Console, house: House, talking: Call) -> None:
    second = ring(house.line, number="+37126999999")
    assert console.on(second, "claim").json()["reason"] == "AgentBusy"


def test_what_the_state_does_not_allow_is_refused_in_the_agent_s_language(console: Console, talking: Call) -> None:
    answer = console.on(talking, "resume")
    assert (answer.status_code, answer.json()["reason"]) == (409, "WrongState")
    assert console.on(talking, "close", disposition="message").json()["reason"] == "WrongState"


@pytest.mark.parametrize("disposition", ["", "none", "nonsense"])
def test_an_unknown_result_is_refused(console: Console, talking: Call, disposition: str) -> None:
    console.on(talking, "end")
    assert console.on(talking, "close", disposition=disposition).status_code == 422


@pytest.mark.parametrize("disposition", ["wrong_number", "spam"])
def test_wrong_numbers_and_spam_end_and_close_in_one_step(console: Console, talking: Call, disposition: str) -> None:
    assert console.on(talking, "close", disposition=disposition).json()["state"] == "closed"
    talking.refresh_from_db()
    assert (talking.outcome, talking.disposition) == ("answered", disposition)


def test_spam_before_anybody_was_heard_ends_the_call(console: Console, house: House) -> None:
    call = ring(house.line)
    console.on(call, "claim")
    assert console.on(call, "close", disposition="spam").json()["state"] == "closed"


def test_passing_a_call_on_offers_it_to_the_next(console: Console, house: House) -> None:
    call = ring(house.line)
    make_agent("Ilze Krūma", clients=(house.client,))
    assert console.on(call, "decline").status_code == 200
    outcomes = dict(CallOffer.objects.values_list("agent__user__full_name", "outcome"))
    assert outcomes == {"Nora Kalna": "declined", "Ilze Krūma": "open"}


def test_a_reload_renews_the_sound_under_a_new_generation(console: Console, talking: Call) -> None:
    assert console.on(talking, "leaving").status_code == 204
    assert CallLeg.objects.get(call=talking, party="agent").leaving_at is not None
    renewed = console.on(talking, "rejoin").json()
    assert renewed == {"call": str(talking.public_id), "state": "connecting", "generation": 2}


def test_a_farewell_says_by_a_field_which_window_goes(console: Console, talking: Call) -> None:
    path = f"/console/calls/{talking.public_id}/leaving"
    assert console.http.post(path, {"console_id": str(console.console_id)}).status_code == 204
    assert console.http.post(path, {"console_id": "another"}).status_code == 409


@pytest.mark.parametrize("verb", VERBS)
def test_an_agent_not_cleared_for_the_client_finds_nothing(house: House, verb: str) -> None:
    call = ring(house.line)
    stranger = open_console_of(make_agent("Svešais Aģents"))
    assert stranger.on(call, verb).status_code == 404
    assert stranger.on(call, "media/1/offer", sdp="v=0").status_code == 404
    assert stranger.get(f"calls/{call.public_id}/media/1/answer").status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_commands_are_posted_with_the_page_s_token(console: Console, talking: Call, verb: str) -> None:
    path = f"/console/calls/{talking.public_id}/{verb}"
    assert console.http.get(path).status_code == 405
    console.http.handler.enforce_csrf_checks = True
    assert console.on(talking, verb).status_code == 403


class TestTwoWindows:
    @pytest.fixture
    def newer(self, console: Console, house: House) -> Console:
        return open_console_of(house.agent)

    @pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "draft"])
    def test_the_older_one_may_command_nothing(self, console: Console, newer: Console, house: House, verb: str) -> None:
        call = talk(ring(house.line), house.agent)
        answer = console.on(call, verb, disposition="spam")
        assert (answer.status_code, answer.json()["reason"]) == (409, "ConsoleReplaced")

    def test_the_older_one_learns_of_it_by_heartbeat_and_board(self, console: Console, newer: Console) -> None:
        answer = console.post("heartbeat", {"console_id": console.console_id})
        assert (answer.status_code, answer.json()["reason"]) == (409, "ConsoleReplaced")
        assert "data-replaced" in console.board()
        assert "data-replaced" not in newer.board()

    def test_the_older_one_takes_over_again_when_it_is_used(self, console: Console, newer: Console) -> None:
        console.open()
        assert console.post("heartbeat", {"console_id": console.console_id}).status_code == 200
        assert newer.post("heartbeat", {"console_id": newer.console_id}).status_code == 409


class TestPresence:
    @pytest.mark.parametrize("presence", Presence.values)
    def test_the_agent_chooses(self, console: Console, house: House, presence: str) -> None:
        assert console.post("presence", {"presence": presence}).json() == {"presence": presence}
        house.agent.refresh_from_db()
        assert house.agent.presence == presence

    def test_becoming_available_brings_what_waits(self, console: Console, house: House) -> None:
        console.post("presence", {"presence": "break"})
        call = ring(house.line)
        assert not CallOffer.objects.filter(call=call).exists()
        console.post("presence", {"presence": "available"})
        assert 'data-kind="incoming"' in console.board()

    def test_anything_else_is_refused(self, console: Console) -> None:
        assert console.post("presence", {"presence": "asleep"}).status_code == 422

    def test_a_window_without_a_name_holds_nobody(self, console: Console) -> None:
        assert console.http.post("/console/open").status_code == 422


def ticket_channels(console: Console) -> Callable[[], list[str]]:
    def read() -> list[str]:
        query = parse_qs(urlsplit(console.post("ticket").json()["url"]).query)
        return list(read_ticket(query["ticket"][0], secret=settings.SECRET_KEY, now=datetime.now(UTC)))

    return read


def test_the_stream_carries_what_concerns_this_agent_and_no_more(console: Console, house: House) -> None:
    channels = ticket_channels(console)
    assert channels() == [f"agent:{house.agent.pk}", "agents"]
    call = talk(ring(house.line), house.agent)
    assert channels() == [f"agent:{house.agent.pk}", "agents", f"call:{call.public_id}"]


class TestMedia:
    def test_offer_and_answer_pass_through(self, console: Console, talking: Call) -> None:
        path = f"media/{talking.generation}"
        assert console.on(talking, f"{path}/offer", sdp="v=0\r\n").status_code == 204
        address = f"calls/{talking.public_id}/{path}/answer"
        assert console.get(address).status_code == 204
        answer_media(talking, generation=talking.generation, sdp="v=0\r\na=answer\r\n")
        assert console.get(address).json() == {"sdp": "v=0\r\na=answer\r\n"}

    def test_an_outdated_generation_is_refused(self, console: Console, talking: Call) -> None:
        console.on(talking, "rejoin")
        assert console.on(talking, f"media/{talking.generation}/offer", sdp="v=0").json()["reason"] == "WrongState"
        assert console.get(f"calls/{talking.public_id}/media/77/answer").status_code == 404

    @pytest.mark.parametrize("sdp", ["", "hello", "v=0" + "x" * 100_000])
    def test_what_is_no_description_is_refused(self, console: Console, talking: Call, sdp: str) -> None:
        assert console.on(talking, f"media/{talking.generation}/offer", sdp=sdp).status_code == 422

    def test_a_colleague_neither_offers_nor_reads(self, console: Console, house: House, talking: Call) -> None:
        colleague = open_console_of(make_agent("Ilze Krūma", clients=(house.client,)))
        path = f"media/{talking.generation}"
        assert colleague.on(talking, f"{path}/offer", sdp="v=0").json()["reason"] == "NotYourCall"
        assert colleague.get(f"calls/{talking.public_id}/{path}/answer").json()["reason"] == "NotYourCall"
