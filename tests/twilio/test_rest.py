"""Each method of the REST API against the stand-in: what is asked, and what is made of the answer."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from answering.twilio.accounts import Account
from answering.twilio.errors import NotFound, Refused
from answering.twilio.rest import Api, MessageRef
from tests.twilio.standin import Fault, StandIn
from tests.twilio.state import Subscriber

CONFERENCE = "0192f0c4-1111-7abc-8def-000000000001"
LINE, CALLER = "+37167000001", "+37126123456"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def api(account: Account) -> Api:
    return Api(account)


def add_agent(api: Api, *, conference: str = CONFERENCE, label: str = "claim-1-1") -> tuple[str, str]:
    added = api.add_participant(
        conference,
        to="client:user_1",
        caller_id=LINE,
        label=label,
        status_callback="https://alio.example/carriers/twilio/status?call=1",
        conference_callback="https://alio.example/carriers/twilio/conference",
    )
    return added.call_sid, added.conference_sid


def caller_waits(twilio: StandIn, subscriber: Subscriber) -> str:
    """A caller in the conference; gives the CallSid."""
    twilio.exchange.add_number(subscriber, LINE)
    call_sid = twilio.exchange.place_call(LINE, from_=CALLER).params["CallSid"]
    attributes = 'startConferenceOnEnter="false" endConferenceOnExit="true" participantLabel="caller"'
    document = f"<Response><Dial><Conference {attributes}>{CONFERENCE}</Conference></Dial></Response>"
    twilio.exchange.follow(call_sid, document)
    return call_sid


def test_an_agent_is_called_into_the_conference(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    call_sid, conference_sid = add_agent(api)

    (request,) = twilio.requests
    assert request.path == f"/2010-04-01/Accounts/{subscriber.sid}/Conferences/{CONFERENCE}/Participants.json"
    assert (request.user, request.word) == (subscriber.sid, subscriber.auth_token)
    assert request.form == {
        "From": [LINE],
        "To": ["client:user_1"],
        "Label": ["claim-1-1"],
        "Timeout": ["15"],
        "Beep": ["false"],
        "EarlyMedia": ["false"],
        "StartConferenceOnEnter": ["true"],
        "EndConferenceOnExit": ["false"],
        "StatusCallback": ["https://alio.example/carriers/twilio/status?call=1"],
        "StatusCallbackMethod": ["POST"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "ConferenceStatusCallback": ["https://alio.example/carriers/twilio/conference"],
        "ConferenceStatusCallbackMethod": ["POST"],
        "ConferenceStatusCallbackEvent": ["start", "end", "join", "leave"],
    }
    assert twilio.exchange.rooms[conference_sid].members[call_sid].label == "claim-1-1"


def test_a_conference_is_found_by_name_until_it_has_ended(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    assert api.find_conference(CONFERENCE) is None
    caller = caller_waits(twilio, subscriber)
    found = api.find_conference(CONFERENCE)
    assert found is not None
    assert add_agent(api, conference=found)[1] == found
    twilio.exchange.hang_up(caller)
    assert api.find_conference(CONFERENCE) is None


def test_a_participant_is_found_by_label_while_still_ringing(api: Api) -> None:
    call_sid, conference_sid = add_agent(api)
    found = api.find_participant(conference_sid, "claim-1-1")
    assert found is not None
    assert found.call_sid == call_sid
    assert api.find_participant(conference_sid, "claim-1-2") is None


def test_a_participant_is_put_on_hold_and_taken_back(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    caller = caller_waits(twilio, subscriber)
    _agent, conference_sid = add_agent(api)
    member = twilio.exchange.rooms[conference_sid].members[caller]
    api.hold_participant(conference_sid, caller, is_held=True)
    assert member.is_held
    api.hold_participant(conference_sid, caller, is_held=False)
    assert not member.is_held


def test_holding_somebody_who_has_left_says_so(api: Api, twilio: StandIn) -> None:
    call_sid, conference_sid = add_agent(api)
    twilio.exchange.hang_up(call_sid)
    with pytest.raises(NotFound):
        api.hold_participant(conference_sid, call_sid, is_held=True)


@pytest.mark.parametrize("is_by_label", [False, True], ids=["by SID", "by label"])
def test_removing_a_participant_tells_whether_they_were_there(api: Api, twilio: StandIn, is_by_label: bool) -> None:
    call_sid, conference_sid = add_agent(api)
    name = "claim-1-1" if is_by_label else call_sid
    assert api.remove_participant(conference_sid, name)
    assert twilio.exchange.calls[call_sid].is_over
    assert not api.remove_participant(conference_sid, name)


def test_a_call_is_moved_to_another_document(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    caller = caller_waits(twilio, subscriber)
    assert api.move_call(caller, twiml="<Response><Hangup/></Response>")
    assert twilio.exchange.calls[caller].moved_to == "<Response><Hangup/></Response>"


def test_ending_or_moving_a_call_that_is_over_says_so(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    caller = caller_waits(twilio, subscriber)
    assert api.end_call(caller)
    assert twilio.exchange.calls[caller].status == "completed"
    assert not api.end_call(caller)
    assert not api.move_call(caller, twiml="<Response><Hangup/></Response>")


def test_ending_a_call_that_twilio_does_not_know_is_nothing_to_do(api: Api) -> None:
    assert not api.end_call("CA" + "0" * 32)


def test_another_refusal_to_move_a_call_is_no_end_of_it(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    caller = caller_waits(twilio, subscriber)
    twilio.fail(Fault.status(400, 12100, "Document parse failure"))
    with pytest.raises(Refused) as caught:
        api.move_call(caller, twiml="<Response")
    assert caught.value.code == 12100


def test_a_call_is_told_with_its_times(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    caller = caller_waits(twilio, subscriber)
    facts = api.fetch_call(caller)
    assert (facts.status, facts.ended_at) == ("in-progress", None)
    assert facts.started_at == twilio.exchange.calls[caller].started_at
    twilio.exchange.hang_up(caller)
    facts = api.fetch_call(caller)
    assert (facts.status, facts.ended_at) == ("completed", twilio.exchange.calls[caller].ended_at)


def test_a_message_is_handed_over(api: Api, twilio: StandIn) -> None:
    callback = "https://alio.example/carriers/twilio/message"
    sent = api.send_message(sender=LINE, recipient=CALLER, body="Zvaniet, lūdzu!", status_callback=callback)
    (request,) = twilio.requests
    assert request.form == {"From": [LINE], "To": [CALLER], "Body": ["Zvaniet, lūdzu!"], "StatusCallback": [callback]}
    assert sent == MessageRef(twilio.exchange.texts[sent.sid].sid, "queued")


def test_a_message_is_found_by_its_text_and_time(api: Api, twilio: StandIn) -> None:
    def send(body: str, recipient: str = CALLER) -> str:
        return api.send_message(sender=LINE, recipient=recipient, body=body, status_callback="https://a.example/").sid

    def find(body: str, since: datetime = LONG_AGO, known: tuple[str, ...] = ()) -> str | None:
        found = api.find_message(sender=LINE, recipient=CALLER, body=body, since=since, known=known)
        return found.sid if found else None

    first, _other = send("one"), send("one", recipient="+37126999999")
    second = send("one")
    assert find("one") == first
    assert find("one", known=(first,)) == second
    assert find("one", known=(first, second)) is None
    assert find("two") is None
    assert find("one", since=datetime.now(UTC) + timedelta(minutes=1)) is None


def test_a_trial_accounts_own_words_do_not_hide_a_message(api: Api, twilio: StandIn) -> None:
    sent = api.send_message(sender=LINE, recipient=CALLER, body="Call back", status_callback="https://a.example/")
    twilio.exchange.texts[sent.sid].body = "Sent from your Twilio trial account - Call back"
    assert api.find_message(sender=LINE, recipient=CALLER, body="Call back", since=LONG_AGO) is not None


def test_a_message_is_looked_for_past_the_first_page(api: Api, twilio: StandIn) -> None:
    first = api.send_message(sender=LINE, recipient=CALLER, body="first", status_callback="https://a.example/")
    for number in range(60):
        api.send_message(sender=LINE, recipient=CALLER, body=f"later {number}", status_callback="https://a.example/")
    found = api.find_message(sender=LINE, recipient=CALLER, body="first", since=LONG_AGO)
    assert found == MessageRef(first.sid, "queued")
    assert len(twilio.received("GET")) == 2


def test_all_numbers_of_the_account_are_listed(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    for number in range(1, 1004):
        twilio.exchange.add_number(subscriber, f"+371670{number:05d}", voice_url=f"https://alio.example/{number}")
    twilio.exchange.add_number(twilio.exchange.add_account(), "+37169999999")
    numbers = api.phone_numbers()
    assert len({each.number for each in numbers}) == 1003
    assert (numbers[0].voice_url, numbers[0].voice_method) == ("https://alio.example/1", "POST")
    assert numbers[0].trunk_sid == numbers[0].sms_url == ""
    assert len(twilio.requests) == 3


def test_the_accounts_status_and_application_are_told(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    application = twilio.exchange.add_application(subscriber, "Browser calls", "https://alio.example/out")
    found = api.application(application.sid)
    assert (found.name, found.voice_url) == ("Browser calls", "https://alio.example/out")
    with pytest.raises(NotFound):
        api.application("AP" + "0" * 32)
    assert api.account_status() == "active"
    subscriber.status = "suspended"
    assert api.account_status() == "suspended"


def test_a_request_can_be_signed_with_the_key(account: Account, twilio: StandIn, subscriber: Subscriber) -> None:
    Api(account, with_key=True).phone_numbers()
    assert (twilio.requests[0].user, twilio.requests[0].word) == (subscriber.api_key, subscriber.api_secret)


def test_a_next_page_on_another_host_is_asked_of_our_own(
    api: Api, twilio: StandIn, subscriber: Subscriber, settings: Settings
) -> None:
    """Credentials go to TWILIO_API_BASE and nowhere else, whatever an answer says."""
    elsewhere = {"meta": {"key": "incoming_phone_numbers", "next_page_url": "http://evil.example/2010-04-01/next"}}
    twilio.fail(Fault.other_json(elsewhere | {"incoming_phone_numbers": []}))
    with pytest.raises(NotFound):
        api.phone_numbers()
    assert [each.path for each in twilio.requests][1] == "/2010-04-01/next"
