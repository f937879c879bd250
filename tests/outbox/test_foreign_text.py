"""Names, subjects and texts as people and pages really send them."""

import pytest

from answering.outbox.services import deliver_due, queue_email
from answering.outbox.text import one_line, plain_text, sms_text
from tests.outbox.post_office import PostOffice

pytestmark = pytest.mark.django_db

INJECTION = "Līga\r\nBcc: all@example.test\r\n\r\nBuy now"


def send(office: PostOffice, **fields: str) -> None:
    values = {"recipient": "liga@example.test", "subject": "Message", "body": "Text", "language": "lv"} | fields
    queue_email(cause="test", **values)
    assert deliver_due() == 1


def test_a_line_break_in_the_subject_brings_no_header(post_office: PostOffice) -> None:
    send(post_office, subject=INJECTION)
    (message,) = post_office.messages
    assert message["Bcc"] is None
    assert message["Subject"] == "Līga Bcc: all@example.test Buy now"
    assert post_office.envelopes == [["liga@example.test"]]


@pytest.mark.parametrize("field", ["recipient", "reply_to"])
def test_a_line_break_in_an_address_reaches_nobody_else(post_office: PostOffice, field: str) -> None:
    values = {"recipient": "liga@example.test", field: "x@example.test\r\nBcc: all@example.test"}
    queue_email(cause="test", subject="", body="", language="en", **values)
    deliver_due()
    assert all("all@example.test" not in envelope for envelope in post_office.envelopes)
    assert all(message["Bcc"] is None for message in post_office.messages)


@pytest.mark.parametrize(
    "name",
    [
        "👩‍⚕️ Dr. Ozoliņa 🇱🇻",
        "שלום כהן",
        "محمد بن سلمان",
        "Μαρία Παπαδοπούλου",
        "Žydrūnas Ąžuolas",
        "\u200fמרים\u200e",
    ],
)
def test_emoji_and_right_to_left_names_arrive_as_they_are(post_office: PostOffice, name: str) -> None:
    send(post_office, subject=name, body=f"{name}\n{name}")
    (message,) = post_office.messages
    assert message["Subject"] == name
    assert message.get_content().splitlines() == [name, name]


def test_nul_control_signs_and_half_surrogates_do_not_keep_a_letter_from_being_written(
    post_office: PostOffice,
) -> None:
    send(post_office, subject="a\x00b\x07\x1b[31mc\ud83d", body="one\x00\r\ntwo\u2028three\ud83d\tfour\x9f")
    (message,) = post_office.messages
    assert message["Subject"] == "ab[31mc\ufffd"
    assert message.get_content().splitlines() == ["one", "two", "three\ufffd\tfour"]


def test_a_very_long_subject_is_cut_and_a_very_long_line_is_not(post_office: PostOffice) -> None:
    send(post_office, subject="ļ" * 1000, body="ā" * 10_000 + "\n.\nend")
    (message,) = post_office.messages
    assert message["Subject"].strip() == "ļ" * 199 + "…"
    assert message.get_content().splitlines() == ["ā" * 10_000, ".", "end"]


def test_signs_that_turn_the_direction_of_what_follows_are_taken_out_of_a_line() -> None:
    assert one_line("abc\u202egnp.exe\u2066", 50) == "abcgnp.exe"


def test_text_keeps_what_people_write() -> None:
    written = "Ā\n\tb  c\u200d 👍🏽 \u00a0 \u200f"
    assert plain_text(written) == written


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Labdien!", "Labdien!"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("  a \n\n\n\n b\t", "a\n\nb"),
        ("a\x00\x07\u202eb", "ab"),
        ("\ud800", "\ufffd"),
        ("x" * 20, "x" * 20),
        ("x" * 21, "x" * 17 + "..."),
        ("word " * 5, "word word word wo..."),
        ("😀" * 10, "😀" * 10),
        ("😀" * 11, "😀" * 8 + "..."),
        ("", ""),
    ],
)
def test_an_sms_is_cut_to_what_one_message_takes(text: str, cut: str) -> None:
    assert sms_text(text, 20) == cut
    assert len(cut.encode("utf-16-le")) // 2 <= 20
