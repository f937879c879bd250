"""The soak's checks can fail: each finds the damage that it is there for."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from django.db.models import F

from answering.outbox.models import Delivery, DeliveryState
from answering.twilio.twiml import queue_twiml
from bench.soak.books import check_books, left_to_do
from bench.soak.checks import Check
from bench.soak.faults import Blow
from bench.soak.house import House as SoakHouse
from bench.soak.letters import check_letters
from bench.soak.log import check_log
from bench.soak.network import Network
from bench.soak.pulses import Pulses
from bench.soak.records import AgentRecord, CallerRecord, DraftRecord, MessageRecord, Records
from bench.soak.tally import Fate, Tally
from bench.soak.witnesses import check_witnesses
from billing.services import rate_call
from calls.carriers.base import CallProgress
from calls.models import Call, CallOffer, CarrierOrder, Order
from calls.services import record_progress
from inquiries.models import Inquiry
from inquiries.services import request_call_back, save_draft, take_message
from tests.billing.stories import make_call
from tests.cast import House, ring, talk
from tests.inquiries.stories import fields, lose_a_call


def broken(checks: list[Check]) -> list[str]:
    """The promises that are broken."""
    return [check.promise for check in checks if check.broken]


# -- the books against themselves ------------------------------------------------------------


@pytest.fixture
def true_books(house: House) -> House:
    """An answered call and a lost one, with all that follows from them."""
    lost = lose_a_call(house)
    request_call_back(lost.pk)
    for call in (make_call(house), lost):
        rate_call(call.pk)
    return house


def test_true_books_break_no_promise(true_books: House) -> None:
    checks = check_books()
    assert broken(checks) == []
    *of_calls, of_orders = (check.looked_at for check in checks)
    assert (of_calls, of_orders) == ([2] * (len(checks) - 1), 0)
    assert left_to_do() == {}


def forget_the_call_back(house: House) -> None:
    Inquiry.objects.all().delete()


def change_a_column(house: House) -> None:
    Call.objects.filter(talk_seconds__gt=0).update(
        talk_seconds=F("talk_seconds") + 1, connect_seconds=F("connect_seconds") - 1
    )


def leave_an_offer(house: House) -> None:
    CallOffer.objects.create(call=Call.objects.all()[0], agent=house.agent)


def change_the_ledger(house: House) -> None:
    Call.objects.filter(outcome="answered").update(ledger_version=F("ledger_version") + 1)


def leave_a_call_open(house: House) -> None:
    call = make_call(house, wrap_up=None)
    Call.objects.filter(pk=call.pk).update(next_action_at=None)


def leave_an_order(house: House) -> None:
    CarrierOrder.objects.create(call=Call.objects.all()[0], order=Order.END, generation=1)


PRICED = "a call has one usage record for each version that was priced, the last one in force"


@pytest.mark.parametrize(
    ("damage", "promises"),
    [
        (forget_the_call_back, ["a lost call has exactly one call-back, any other none"]),
        (change_a_column, ["the columns of a call are what its ledger says"]),
        (leave_an_offer, ["no offer is left open, no timer set"]),
        (leave_an_order, ["no order to a network is left open or given up"]),
        (change_the_ledger, [PRICED]),
        (leave_a_call_open, ["every call has come to its end and is closed", PRICED]),
    ],
)
def test_each_damage_breaks_its_promise(
    true_books: House, damage: Callable[[House], None], promises: list[str]
) -> None:
    damage(true_books)
    assert broken(check_books()) == promises


# -- the books against the people ------------------------------------------------------------

TOO_LONG = "no call goes on after its caller was gone"
CUT_SHORT = "no call ends before the caller was last known to be there"


@pytest.fixture
def call(house: House) -> Call:
    """A call that ended two hours ago, after 74 s."""
    return make_call(house)


def witness(call: Call, **known: float) -> Records:
    """One caller, who knows this beside what the ledger says."""
    assert call.ended_at is not None
    ended = call.ended_at.timestamp()
    key = call.events.get(kind="arrived").carrier_event_key
    record = CallerRecord("browser", key, call.started_at.timestamp(), public_id=str(call.public_id))
    for name, seconds in ({"last_sign_at": 0.0} | known).items():
        setattr(record, name, ended + seconds)
    return Records(callers=[record])


@pytest.fixture
def pulses() -> Pulses:
    return Pulses("")


@pytest.mark.parametrize(
    ("known", "promises"),
    [
        ({"hung_up_at": 0, "hang_up_known_by": 0.2}, []),
        ({"hung_up_at": -8, "hang_up_known_by": -5}, [TOO_LONG]),
        ({"over_seen_at": -3}, [TOO_LONG]),
        ({"last_sign_at": -20}, []),  # 15 s are waited for a sign, and the dispatcher has its own time
        ({"last_sign_at": -60}, [TOO_LONG]),
        ({"left_at": -40}, [TOO_LONG]),
        ({"last_live_at": -1}, []),
        ({"last_live_at": 3}, [CUT_SHORT]),
    ],
)
def test_an_end_is_held_against_what_the_caller_knows(
    call: Call, pulses: Pulses, known: dict[str, float], promises: list[str]
) -> None:
    assert broken(check_witnesses(witness(call, **known), pulses)) == promises


@pytest.mark.parametrize(("hung_up_at", "is_true"), [(0.4, True), (-3, False), (3, False)])
def test_a_telephone_s_end_is_held_against_what_its_network_knows(
    call: Call, pulses: Pulses, hung_up_at: float, is_true: bool
) -> None:
    records = witness(call, hung_up_at=hung_up_at, hang_up_known_by=9)
    records.callers[0].carrier = "twilio"
    record_progress(CallProgress(call.public_id, "caller_left", "CA:over", call.ended_at or call.started_at))
    left = "a caller by telephone has left when the network says so"
    assert (left in broken(check_witnesses(records, pulses))) is not is_true


def test_whoever_heard_an_apology_has_a_failed_call(call: Call, pulses: Pulses) -> None:
    records = witness(call)
    records.callers[0].has_heard_apology = True
    assert broken(check_witnesses(records, pulses)) == ["whoever heard an apology for a fault is called back"]


def test_a_line_that_stays_open_and_a_refused_callback_are_told() -> None:
    network = Network(Tally(fates=Counter({("status (Twilio)", Fate.REFUSED): 1})), Random(1))
    network.connect(("http://127.0.0.1:1",), "http://127.0.0.1:1", ("+37167000001",))
    caller = network.exchange.place_call("+37167000001").params["CallSid"]
    network.exchange.follow(caller, queue_twiml(uuid4(), status_callback="http://127.0.0.1:1/"))
    found = broken(network.checks())
    assert found == [
        "nobody is left on the line: neither callers nor agents",
        "no conference goes on",
        "no callback is refused",
    ]
    network.exchange.hang_up(caller)
    assert broken(network.checks()) == ["no callback is refused"]
    network.close()


def test_nobody_is_given_up_right_after_an_outage_of_ours(call: Call, pulses: Pulses) -> None:
    records = witness(call, last_sign_at=-60)
    away_since = records.callers[0].last_sign_at + 5
    pulses.outages["web"].append((away_since, away_since + 45))
    assert broken(check_witnesses(records, pulses)) == []
    pulses.outages["web"] = [(away_since + 20, away_since + 45)]  # by then the caller had been given up
    assert broken(check_witnesses(records, pulses)) == [TOO_LONG]


def test_an_attempt_that_was_answered_must_be_there_and_no_other_call(call: Call, pulses: Pulses) -> None:
    records = witness(call)
    assert broken(check_witnesses(records, pulses)) == []
    records.callers[0].event_key = "browser:another:inbound"
    [attempts] = [check for check in check_witnesses(records, pulses) if check.broken]
    assert [complaint.partition(" ")[2] for complaint in attempts.broken] == [
        f"call {call.public_id} is not there",
        "was called by nobody",
    ]


def test_what_an_agent_was_told_must_be_so(house: House, call: Call, pulses: Pulses) -> None:
    public_id, email = str(call.public_id), house.agent.user.email
    agent = AgentRecord(email, asked=Counter({("claimed", public_id): 1}), done=Counter({("claimed", public_id): 1}))
    agent.results[public_id] = "message"
    records = witness(call)
    records.agents.append(agent)
    assert broken(check_witnesses(records, pulses)) == []
    agent.asked["held", public_id] = agent.done["held", public_id] = 1
    agent.results[public_id] = "spam"
    assert broken(check_witnesses(records, pulses)) == [
        "what an agent was told has been done is in the ledger",
        "the result of a call is what its agent last gave",
    ]


def test_a_number_that_was_left_must_be_on_the_call_back(house: House, pulses: Pulses) -> None:
    call = lose_a_call(house, number="+37126123456")
    request_call_back(call.pk)
    records = witness(call)
    records.callers[0].number_left = "+37126123456"
    assert broken(check_witnesses(records, pulses)) == []
    records.callers[0].number_left = "+37126999999"
    assert broken(check_witnesses(records, pulses)) == ["a number that was left is on the call-back"]


def test_what_was_typed_must_be_kept(house: House, call: Call, pulses: Pulses) -> None:
    records = witness(call)
    save_draft(call, agent=house.agent, revision=3, fields=fields("Lūdz atzvanīt"), form_key=(key := uuid.uuid4()))
    records.drafts[str(call.public_id)] = DraftRecord(str(key), 3, "Lūdz atzvanīt")
    assert broken(check_witnesses(records, pulses)) == []
    records.drafts[str(call.public_id)].revision = 4
    assert broken(check_witnesses(records, pulses)) == ["what was typed and not sent is kept as a draft"]


# -- messages and letters --------------------------------------------------------------------


@pytest.fixture
def sent(house: House, tmp_path: Path) -> Records:
    """One message whose letter has arrived in the mail sink, which is `tmp_path`."""
    call, key = talk(ring(house.line), house.agent), uuid.uuid4()
    take_message(call, agent=house.agent, fields=fields("Lūdz atzvanīt"), form_key=key)
    delivery = Delivery.objects.get()
    Delivery.objects.update(state=DeliveryState.SENT, sent_at=F("created_at"))
    put_into(tmp_path, delivery.message_id)
    message = MessageRecord(str(call.public_id), str(key), "Lūdz atzvanīt", is_acknowledged=True)
    return Records(agents=[AgentRecord("nora@example.test", messages={str(key): message})])


def put_into(mailbox: Path, message_id: str) -> None:
    letter = EmailMessage()
    letter["Message-ID"] = message_id
    (mailbox / f"{uuid.uuid4()}.eml").write_bytes(letter.as_bytes())


def test_a_message_and_its_letter_are_there_once(sent: Records, tmp_path: Path) -> None:
    assert broken(check_letters(sent, tmp_path)) == []
    [agent] = sent.agents
    agent.messages["lost"] = MessageRecord("call", str(uuid.uuid4()), "Steidzami", is_acknowledged=True)
    assert broken(check_letters(sent, tmp_path)) == [
        "a message that was acknowledged is there exactly once, as written"
    ]
    agent.messages.clear()
    assert broken(check_letters(sent, tmp_path)) == ["no message is there that nobody wrote"]


def test_a_letter_that_has_not_arrived_is_missed_and_a_strange_one_noticed(sent: Records, tmp_path: Path) -> None:
    put_into(tmp_path, "<strange@alio>")
    assert broken(check_letters(sent, tmp_path)) == ["no letter has arrived of which the house knows nothing"]
    for path in tmp_path.glob("*.eml"):
        path.unlink()
    assert broken(check_letters(sent, tmp_path)) == ["a message has one letter, and it has arrived"]


# -- what the processes say ------------------------------------------------------------------


@pytest.fixture
def stopped(tmp_path: Path) -> SoakHouse:
    house = SoakHouse(tmp_path)
    house.places.log.mkdir(parents=True)
    (house.places.log / "postgres.log").write_text("")
    said = ["alio       | web ended (signal SIGKILL); starting it again in 0.2 s", "web        | hello"]
    house.log.write_text("\n".join([*said, "alio       | stopped", ""]))
    return house


def test_a_process_may_die_by_a_blow_and_must_come_back(stopped: SoakHouse) -> None:
    assert broken(check_log(stopped, [Blow("web", 0, 1.5)], Tally(), 0)) == []
    assert broken(check_log(stopped, [], Tally(), 0)) == ["a process dies by a blow only, once for each"]
    assert broken(check_log(stopped, [Blow("web", 0)], Tally(), 0)) == ["whatever was killed comes back"]


def test_faults_of_the_code_deadlocks_and_a_disorderly_end_are_told(stopped: SoakHouse) -> None:
    tally = Tally(faults=["/console/board was answered with 500"])
    (stopped.places.log / "postgres.log").write_text("ERROR:  deadlock detected\n")
    assert broken(check_log(stopped, [Blow("web", 0, 1.5)], tally, -9)) == [
        "no request is answered with a fault of the code (500)",
        "no two transactions wait for each other",
        "the house stops in order when it is told to",
    ]


def test_a_silence_of_five_seconds_is_an_outage() -> None:
    pulses = Pulses("")
    for moment in (100.0, 102.0, 109.0, 110.0):
        pulses._note("web", moment)
    assert dict(pulses.outages) == {"web": [(102.0, 109.0)]}
    limit = timedelta(seconds=15).total_seconds()
    assert pulses.patient_until(101.0, limit) == 124.0
    assert pulses.patient_until(110.0, limit) == 125.0
    assert pulses.patient_until(80.0, limit) == 95.0
