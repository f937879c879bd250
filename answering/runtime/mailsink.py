"""A mail server for development: takes every message, sends none on, keeps them as files.

`/dev/mail/` shows them. Run as `python -m answering.runtime.mailsink PORT DIRECTORY`.
"""

import asyncio
import re
import secrets
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"
MESSAGE_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")  # UTC to the microsecond: sorts by time


class KeepMessages:
    """Handler of the SMTP server: one file for each message, whole or not at all."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the message with the addresses of its envelope, which tell the hidden recipients."""
        content = envelope.content or b""
        data = content if isinstance(content, bytes) else content.encode()
        recipients = ", ".join(_one_line(address) for address in envelope.rcpt_tos)
        store(self._directory, f"X-Envelope-To: {recipients}\r\n".encode() + data)
        return "250 Message kept"


def store(directory: Path, data: bytes) -> Path:
    """Write one message under a new name that sorts after the older ones."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    draft = directory / f".{name}.part"
    draft.write_bytes(data)
    return draft.replace(directory / f"{name}.eml")


async def serve(port: int, directory: Path) -> None:
    """Take mail until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    handler = KeepMessages(directory)
    server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True, ident="Alio"), LOOPBACK, port)
    await stop.wait()
    server.close()


def _one_line(address: str) -> str:
    return "".join(character for character in address if character.isprintable())


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
