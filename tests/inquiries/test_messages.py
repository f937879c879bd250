"""Taking a message in a call, and what must not happen to it."""

import uuid

import pytest
from django.db import IntegrityError
from structlog.testing import capture_logs

from answering.lib import clock
from answering.outbox.models import Delivery
from calls.models import Disposition
from calls.services import close_call, end_call
from calls.services.book import CallBook
from calls.states import EventKind
from clients.models import Contact
from inquiries.errors import AlreadyAnswered, ContactOfAnother, MessageEmpty, MessageTooLong, NotYourDraft
from inquiries.models import TEXT_LIMIT, Inquiry, InquiryState, MessageDraft
from inquiries.services import answer_inquiry, request_call_back, save_draft, take_message
from tests.cast import House, make_agent, make_client, make_house, ring, talk
from tests.inquiries.stories import at_once, fields, lose_a_call

pytestmark = pytest.mark.django_db


def add_contact(house: House, **values: object) -> Contact:
    return Contact.objects.create(client=house.client, **({"name": "Jānis", "language": "lv"} | values))


def test_a_message_becomes_one_request_and_one_letter(house: House) -> None:
    call = talk(ring(house.line), house.agent)
    save_draft(call, agent=house.agent, revision=1, fields=fields())
    inquiry = take_message(call, agent=house.agent, fields=fields())
    assert (inquiry.client, inquiry.taken_by, inquiry.state) == (house.client, house.agent, InquiryState.OPEN)
    letter = Delivery.objects.get()
    assert inquiry.contact
    assert letter.recipient == inquiry.contact.email
    assert not MessageDraft.objects.exists()


def test_ten_thousand_characters_fit_and_one_more_does_not(house: House) -> None:
    call = talk(ring(house.line), house.agent)
    longest = ("ā🦷\r\n" * TEXT_LIMIT)[: TEXT_LIMIT // 3 * 4] + "x"  # a line break counts once
    inquiry = take_message(call, agent=house.agent, fields=fields(longest))
    assert len(inquiry.text) == TEXT_LIMIT
    assert inquiry.text in Delivery.objects.get().body
    with pytest.raises(MessageTooLong):
        take_message(call, agent=house.agent, fields=fields(longest + "x"))
    with pytest.raises(MessageTooLong):
        save_draft(call, agent=house.agent, revision=1, fields=fields(longest + "x"))
    assert Inquiry.objects.count() == 1


def test_the_database_refuses_a_longer_text_too(house: House) -> None:
    inquiry = take_message(talk(ring(house.line), house.agent), agent=house.agent, fields=fields())
    with pytest.raises(IntegrityError, match="inquiry_text_within_limit"):
        Inquiry.objects.filter(pk=inquiry.pk).update(text="x" * (TEXT_LIMIT + 1))


def test_a_message_that_says_nothing_is_refused(house: House) -> None:
    call = talk(ring(house.line), house.agent)
    with pytest.raises(MessageEmpty):
        take_message(call, agent=house.agent, fields=fields(" \n", caller_name="", caller_number=""))


def test_control_signs_and_half_surrogates_cost_no_message(house: House) -> None:
    call = talk(ring(house.line), house.agent)
    said = fields("one\x00\ntwo\ud83d", caller_name="Līga\x00\r\nBcc: x", caller_number="+371\x00 26123456")
    save_draft(call, agent=house.agent, revision=1, fields=said)
    inquiry = take_message(call, agent=house.agent, fields=said)
    inquiry.refresh_from_db()
    assert (inquiry.caller_name, inquiry.caller_number, inquiry.text) == (
        "Līga Bcc: x",
        "+371 26123456",
        "one\ntwo\ufffd",
    )


def test_another_clients_contact_is_refused_in_message_and_draft(house: House) -> None:
    stranger = make_client("Cits uzņēmums").contacts.get()
    call = talk(ring(house.line), house.agent)
    with pytest.raises(ContactOfAnother):
        take_message(call, agent=house.agent, fields=fields(contact=stranger))
    with pytest.raises(ContactOfAnother):
        save_draft(call, agent=house.agent, revision=1, fields=fields(contact=stranger))
    assert not Inquiry.objects.exists()
    assert not MessageDraft.objects.exists()


def test_a_message_for_somebody_who_has_left_goes_to_the_default_contact(house: House) -> None:
    left = add_contact(house, email="janis@example.test", left_at=clock.now())
    inquiry = take_message(talk(ring(house.line), house.agent), agent=house.agent, fields=fields(contact=left))
    assert inquiry.contact == house.client.contacts.get(is_default=True)


def test_a_message_for_somebody_without_address_is_written_to_the_default_contact(house: House) -> None:
    janis = add_contact(house)
    house.client.contacts.filter(is_default=True).update(language="en")
    inquiry = take_message(talk(ring(house.line), house.agent), agent=house.agent, fields=fields(contact=janis))
    assert inquiry.contact == janis
    letter = Delivery.objects.get()
    assert letter.recipient == house.client.contacts.get(is_default=True).email
    assert "For: Jānis" in letter.body


def test_a_client_nobody_of_which_has_an_address_still_gets_its_request(house: House) -> None:
    house.client.contacts.update(email="")
    call = talk(ring(house.line), house.agent)
    with capture_logs() as logs:
        take_message(call, agent=house.agent, fields=fields())
    assert [entry["event"] for entry in logs] == ["inquiry.nobody_to_write_to"]
    assert Inquiry.objects.exists()


def test_the_form_can_be_kept_and_sent_in_wrap_up_and_after_the_close(house: House) -> None:
    call = talk(ring(house.line), house.agent)
    end_call(call.pk, agent=house.agent)
    save_draft(call, agent=house.agent, revision=1, fields=fields())
    take_message(call, agent=house.agent, fields=fields("first"))
    close_call(call.pk, agent=house.agent, disposition=Disposition.MESSAGE)
    save_draft(call, agent=house.agent, revision=1, fields=fields())
    take_message(call, agent=house.agent, fields=fields("second"))
    assert Inquiry.objects.count() == 2


def test_another_agent_neither_keeps_nor_sends_the_form(house: House) -> None:
    other = make_agent("Zane Liepa", clients=(house.client,))
    call = talk(ring(house.line), house.agent)
    with pytest.raises(NotYourDraft):
        save_draft(call, agent=other, revision=1, fields=fields())
    with pytest.raises(NotYourDraft):
        take_message(call, agent=other, fields=fields())


def break_off(call_id: int) -> None:
    """The agent's audio breaks off; the call is nobody's again."""
    book = CallBook.open(call_id)
    book.command(EventKind.AUDIO_RENEWED, generation=book.call.generation + 1)
    book.command(EventKind.CLAIM_EXPIRED, generation=book.call.generation + 1)
    assert book.settle().agent_id is None


def test_what_was_typed_before_the_audio_broke_off_can_still_be_sent(house: House) -> None:
    call = talk(ring(house.line), house.agent)
    save_draft(call, agent=house.agent, revision=1, fields=fields("half"))
    break_off(call.pk)
    save_draft(call, agent=house.agent, revision=2, fields=fields("half a message"))
    assert take_message(call, agent=house.agent, fields=fields("half a message")).taken_by == house.agent
    with pytest.raises(NotYourDraft):
        take_message(call, agent=make_agent("Zane Liepa", clients=(house.client,)), fields=fields())


def test_once_a_colleague_has_the_call_the_form_is_the_colleagues(house: House) -> None:
    other = make_agent("Zane Liepa", clients=(house.client,))
    call = talk(ring(house.line), house.agent)
    save_draft(call, agent=house.agent, revision=7, fields=fields("half"))
    break_off(call.pk)
    talk(call, other)
    with pytest.raises(NotYourDraft):
        save_draft(call, agent=house.agent, revision=8, fields=fields("late"))
    draft = save_draft(call, agent=other, revision=8, fields=fields("half, and the rest"))
    assert draft
    assert (draft.agent, draft.text) == (other, "half, and the rest")


def test_an_older_revision_that_comes_late_changes_nothing(house: House) -> None:
    call = talk(ring(house.line), house.agent)
    for revision in (1, 3, 2, 3):
        save_draft(call, agent=house.agent, revision=revision, fields=fields(f"text {revision}"))
    kept = MessageDraft.objects.get()
    assert (kept.revision, kept.text) == (3, "text 3")


def test_a_page_that_keeps_the_form_after_it_was_sent_makes_no_second_one(house: House) -> None:
    call, key = talk(ring(house.line), house.agent), uuid.uuid4()
    save_draft(call, agent=house.agent, revision=1, fields=fields(), form_key=key)
    take_message(call, agent=house.agent, fields=fields(), form_key=key)
    assert save_draft(call, agent=house.agent, revision=2, fields=fields(), form_key=key) is None
    assert not MessageDraft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_several_times_at_once_is_one_request_and_one_letter() -> None:
    house, key = make_house(), uuid.uuid4()
    call = talk(ring(house.line), house.agent)
    results = at_once(lambda: take_message(call, agent=house.agent, fields=fields(), form_key=key).pk, 4)
    assert results == [Inquiry.objects.get().pk] * 4
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_a_request_at_once_one_is_told() -> None:
    house = make_house()
    inquiry = request_call_back(lose_a_call(house).pk)
    assert inquiry
    results = at_once(lambda: answer_inquiry(inquiry.pk, agent=house.agent, note="sarunāts").pk, 4)
    assert sorted(type(each).__name__ for each in results) == ["AlreadyAnswered"] * 3 + ["int"]
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.answer_note) == (InquiryState.ANSWERED, "sarunāts")


def test_a_reply_given_later_changes_nothing(house: House) -> None:
    inquiry = request_call_back(lose_a_call(house).pk)
    assert inquiry
    first = answer_inquiry(inquiry.pk, agent=house.agent, note="first").answered_at
    with pytest.raises(AlreadyAnswered):
        answer_inquiry(inquiry.pk, agent=house.agent, note="second")
    inquiry.refresh_from_db()
    assert (inquiry.answered_at, inquiry.answer_note) == (first, "first")
