"""Real SMTP on loopback: what is queued arrives once, or says why not."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection
from pytest_django import Settings
from structlog.testing import capture_logs

from answering.lib import clock
from answering.outbox import services
from answering.outbox.models import RETRY_AFTER, Delivery, DeliveryState
from answering.outbox.services import ATTEMPTS, deliver_due, queue_email, try_again
from tests.outbox.post_office import HANG, HANG_UP, PostOffice
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db


def queue(recipient: str = "liga@example.test", **fields: str) -> Delivery:
    values = {"subject": "Message", "body": "Lūdzu zvaniet.\n", "language": "lv"} | fields
    return queue_email(cause=f"test:{clock.uuid7()}", recipient=recipient, **values)


def make_due(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=clock.now() - timedelta(seconds=1))


def again(delivery: Delivery) -> Delivery:
    delivery.refresh_from_db()
    return delivery


def test_an_email_arrives_once_with_its_headers(post_office: PostOffice) -> None:
    delivery = queue(subject="Ziņa no Kristīnes 🦷", reply_to="alio@example.test")
    assert deliver_due() == 1
    assert deliver_due() == 0
    (message,) = post_office.messages
    assert message["Subject"] == "Ziņa no Kristīnes 🦷"
    assert message["Message-ID"] == delivery.message_id
    assert (message["Content-Language"], message["Auto-Submitted"]) == ("lv", "auto-generated")
    assert message["Reply-To"] == "alio@example.test"
    assert message.get_content() == "Lūdzu zvaniet.\r\n"
    assert again(delivery).state == DeliveryState.SENT
    assert (delivery.attempts, delivery.last_error) == (1, "")
    assert delivery.sent_at


def test_the_same_cause_is_queued_once() -> None:
    first, second = (
        queue_email(cause="inquiry:1:contact:1", recipient="a@example.test", subject=each, body="", language="en")
        for each in ("first", "second")
    )
    assert second.pk == first.pk
    assert second.subject == "first"


def test_a_batch_goes_over_one_connection(post_office: PostOffice) -> None:
    for number in range(5):
        queue(f"contact{number}@example.test")
    assert deliver_due() == 5
    assert post_office.connections == 1


def test_a_temporary_refusal_is_tried_again_later_with_growing_pauses(post_office: PostOffice) -> None:
    delivery = queue()
    pauses = []
    for _attempt in range(2):
        post_office.data_replies = ["451 try later"]
        make_due(delivery)
        before = clock.now()
        assert deliver_due() == 0
        pauses.append(again(delivery).next_attempt_at - before)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DUE, 2)
    assert "451" in delivery.last_error
    assert [round(pause / each) for pause, each in zip(pauses, RETRY_AFTER, strict=False)] == [1, 1]
    assert deliver_due() == 0  # not due yet
    make_due(delivery)
    assert deliver_due() == 1


def test_after_the_last_attempt_it_is_dead_and_the_log_says_so(post_office: PostOffice) -> None:
    delivery = queue()
    Delivery.objects.update(attempts=ATTEMPTS - 1)
    post_office.data_replies = ["451 try later"]
    with capture_logs() as logs:
        deliver_due()
    assert again(delivery).state == DeliveryState.DEAD
    assert [(entry["log_level"], entry["dead"]) for entry in logs] == [("error", True)]


@pytest.mark.parametrize("reply", ["550 no such user", "554 not wanted"])
def test_a_recipient_refused_for_good_is_dead_and_does_not_block_the_others(
    post_office: PostOffice, reply: str
) -> None:
    post_office.refused = {"gone@example.test": reply}
    dead = queue("gone@example.test")
    other = queue()
    assert deliver_due() == 1
    assert (again(dead).state, dead.attempts) == (DeliveryState.DEAD, 1)
    assert reply.split(maxsplit=1)[1] in dead.last_error
    assert again(other).state == DeliveryState.SENT


def test_content_refused_for_good_is_dead(post_office: PostOffice) -> None:
    post_office.data_replies = ["554 looks like spam"]
    delivery = queue()
    deliver_due()
    assert again(delivery).state == DeliveryState.DEAD


def test_our_own_address_refused_is_a_matter_of_configuration_and_tried_again(post_office: PostOffice) -> None:
    post_office.sender_reply = "550 who are you"
    delivery = queue()
    deliver_due()
    assert again(delivery).state == DeliveryState.DUE


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "two@example.test, more@example.test", "x@" + "y" * 240])
def test_an_address_that_is_none_is_dead_with_its_reason_and_does_not_block_the_others(
    post_office: PostOffice, address: str
) -> None:
    dead = queue(address)
    other = queue()
    post_office.refused = dict.fromkeys((address, "nobody"), "553 not an address")
    assert deliver_due() == 1
    assert again(dead).state == DeliveryState.DEAD
    assert dead.last_error
    assert again(other).state == DeliveryState.SENT
    assert post_office.envelopes == [["liga@example.test"]]


def test_a_mail_server_that_is_away_costs_no_attempt_and_is_found_again(
    post_office: PostOffice, settings: Settings
) -> None:
    first, second = queue(), queue()
    settings.EMAIL_PORT = 9
    with capture_logs() as logs:
        assert deliver_due() == 0
    assert [entry["event"] for entry in logs] == ["outbox.server_away"]  # one try for the whole batch
    assert (again(first).state, first.attempts) == (DeliveryState.DUE, 0)
    assert "ConnectionRefusedError" in first.last_error
    assert again(second).attempts == 0
    settings.EMAIL_PORT = post_office.port
    make_due(first)
    assert deliver_due() == 2
    assert again(first).last_error == ""


@pytest.mark.parametrize("fate", [HANG, HANG_UP])
def test_no_answer_after_the_message_was_given_repeats_it_recognisably(
    post_office: PostOffice, settings: Settings, fate: str
) -> None:
    settings.EMAIL_TIMEOUT = 2
    post_office.data_replies = [fate]
    delivery = queue()
    other = queue("other@example.test")
    assert deliver_due() == 1
    assert again(other).state == DeliveryState.SENT
    settings.EMAIL_TIMEOUT = 10
    make_due(delivery)
    assert deliver_due() == 1
    ids = [message["Message-ID"] for message in post_office.messages if message["To"] == "liga@example.test"]
    assert ids == [delivery.message_id] * 2
    assert again(delivery).attempts == 2


def test_a_worker_that_dies_between_sending_and_noting_it_sends_the_same_message_again_after_its_lease(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """What kill -9 would do, as near as one process can come to it."""

    send = EmailBackend.send_messages

    def send_and_die(mail: EmailBackend, messages: Sequence[EmailMessage]) -> int:
        send(mail, messages)
        raise Killed

    delivery = queue()
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", send_and_die)
        with pytest.raises(Killed):
            deliver_due()
    assert deliver_due() == 0  # the lease still stands
    assert again(delivery).next_attempt_at > clock.now() + timedelta(seconds=120)
    make_due(delivery)
    assert deliver_due() == 1
    assert [message["Message-ID"] for message in post_office.messages] == [delivery.message_id] * 2
    assert again(delivery).attempts == 2


def test_what_kills_its_worker_every_time_is_given_up(post_office: PostOffice) -> None:
    delivery = queue()
    Delivery.objects.update(attempts=ATTEMPTS)
    assert deliver_due() == 0
    assert again(delivery).state == DeliveryState.DEAD
    assert delivery.last_error


def test_one_who_comes_late_does_not_undo_what_another_has_sent(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = queue()
    post_office.data_replies = ["451 try later", "250 OK"]
    first_fails = services._note_failure

    def overtaken(failed: Delivery, error: Exception) -> None:
        make_due(failed)  # the lease ran out while this worker was busy
        assert deliver_due() == 1
        first_fails(failed, error)

    monkeypatch.setattr(services, "_note_failure", overtaken)
    deliver_due()
    assert again(delivery).state == DeliveryState.SENT


@pytest.mark.django_db(transaction=True)
def test_two_workers_racing_for_one_row_send_it_once(post_office: PostOffice) -> None:
    for number in range(6):
        queue(f"contact{number}@example.test")
    start = threading.Barrier(3)
    counts: list[int] = []

    def work() -> None:
        start.wait(10)
        counts.append(deliver_due())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sum(counts) == 6
    assert sorted(each[0] for each in post_office.envelopes) == [f"contact{number}@example.test" for number in range(6)]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_mail_server_is_spoken_to(post_office: PostOffice, settings: Settings) -> None:
    queue()
    post_office.data_replies = [HANG]
    pids: list[int] = []

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.append(cursor.fetchone()[0])
        deliver_due()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    wait_until(lambda: post_office.messages)
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", pids)
        assert cursor.fetchone() == ("idle",)
    post_office.let_go.set()
    worker.join(30)


def test_a_dead_delivery_can_be_tried_again(post_office: PostOffice) -> None:
    post_office.refused = {"liga@example.test": "550 mailbox full"}
    delivery = queue()
    deliver_due()
    post_office.refused = {}
    assert deliver_due() == 0
    assert try_again(Delivery.objects.all()) == 1
    assert deliver_due() == 1
    assert again(delivery).attempts == 1
