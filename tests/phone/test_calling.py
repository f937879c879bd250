import uuid

import pytest
from django.conf import LazySettings
from django.db import transaction

from calls.models import BrowserCall, Call, Caller, CallLeg, CallOffer, MediaExchange, Party
from calls.services import claim_call, end_call, hold_call, note_heartbeat, offer_media
from calls.states import CallState
from tests.cast import House, make_line
from tests.phone.caller import SDP, CallersPage, new_key


@pytest.fixture
def page(house: House) -> CallersPage:
    return CallersPage(house.line.slug)


def test_a_press_of_the_button_makes_a_call_that_is_offered_at_once(house: House, page: CallersPage) -> None:
    page.dial(name="Jānis", number="26123456")
    assert page.status == 201
    assert (page.said["state"], page.said["generation"], page.said["has_offer"]) == ("queued", 0, False)
    assert page.said["number"] == "+371 26 123 456"
    call = page.row
    assert (call.caller_name, call.caller_number, call.carrier) == ("Jānis", "+37126123456", "browser")
    assert CallOffer.objects.get(call=call).agent == house.agent
    assert CallLeg.objects.get(call=call).party == Party.CALLER
    assert page.token not in BrowserCall.objects.get(call=call).token_hash


def test_the_call_its_leg_and_its_offer_are_one_transaction(
    house: House, page: CallersPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**fields: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(CallLeg.objects, "create", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        page.dial()
    assert not Call.objects.exists()
    assert not CallOffer.objects.exists()


def test_a_repeated_press_gives_the_same_call_and_token(page: CallersPage) -> None:
    key = new_key()
    first = page.dial(key).said
    again = page.dial(key).said
    assert (again["call"], again["token"]) == (first["call"], first["token"])
    assert Call.objects.count() == 1


def test_the_same_key_on_another_line_is_another_call(house: House, page: CallersPage) -> None:
    key = new_key()
    first = page.dial(key).said
    other = CallersPage(make_line(house.client).slug).dial(key).said
    assert first["token"] != other["token"]
    assert Call.objects.count() == 2


def test_both_pages_exchange_descriptions_and_talk_begins_once_both_hear(house: House, page: CallersPage) -> None:
    page.dial()
    call = claim_call(page.row.pk, agent=house.agent)
    offer_media(call, generation=1, sdp=SDP)
    assert page.ask().said["has_offer"] is True
    assert page.said["agent"] == "Nora"
    assert page.ask("media/1/").said == {"generation": 1, "sdp": SDP}
    assert page.tell("media/1/answer", {"sdp": SDP}).status == 200
    assert MediaExchange.objects.get().answer_sdp == SDP
    note_heartbeat(call, party=Party.AGENT, generation=1, packets_received=10)
    assert page.beat(generation=1, packets=0).said["state"] == "connecting"
    assert page.beat(generation=1, packets=7).said["state"] == "talking"
    hold_call(call.pk, agent=house.agent)
    assert page.ask().said["state"] == "held"
    end_call(call.pk, agent=house.agent)
    assert (page.ask().said["state"], page.said["outcome"]) == ("closed", "answered")


def test_the_first_answer_stands(house: House, page: CallersPage) -> None:
    page.dial()
    offer_media(claim_call(page.row.pk, agent=house.agent), generation=1, sdp=SDP)
    page.tell("media/1/answer", {"sdp": SDP})
    assert page.tell("media/1/answer", {"sdp": SDP + "a=second\r\n"}).status == 200
    assert MediaExchange.objects.get().answer_sdp == SDP


def test_an_answer_of_an_older_generation_is_refused(house: House, page: CallersPage) -> None:
    page.dial()
    call = claim_call(page.row.pk, agent=house.agent)
    offer_media(call, generation=1, sdp=SDP)
    assert page.tell("rejoin").said["generation"] == 2
    assert page.tell("media/1/answer", {"sdp": SDP}).status == 409
    assert page.ask("media/1/").status == 409
    assert MediaExchange.objects.get().answer_sdp == ""


def test_an_answer_before_any_offer_is_refused(house: House, page: CallersPage) -> None:
    page.dial()
    assert page.tell("media/1/answer", {"sdp": SDP}).status == 409
    assert page.ask("media/1/").status == 404
    assert not MediaExchange.objects.exists()


def test_a_heartbeat_of_an_older_generation_keeps_the_newer_evidence(house: House, page: CallersPage) -> None:
    page.dial()
    claim_call(page.row.pk, agent=house.agent)
    page.tell("rejoin")
    page.beat(generation=2, packets=40)
    assert page.beat(generation=1, packets=900).status == 200
    leg = CallLeg.objects.get(party=Party.CALLER)
    assert (leg.generation, leg.packets_received) == (2, 40)


def test_a_heartbeat_ahead_of_its_call_is_refused(page: CallersPage) -> None:
    page.dial()
    assert page.beat(generation=5, packets=1).status == 400
    assert CallLeg.objects.get().generation == 0


def test_a_reload_while_waiting_keeps_the_place(page: CallersPage) -> None:
    page.dial()
    page.tell("leaving", {"token": page.token})
    assert CallLeg.objects.get().leaving_at is not None
    assert page.tell("rejoin").said["state"] == "queued"
    assert CallLeg.objects.get().leaving_at is None


def test_a_page_that_goes_says_so_by_its_token_alone(page: CallersPage) -> None:
    page.dial()
    page.token, token = "", page.token
    assert page.tell("leaving", {"token": "0" * 64}).status == 404
    assert CallLeg.objects.get().leaving_at is None
    assert page.tell("leaving", {"token": token}).status == 204
    assert CallLeg.objects.get().leaving_at is not None


def test_hanging_up_while_waiting_is_an_abandoned_call(page: CallersPage) -> None:
    page.dial()
    key = new_key()
    for _repeat in range(2):
        page.tell("hang-up", {"key": key, "ago_ms": 0})
        assert (page.status, page.said["outcome"]) == (200, "abandoned")
    assert page.row.events.filter(kind="caller_left").count() == 1


def test_details_left_after_a_lost_call_are_kept(page: CallersPage) -> None:
    page.dial()
    page.tell("hang-up", {"key": new_key(), "ago_ms": 0})
    assert page.tell("details", {"name": "Ilga", "number": ""}).status == 400
    assert page.tell("details", {"name": "Ilga", "number": "+371 67 000 000"}).said["number"] == "+371 67 000 000"
    assert (page.row.caller_name, page.row.caller_number) == ("Ilga", "+37167000000")


def test_the_ticket_is_for_this_call_only(page: CallersPage, settings: LazySettings) -> None:
    page.dial()
    url = page.tell("ticket").said["url"]
    assert url.startswith(settings.LIVE_URL + "?ticket=")
    # The payload of a ticket is readable: base64 of its channels.
    from base64 import urlsafe_b64decode  # noqa: PLC0415

    payload = url.split("ticket=")[1].split(".")[0]
    assert f'"c":["call:{page.call}"]'.encode() in urlsafe_b64decode(payload + "==")


def test_a_blocked_caller_gets_a_neutral_answer(house: House, page: CallersPage) -> None:
    Caller.objects.create(client=house.client, number="+37126123456", is_blocked=True)
    page.dial(number="+37126123456")
    assert (page.status, page.said["state"], page.said["outcome"]) == (201, "closed", "failed")
    assert page.row.state == CallState.CLOSED
    assert page.row.outcome == "blocked"
    assert not CallOffer.objects.exists()


def test_a_forged_token_is_not_found(page: CallersPage) -> None:
    page.dial()
    real, page.token = page.token, "f" * 64
    for what in ("", "media/1/"):
        assert page.ask(what).status == 404
    for what in ("heartbeat", "hang-up", "rejoin", "details", "ticket", "media/1/answer"):
        assert page.tell(what).status == 404
    assert page.row.state == CallState.QUEUED
    page.token, page.call = real, str(uuid.uuid4())
    assert page.ask().status == 404


def test_a_token_of_another_call_is_not_found(house: House, page: CallersPage) -> None:
    page.dial()
    other = CallersPage(house.line.slug).dial()
    other.call = page.call
    assert other.ask().status == 404
