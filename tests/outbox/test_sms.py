"""SMS through a stand-in for Twilio: each goes out once as far as that can be known, and says how it fared."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from answering.lib import clock
from answering.outbox import sms
from answering.outbox.leases import ATTEMPTS
from answering.outbox.models import RETRY_AFTER, Delivery, DeliveryState, Receipt
from answering.outbox.receipts import note_receipt
from answering.outbox.services import deliver_due, queue_email, queue_sms, try_again
from answering.outbox.sms import deliver_sms_due
from answering.outbox.tasks import deliver_sms_due as task
from answering.twilio import http
from answering.twilio.models import TwilioAccount
from answering.twilio.rest import Api
from tests.outbox.post_office import PostOffice
from tests.twilio.standin import Fault, StandIn
from tests.twilio.state import Subscriber, new_sid
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("subscriber")]

LINE, CONTACT = "+37167000001", "+37126123456"


def queue(body: str = "Steidzami: zvaniet Kristīnei.", recipient: str = CONTACT, **fields: object) -> Delivery:
    values: dict[str, object] = {"line_account": None, "sender": LINE, "language": "lv"} | fields
    return queue_sms(cause=f"test:{clock.uuid7()}", recipient=recipient, body=body, **values)  # type: ignore[arg-type]


def make_due(*deliveries: Delivery) -> None:
    for delivery in deliveries:
        Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=clock.now() - timedelta(seconds=1))


def again(delivery: Delivery) -> Delivery:
    delivery.refresh_from_db()
    return delivery


def bodies(twilio: StandIn) -> list[str]:
    """What Twilio has taken, in order."""
    return [text.body for text in twilio.exchange.texts.values()]


def other_account(twilio: StandIn) -> tuple[Subscriber, TwilioAccount]:
    subscriber = twilio.exchange.add_account()
    values: dict[str, object] = {"name": "Client", "sid": subscriber.sid, "auth_token": subscriber.auth_token}
    return subscriber, TwilioAccount.objects.create(**values)


def test_an_sms_is_handed_over_once(twilio: StandIn, subscriber: Subscriber, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://alio.example"
    delivery = queue()
    assert deliver_sms_due() == 1
    assert deliver_sms_due() == 0
    (text,) = twilio.exchange.texts.values()
    assert (text.from_, text.to, text.body) == (LINE, CONTACT, delivery.body)
    assert text.callback == "https://alio.example/carriers/twilio/message"
    assert (again(delivery).state, delivery.external_id, delivery.attempts) == (DeliveryState.SENT, text.sid, 1)
    assert delivery.sent_at
    assert delivery.delivered_at is None


def test_the_same_cause_is_queued_once() -> None:
    first, second = (
        queue_sms(cause="x", line_account=None, sender=LINE, recipient=CONTACT, body=each, language="en")
        for each in ("first", "second")
    )
    assert (second.pk, second.body) == (first.pk, "first")


def test_an_sms_without_a_sender_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        queue(sender="")


def test_a_message_goes_out_from_the_account_of_its_line(twilio: StandIn, subscriber: Subscriber) -> None:
    client, row = other_account(twilio)
    queue("own"), queue("client's", line_account=row.pk)
    assert deliver_sms_due() == 2
    sent_by = {text.body: text.account_sid for text in twilio.exchange.texts.values()}
    assert sent_by == {"own": subscriber.sid, "client's": client.sid}


# -- what goes wrong -------------------------------------------------------------------------


def test_an_outcome_that_is_unknown_is_looked_up_before_anything_is_repeated(twilio: StandIn) -> None:
    delivery = queue()
    twilio.fail(Fault.truncated(happens=True), method="POST")
    assert deliver_sms_due() == 0
    assert (again(delivery).state, delivery.attempts) == (DeliveryState.DUE, 1)
    make_due(delivery)
    assert deliver_sms_due() == 1
    assert len(bodies(twilio)) == 1
    assert (again(delivery).state, delivery.attempts) == (DeliveryState.SENT, 2)
    assert delivery.external_id in twilio.exchange.texts


def test_what_was_not_done_is_repeated_after_the_look(twilio: StandIn) -> None:
    delivery = queue()
    twilio.fail(Fault.status(500), method="POST")
    deliver_sms_due()
    make_due(delivery)
    assert deliver_sms_due() == 1
    assert len(bodies(twilio)) == 1


def test_nothing_is_sent_while_it_cannot_be_known_whether_it_has_been(twilio: StandIn) -> None:
    delivery = queue()
    twilio.fail(Fault.status(500, happens=True), method="POST")
    deliver_sms_due()
    make_due(delivery)
    twilio.fail(Fault.status(503), method="GET", times=2)
    assert deliver_sms_due() == 0
    assert len(twilio.received("POST")) == 1
    assert (again(delivery).state, delivery.attempts) == (DeliveryState.DUE, 1), "a look is no attempt"
    make_due(delivery)
    assert deliver_sms_due() == 1
    assert len(bodies(twilio)) == 1


def test_a_worker_that_died_while_sending_is_followed_by_a_look(
    twilio: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """What kill -9 would do, as near as one process can come to it."""

    send = Api.send_message

    def send_and_die(api: Api, **message: str) -> None:
        send(api, **message)
        raise Killed

    delivery = queue()
    with monkeypatch.context() as patch:
        patch.setattr(Api, "send_message", send_and_die)
        with pytest.raises(Killed):
            deliver_sms_due()
    assert deliver_sms_due() == 0, "the lease still stands"
    make_due(delivery)
    assert deliver_sms_due() == 1
    assert len(bodies(twilio)) == 1


def test_the_same_words_of_another_cause_are_not_taken_for_it(twilio: StandIn) -> None:
    first, second = queue("Call back."), queue("Call back.")
    make_due(first)
    twilio.fail(Fault.status(500), method="POST")
    deliver_sms_due()  # the first: not done, which it cannot know
    assert deliver_sms_due() == 1  # the second
    make_due(first)
    assert deliver_sms_due() == 1
    assert len(bodies(twilio)) == 2
    assert again(first).external_id != again(second).external_id


def test_a_message_taken_for_anothers_is_not_lost(twilio: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two with the same words: while one is being handed over, the other's look finds it first."""
    first, second = queue("Call back."), queue("Call back.")
    make_due(first)
    twilio.fail(Fault.status(500), method="POST")
    deliver_sms_due()
    note_sent = sms._note_sent

    def overtaken(delivery: Delivery, *args: object) -> object:
        if delivery.pk == second.pk:
            monkeypatch.setattr(sms, "_note_sent", note_sent)
            make_due(first)
            assert deliver_sms_due() == 1
        return note_sent(delivery, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(sms, "_note_sent", overtaken)
    assert deliver_sms_due() == 0
    assert again(second).state == DeliveryState.DUE
    make_due(second)
    assert deliver_sms_due() == 1
    assert len(bodies(twilio)) == 2
    assert again(first).external_id != again(second).external_id


def test_twilio_away_stops_the_batch_and_costs_no_attempt(twilio: StandIn, settings: Settings) -> None:
    first, second = queue("first"), queue("second")
    settings.TWILIO_API_BASE = "http://127.0.0.1:9"
    assert deliver_sms_due() == 0
    assert (again(first).attempts, again(second).attempts) == (0, 0)
    assert first.next_attempt_at > clock.now()
    assert first.last_error
    settings.TWILIO_API_BASE = twilio.url
    make_due(first)
    assert deliver_sms_due() == 2


def test_silence_of_twilio_stops_the_batch(twilio: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIME_LIMIT_SECONDS", 0.3)
    queue("first"), queue("second")
    twilio.fail(Fault.silent(), times=5)
    assert deliver_sms_due() == 0
    assert len(twilio.requests) == 1


def test_an_unknown_outcome_is_tried_again_with_growing_pauses_and_given_up_in_the_end(twilio: StandIn) -> None:
    delivery = queue()
    twilio.fail(Fault.status(500), method="POST", times=ATTEMPTS)
    pauses = []
    for _attempt in range(ATTEMPTS):
        make_due(delivery)
        before = clock.now()
        deliver_sms_due()
        pauses.append(again(delivery).next_attempt_at - before)
    assert [round(pause / each) for pause, each in zip(pauses, RETRY_AFTER, strict=False)] == [1] * len(RETRY_AFTER)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DEAD, ATTEMPTS)
    assert bodies(twilio) == []


def test_what_kills_its_worker_every_time_is_given_up() -> None:
    delivery = queue()
    Delivery.objects.update(attempts=ATTEMPTS)
    assert deliver_sms_due() == 0
    assert again(delivery).state == DeliveryState.DEAD


def test_a_busy_account_rests_as_long_as_twilio_asks_and_the_others_go_on(twilio: StandIn) -> None:
    subscriber, row = other_account(twilio)
    first, second = queue("first", line_account=row.pk), queue("second", line_account=row.pk)
    own = queue("own")
    twilio.fail(Fault.status(429, 20429, Retry_After="300"), path=subscriber.sid, times=9)
    assert deliver_sms_due() == 1
    assert len(twilio.requests) == 2, "once for the account that is busy"
    for delivery in (first, second):
        assert again(delivery).attempts == 0
        assert delivery.next_attempt_at > clock.now() + timedelta(seconds=240)
    assert again(own).state == DeliveryState.SENT


@pytest.mark.parametrize("status", [401, 403])
def test_wrong_credentials_are_a_matter_of_configuration(twilio: StandIn, status: int) -> None:
    first, second = queue("first"), queue("second")
    twilio.fail(Fault.status(status, 20003, "Authenticate"))
    assert deliver_sms_due() == 0
    assert len(twilio.requests) == 1
    assert (again(first).state, first.attempts, again(second).attempts) == (DeliveryState.DUE, 0, 0)
    assert "Authenticate" in first.last_error
    make_due(first, second)
    assert deliver_sms_due() == 2


def test_without_an_account_messages_wait_and_say_why(settings: Settings, twilio: StandIn) -> None:
    delivery = queue()
    settings.TWILIO_ACCOUNT_SID = ""
    assert deliver_sms_due() == 0
    assert (again(delivery).state, delivery.attempts) == (DeliveryState.DUE, 0)
    assert "TWILIO_ACCOUNT_SID" in delivery.last_error


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (21211, "This is no telephone number."),
        (21610, "STOP"),
        (21614, "cannot receive SMS"),
        (21999, "Twilio's words"),
    ],
)
def test_a_recipient_refused_for_good_is_dead_with_a_reason_and_does_not_block_the_others(
    twilio: StandIn, code: int, reason: str
) -> None:
    twilio.exchange.refused_texts["+37120000000"] = (code, "Twilio's words")
    dead, other = queue(recipient="+37120000000"), queue()
    assert deliver_sms_due() == 1
    assert (again(dead).state, dead.attempts) == (DeliveryState.DEAD, 1)
    assert reason in dead.last_error
    assert str(code) in dead.last_error
    assert again(other).state == DeliveryState.SENT


@pytest.mark.parametrize("code", [21606, 21660])
def test_our_own_number_refused_can_be_put_right(twilio: StandIn, code: int) -> None:
    delivery = queue()
    twilio.fail(Fault.status(400, code, "The 'From' number is not yours"))
    deliver_sms_due()
    assert (again(delivery).state, delivery.attempts) == (DeliveryState.DUE, 1)


def test_a_dead_sms_is_sent_anew_when_somebody_tries_again(twilio: StandIn) -> None:
    delivery = queue()
    deliver_sms_due()
    note_receipt(again(delivery).external_id, "undelivered", "30003")
    first = delivery.external_id
    assert again(delivery).state == DeliveryState.DEAD
    assert try_again(Delivery.objects.all()) == 1
    twilio.fail(Fault.status(500), method="POST")
    deliver_sms_due()
    make_due(delivery)
    assert deliver_sms_due() == 1, "the one that did not arrive is not taken for the new one"
    assert len(bodies(twilio)) == 2
    assert again(delivery).external_id != first


# -- the two channels ------------------------------------------------------------------------


def email() -> Delivery:
    return queue_email(
        cause=f"test:{clock.uuid7()}", recipient="liga@example.test", subject="Ziņa", body="x", language="lv"
    )


def test_a_twilio_that_is_away_does_not_stop_the_mail(post_office: PostOffice, settings: Settings) -> None:
    settings.TWILIO_API_BASE = "http://127.0.0.1:9"
    queue(), email(), queue(), email()
    assert deliver_sms_due() == 0
    assert deliver_due() == 2


def test_a_mail_server_that_is_away_does_not_stop_the_sms(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    queue(), email(), queue(), email()
    assert deliver_due() == 0
    assert deliver_sms_due() == 2


def test_the_workers_have_a_task_for_each_channel(settings: Settings) -> None:
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {"answering.outbox.tasks.deliver_due", "answering.outbox.tasks.deliver_sms_due"} <= tasks
    queue()
    assert task() == 1


@pytest.mark.django_db(transaction=True)
def test_three_workers_racing_send_each_message_once(twilio: StandIn) -> None:
    for number in range(6):
        queue(f"message {number}")
    start, counts = threading.Barrier(3), list[int]()

    def work() -> None:
        start.wait(10)
        counts.append(deliver_sms_due())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sum(counts) == 6
    assert sorted(bodies(twilio)) == [f"message {number}" for number in range(6)]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_twilio_is_asked(twilio: StandIn) -> None:
    queue()
    twilio.fail(Fault.late(3600))
    pids: list[int] = []

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.append(cursor.fetchone()[0])
        deliver_sms_due()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    wait_until(lambda: twilio.requests)
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", pids)
        assert cursor.fetchone() == ("idle",)
    twilio.closing.set()
    worker.join(30)


# -- receipts --------------------------------------------------------------------------------


def sent() -> Delivery:
    delivery = queue()
    assert deliver_sms_due() == 1
    return again(delivery)


def test_a_receipt_says_when_a_message_has_arrived() -> None:
    delivery = sent()
    assert note_receipt(delivery.external_id, "sent", "")
    assert again(delivery).state == DeliveryState.SENT
    assert note_receipt(delivery.external_id, "delivered", "")
    assert again(delivery).state == DeliveryState.DELIVERED
    assert delivery.delivered_at
    assert delivery.sent_at
    assert delivery.delivered_at >= delivery.sent_at


@pytest.mark.parametrize("status", ["undelivered", "failed"])
def test_a_message_that_does_not_arrive_is_dead_with_a_reason(status: str) -> None:
    delivery = sent()
    assert note_receipt(delivery.external_id, status, "30003")
    assert again(delivery).state == DeliveryState.DEAD
    assert "switched off" in delivery.last_error
    assert "30003" in delivery.last_error


def test_a_failure_without_a_number_says_what_the_network_says() -> None:
    delivery = sent()
    note_receipt(delivery.external_id, "undelivered", "")
    assert "undelivered" in again(delivery).last_error


STORIES = [["queued", "sending", "sent", "delivered"], ["queued", "sent", "undelivered"], ["sent", "failed"]]
ORDERS = [order for story in STORIES for order in itertools.permutations(story)]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_receipts_in_any_order_and_number_end_the_same(order: tuple[str, ...]) -> None:
    delivery = sent()
    for status in (*order, *order):
        note_receipt(delivery.external_id, status, "30008" if status in ("undelivered", "failed") else "")
    expected = DeliveryState.DELIVERED if "delivered" in order else DeliveryState.DEAD
    assert again(delivery).state == expected


@pytest.mark.parametrize("order", [("delivered", "failed"), ("failed", "delivered")])
def test_a_message_that_the_phone_has_is_delivered_whatever_else_is_told(order: tuple[str, str]) -> None:
    delivery = sent()
    for status in order:
        note_receipt(delivery.external_id, status, "")
    assert (again(delivery).state, delivery.last_error) == (DeliveryState.DELIVERED, "")


@pytest.mark.parametrize(
    ("status", "state"),
    [("sent", DeliveryState.SENT), ("delivered", DeliveryState.DELIVERED), ("failed", DeliveryState.DEAD)],
)
def test_a_receipt_that_is_quicker_than_the_answer_counts_when_the_answer_is_there(
    monkeypatch: pytest.MonkeyPatch, status: str, state: DeliveryState
) -> None:
    send = Api.send_message

    def report_first(api: Api, **message: str) -> object:
        answer = send(api, **message)
        assert not note_receipt(answer.sid, status, ""), "nobody knows yet whose it is"
        return answer

    monkeypatch.setattr(Api, "send_message", report_first)
    delivery = queue()
    deliver_sms_due()
    assert again(delivery).state == state


def test_a_receipt_for_a_message_whose_answer_was_lost_counts_when_it_is_found(twilio: StandIn) -> None:
    delivery = queue()
    twilio.fail(Fault.hangs_up(happens=True), method="POST")
    deliver_sms_due()
    (sid,) = twilio.exchange.texts
    assert not note_receipt(sid, "delivered", "")
    make_due(delivery)
    deliver_sms_due()
    assert (again(delivery).state, delivery.external_id) == (DeliveryState.DELIVERED, sid)
    assert len(bodies(twilio)) == 1


def test_a_message_found_to_have_failed_is_dead_at_once(twilio: StandIn) -> None:
    delivery = queue()
    twilio.fail(Fault.hangs_up(happens=True), method="POST")
    deliver_sms_due()
    (text,) = twilio.exchange.texts.values()
    text.status, text.error_code = "undelivered", 30005
    make_due(delivery)
    deliver_sms_due()
    assert again(delivery).state == DeliveryState.DEAD
    assert "does not exist" in delivery.last_error


def test_a_message_that_arrives_after_all_is_not_sent_again(twilio: StandIn) -> None:
    delivery = sent()
    note_receipt(delivery.external_id, "undelivered", "30008")
    try_again(Delivery.objects.all())
    note_receipt(delivery.external_id, "delivered", "")
    assert deliver_sms_due() == 0
    assert again(delivery).state == DeliveryState.DELIVERED


@pytest.mark.parametrize(
    ("external_id", "status"),
    [
        ("", "sent"),
        ("x" * 500, "sent"),
        ("CA" + "0" * 32, "sent"),
        ("SM" + "0" * 32, "received"),
        ("SM" + "0" * 32, ""),
    ],
)
def test_what_is_no_receipt_leaves_no_trace(external_id: str, status: str) -> None:
    assert not note_receipt(external_id, status, "")
    assert not Receipt.objects.exists()


def test_a_receipt_for_anothers_message_says_that_it_is_not_ours() -> None:
    assert not note_receipt(new_sid("SM"), "delivered", "")


@pytest.mark.django_db(transaction=True)
def test_a_receipt_and_the_answer_that_race_miss_each_other_never(
    twilio: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Barrier(2)
    send = Api.send_message
    workers: list[threading.Thread] = []

    def report(sid: str) -> None:
        start.wait(10)
        note_receipt(sid, "delivered", "")
        connection.close()

    def race(api: Api, **message: str) -> object:
        answer = send(api, **message)
        workers.append(threading.Thread(target=report, args=(answer.sid,)))
        workers[-1].start()
        start.wait(10)
        return answer

    monkeypatch.setattr(Api, "send_message", race)
    for number in range(10):
        queue(f"message {number}")
    deliver_sms_due()
    for worker in workers:
        worker.join(10)

    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.DELIVERED}
