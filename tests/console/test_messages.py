import uuid
from typing import Any

import pytest

from answering.console.workload import DRAFTS_SHOWN
from answering.outbox.models import Delivery
from calls.models import Call
from calls.services import end_call
from clients.models import Contact
from inquiries.models import TEXT_LIMIT, Inquiry, InquiryKind, MessageDraft
from tests.cast import House, make_agent, make_client, ring, talk
from tests.console.conftest import Console, lose, open_console_of

RTL = "مريم العلي 👩‍⚕️"


def filled(**fields: Any) -> dict[str, Any]:
    values = {"caller_name": "Kristīne Ozoliņa", "caller_number": "26 123 456", "text": "Lūdz atzvanīt", "revision": 1}
    return {"urgency": "normal", "form_key": uuid.uuid4()} | values | fields


@pytest.fixture
def call(console: Console, house: House) -> Call:
    return talk(ring(house.line), house.agent)


def messages() -> list[Inquiry]:
    return list(Inquiry.objects.filter(kind=InquiryKind.MESSAGE))


def test_a_message_becomes_a_request_and_a_letter(console: Console, call: Call) -> None:
    answer = console.on(call, "message", **filled(urgency="urgent"))
    assert answer.status_code == 200
    assert "to Līga Bērziņa" in answer.content.decode()
    [message] = messages()
    assert (message.caller_name, message.caller_number, message.urgency) == ("Kristīne Ozoliņa", "26 123 456", "urgent")
    assert Delivery.objects.count() == 1
    assert "Message sent" in console.board()


def test_sent_twice_it_is_one_message(console: Console, call: Call) -> None:
    form = filled()
    answers = [console.on(call, "message", **form).status_code for _ in range(2)]
    assert answers == [200, 200]
    assert len(messages()) == 1
    assert Delivery.objects.count() == 1
    console.on(call, "message", **filled(text="Vēl kaut kas"))
    assert len(messages()) == 2


def test_a_late_save_does_not_bring_a_sent_message_back(console: Console, call: Call) -> None:
    form = filled()
    console.on(call, "message", **form)
    assert console.on(call, "draft", **form | {"revision": 9}).json() == {"sent": True}
    assert not MessageDraft.objects.exists()


def test_a_form_of_one_call_is_not_taken_for_another(console: Console, house: House, call: Call) -> None:
    form = filled()
    console.on(call, "message", **form)
    end_call(call.pk, agent=house.agent)
    console.on(call, "close", disposition="message")
    second = talk(ring(house.line, number="+37126999999"), house.agent)
    assert console.on(second, "message", **form).json()["reason"] == "NotYourDraft"


def test_an_older_revision_never_replaces_a_newer_one(console: Console, call: Call) -> None:
    key = uuid.uuid4()
    for revision, text in ((1, "L"), (3, "Lūdz"), (2, "Lū"), (3, "again")):
        console.on(call, "draft", **filled(revision=revision, text=text, form_key=key))
    assert MessageDraft.objects.get().text == "Lūdz"


def test_a_half_filled_form_is_there_after_a_crash(console: Console, house: House, call: Call) -> None:
    contact = Contact.objects.create(client=house.client, name="Dr. Anna", language="lv")
    half = filled(text="  Lūdz pārcelt ", contact=contact.public_id, urgency="urgent", revision=7)
    saved = console.on(call, "draft", **half).json()
    assert saved["revision"] == 7
    board = open_console_of(house.agent).board()
    for expected in ("  Lūdz pārcelt ", "Kristīne Ozoliņa", str(half["form_key"]), 'value="7"', saved["saved_at"]):
        assert expected in board
    assert f'<option value="{contact.public_id}" selected>' in board


def test_a_half_filled_form_survives_the_end_of_its_call(console: Console, house: House, call: Call) -> None:
    console.on(call, "draft", **filled(text="Pusrakstīts teksts"))
    end_call(call.pk, agent=house.agent)
    assert "Pusrakstīts teksts" in console.board()
    console.on(call, "close", disposition="hung_up")
    board = console.board()
    assert 'data-kind="idle"' in board
    assert "Pusrakstīts teksts" in board  # among the drafts
    assert 'id="message-form"' in console.board(opened=call.public_id)
    assert console.on(call, "message", **filled(text="Pabeigts")).status_code == 200


def test_the_form_of_the_call_shown_is_found_among_many_unsent_ones(console: Console, house: House) -> None:
    for number in range(DRAFTS_SHOWN + 1):
        call = talk(ring(house.line, number=f"+371261234{number:02d}"), house.agent)
        console.on(call, "draft", **filled(text=f"Vēstule {number}."))
        end_call(call.pk, agent=house.agent)
        console.on(call, "close", disposition="hung_up")
    first = MessageDraft.objects.earliest("saved_at")
    assert first.text not in console.board()
    assert first.text in console.board(opened=first.call.public_id)


def test_what_was_half_written_can_be_sent_when_the_audio_broke_off(console: Console, call: Call) -> None:
    form = filled(text="Grib atcelt vizīti")
    console.on(call, "draft", **form)
    end_call(call.pk, agent=console.agent)
    Call.objects.update(agent=None, state="closed")
    assert "Grib atcelt vizīti" in console.board()
    assert str(form["form_key"]) in console.board(opened=call.public_id)
    assert console.on(call, "message", **form).status_code == 200
    assert len(messages()) == 1


def test_what_was_half_written_helps_whoever_calls_back(console: Console, house: House) -> None:
    call = ring(house.line)
    console.on(call, "claim")
    console.on(call, "draft", **filled(text="Grib atcelt vizīti"))
    lose(call)
    Call.objects.update(agent=None)
    assert "Grib atcelt vizīti" in console.board()


def test_ten_thousand_characters_fit_whatever_they_are(console: Console, call: Call) -> None:
    text = ("ā👩🏽\r\n" * TEXT_LIMIT)[: TEXT_LIMIT * 5 // 4]
    assert len(text.replace("\r\n", "\n")) == TEXT_LIMIT
    form = filled(text=text, caller_name=RTL)
    assert console.on(call, "draft", **form).status_code == 200
    assert console.on(call, "message", **form).status_code == 200
    [message] = messages()
    assert (message.text, message.caller_name) == (text.replace("\r\n", "\n").strip(), RTL)


def test_too_much_is_said_and_kept_as_typed(console: Console, call: Call) -> None:
    long = "x" * (TEXT_LIMIT + 1)
    assert console.on(call, "draft", **filled(text=long)).status_code == 422
    answer = console.on(call, "message", **filled(text=long))
    assert answer.status_code == 422
    assert long in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert messages() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " \n "},
        {"caller_name": "x" * 201},
        {"caller_number": "1" * 33},
        {"urgency": "panic"},
        {"form_key": ""},
        {"revision": "-1"},
        {"contact": str(uuid.uuid4())},
        {"text": "a\x00b"},
    ],
)
def test_what_cannot_be_meant_is_refused_and_the_rest_is_kept(
    console: Console, call: Call, wrong: dict[str, str]
) -> None:
    answer = console.on(call, "message", **filled(**wrong))
    assert answer.status_code == 422
    if "caller_number" not in wrong:
        assert "26 123 456" in answer.content.decode()
    assert messages() == []


def test_a_number_is_kept_as_the_agent_typed_it(console: Console, call: Call) -> None:
    console.on(call, "message", **filled(caller_number="2612 34-56 (vakarā)"))
    assert messages()[0].caller_number == "2612 34-56 (vakarā)"


def test_another_client_s_people_cannot_be_chosen(console: Console, call: Call) -> None:
    other = make_client("Svešais").contacts.get()
    assert console.on(call, "message", **filled(contact=other.public_id)).status_code == 422


def test_nobody_writes_into_a_colleague_s_form(house: House, call: Call) -> None:
    colleague = open_console_of(make_agent("Ilze Krūma", clients=(house.client,)))
    for verb in ("draft", "message"):
        assert colleague.on(call, verb, **filled()).json()["reason"] == "NotYourDraft"
    assert not MessageDraft.objects.exists()


def test_the_last_words_of_a_replaced_window_are_kept(console: Console, house: House, call: Call) -> None:
    open_console_of(house.agent)
    assert console.on(call, "draft", **filled(text="Pēdējie vārdi")).status_code == 200
    assert MessageDraft.objects.get().text == "Pēdējie vārdi"


def test_the_form_begins_with_what_the_call_tells(console: Console, house: House) -> None:
    call = ring(house.line, name="Jānis Liepiņš")
    console.on(call, "claim")
    board = console.board()
    assert 'value="Jānis Liepiņš"' in board
    assert 'value="+371 26 123 456"' in board


class TestCallBacks:
    @pytest.fixture
    def inquiry(self, console: Console, house: House) -> Inquiry:
        return lose(ring(house.line))

    def test_an_answered_one_leaves_the_list(self, console: Console, house: House, inquiry: Inquiry) -> None:
        assert console.post(f"inquiries/{inquiry.public_id}/answer", {"note": "Pierakstīts"}).status_code == 200
        inquiry.refresh_from_db()
        assert (inquiry.state, inquiry.answer_note, inquiry.answered_by) == ("answered", "Pierakstīts", house.agent)
        assert "Nobody waits for a call back." in console.board()

    def test_who_was_second_is_told_so(self, console: Console, inquiry: Inquiry) -> None:
        answers = [console.post(f"inquiries/{inquiry.public_id}/answer").status_code for _ in range(2)]
        assert answers == [200, 409]

    def test_a_note_that_is_too_long_is_refused(self, console: Console, inquiry: Inquiry) -> None:
        assert console.post(f"inquiries/{inquiry.public_id}/answer", {"note": "x" * 501}).status_code == 422

    def test_a_stranger_finds_nothing(self, inquiry: Inquiry) -> None:
        stranger = open_console_of(make_agent("Svešais Aģents"))
        assert stranger.post(f"inquiries/{inquiry.public_id}/answer").status_code == 404
        assert "Nobody waits for a call back." in stranger.board()
