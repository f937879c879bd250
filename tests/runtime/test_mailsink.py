import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from answering.runtime import views
from answering.runtime.addresses import CHECKOUT, Places
from answering.runtime.mailbox import find_message, newest_messages
from answering.runtime.mailsink import MESSAGE_ID, store
from answering.runtime.ports import answers, free_port
from answering.runtime.processes import wait_until

pytestmark = pytest.mark.urls("tests.runtime.urls")


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    """The directory that the pages show; DEBUG is on."""
    places = Places(tmp_path)
    places.mail.mkdir(parents=True)
    monkeypatch.setattr(views, "HERE", places)
    settings.DEBUG = True
    return places.mail


@pytest.fixture
def sink_port(mail: Path) -> Iterator[int]:
    port = free_port("127.0.0.1")
    command = [sys.executable, "-m", "answering.runtime.mailsink", str(port), str(mail)]
    with subprocess.Popen(command, cwd=CHECKOUT) as process:
        assert wait_until(lambda: answers("127.0.0.1", port), 15)
        yield port
        process.terminate()
        assert process.wait(10) == 0


def letter(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "alio@example.org"
    message["To"] = "Jānis Bērziņš <janis@example.lv>"
    message.set_content("Lūdzu, piezvaniet.\n<b>not bold</b>\n")
    message.add_alternative("<p>Lūdzu, <script>alert(1)</script>piezvaniet.</p>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="rēķins.pdf")
    return message


def test_a_message_that_was_sent_is_listed_and_shown(sink_port: int, mail: Path, client: Client) -> None:
    with smtplib.SMTP("127.0.0.1", sink_port) as smtp:
        smtp.send_message(letter("Ziņa no Žaņa 📞"), to_addrs=["janis@example.lv", "hidden@example.lv"])
    (kept,) = newest_messages(mail)
    assert kept.subject == "Ziņa no Žaņa 📞"
    assert kept.recipients == "janis@example.lv, hidden@example.lv"

    listed = client.get("/dev/mail/").content.decode()
    assert "Ziņa no Žaņa 📞" in listed
    shown = client.get(f"/dev/mail/{kept.id}/").content.decode()
    assert f"/dev/mail/{kept.id}/" in listed
    assert "Lūdzu, piezvaniet." in shown
    assert "&lt;b&gt;not bold&lt;/b&gt;" in shown
    assert "<script>alert" not in shown
    assert "rēķins.pdf" in shown


def test_names_sort_by_time_and_nothing_half_written_is_shown(mail: Path) -> None:
    names = [store(mail, f"Subject: {number}\r\n\r\n".encode()).stem for number in range(5)]
    (mail / f".{names[0]}.part").write_bytes(b"Subject: half")
    assert names == sorted(names)
    assert all(MESSAGE_ID.fullmatch(name) for name in names)
    assert [message.subject for message in newest_messages(mail)] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    "message_id", ["..%2F..%2Fsecret-key", "../secret-key", "20261122T093651123456-0a1b2c3d", "x" * 300, "%00", ".."]
)
def test_an_address_that_names_no_message_is_not_found(mail: Path, client: Client, message_id: str) -> None:
    (mail.parent / "secret-key").write_text("secret")
    assert client.get(f"/dev/mail/{message_id}/").status_code == 404


def test_an_id_never_leads_out_of_the_directory(mail: Path) -> None:
    (mail.parent / "20261122T093651123456-0a1b2c3d.eml").write_text("Subject: outside\n\n")
    assert find_message(mail, "../20261122T093651123456-0a1b2c3d") is None


def test_the_pages_do_not_exist_where_debug_is_off(mail: Path, client: Client, settings: Settings) -> None:
    name = store(mail, b"Subject: private\r\n\r\n").stem
    settings.DEBUG = False
    assert client.get("/dev/mail/").status_code == 404
    assert client.get(f"/dev/mail/{name}/").status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: =?utf-99?q?x?=\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xc4\x80",
        b"Subject: =?utf-8?b?!!!?=\r\nFrom: <<>>\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%',
    ],
)
def test_a_malformed_message_is_shown_as_far_as_it_can_be(mail: Path, client: Client, data: bytes) -> None:
    name = store(mail, data).stem
    assert client.get("/dev/mail/").status_code == 200
    assert client.get(f"/dev/mail/{name}/").status_code == 200


def test_pages_forbid_inline_scripts(mail: Path, client: Client) -> None:
    policy = client.get("/dev/mail/").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy
