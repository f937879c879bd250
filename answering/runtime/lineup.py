"""Which processes `up` runs, with what environment."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from answering.runtime.addresses import Places
from answering.runtime.errors import StartError
from answering.runtime.leftovers import MARK
from answering.runtime.servers import Server, variable
from answering.runtime.supervisor import Program

BACKGROUND_DELAY = 4.0  # on a small machine the pages are there so much sooner
LOOPBACK = "127.0.0.1"
CARRIERS_AFTER = 3  # ports: pages, stream, mail sink, webhooks
CARRIER_THREADS = 16  # most of them wait, when the database does
CELERY = (
    *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
    *("-m", "celery", "--quiet", "-A", "answering"),
)
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


@dataclass(frozen=True)
class Lineup:
    """What one run of `up` consists of. `mail_port` is None where EMAIL_URL names a server."""

    places: Places
    host: str
    port: int
    mail_port: int | None

    @property
    def address(self) -> str:
        """What to open in a browser on this machine."""
        return f"http://{_bracketed(self._name)}:{self.port}"

    @property
    def live_address(self) -> str:
        """The event stream."""
        return f"http://{_bracketed(self._name)}:{self.port + 1}/live/"

    @property
    def _name(self) -> str:
        return LOOPBACK if self.host in EVERY_ADDRESS else self.host

    def environ(self, given: Mapping[str, str], servers: list[Server]) -> dict[str, str]:
        """The environment of every process: as given, completed by what this run decides."""
        own = {
            "PUBLIC_URL": self.address,
            "LIVE_URL": self.live_address,
            "ALLOWED_HOSTS": ",".join(dict.fromkeys([self._name, LOOPBACK, "localhost", "[::1]"])),
            **{variable(server): server.url for server in servers},
        }
        if self.mail_port:
            own["EMAIL_URL"] = f"smtp://{LOOPBACK}:{self.mail_port}"
        present = {name: value for name, value in given.items() if value}
        return own | present | {MARK: str(self.places.checkout), "PYTHONUNBUFFERED": "1"}

    def programs(self, given: Mapping[str, str]) -> list[Program]:
        """The processes, in the order in which they start; one for webhooks only where somebody sends them."""
        programs = [self._web(given), self._live(), self._worker(given), self._beat(), self._dispatcher()]
        if given.get("TWILIO_ACCOUNT_SID"):
            programs.append(self._carriers())
        if self.mail_port:
            sink = (sys.executable, "-m", "answering.runtime.mailsink", str(self.mail_port), str(self.places.mail))
            programs.append(Program("mail", sink, stage=2, patience=1.0))
        return programs

    def _granian(self, interface: str, port: int) -> tuple[str, ...]:
        return (
            *(sys.executable, "-m", "granian", "--no-ws", "--log-level", "warning"),
            *("--workers-kill-timeout", "2", "--respawn-failed-workers"),
            *("--host", self.host),
            *("--interface", interface, "--port", str(port)),
        )

    def _web(self, given: Mapping[str, str]) -> Program:
        command = (
            *self._granian("wsgi", self.port),
            *("--workers", _count(given, "WEB_WORKERS", 2)),
            *("--blocking-threads", _count(given, "WEB_THREADS", 4)),
            "answering.wsgi:application",
        )
        return Program("web", command)

    def _carriers(self) -> Program:
        command = (
            *self._granian("wsgi", self.port + CARRIERS_AFTER),
            *("--workers", "1", "--blocking-threads", str(CARRIER_THREADS)),
            "answering.webhooks:application",
        )
        return Program("carriers", command)

    def _live(self) -> Program:
        command = (
            *(*self._granian("asgi", self.port + 1), "--workers", "1"),
            *("--backlog", "4096", "--backpressure", "6000"),  # as many streams as live allows, and some
            "answering.live:application",
        )
        # It ends its streams when told to stop; pages open new ones.
        return Program("live", command, patience=1.0)

    def _worker(self, given: Mapping[str, str]) -> Program:
        command = (
            *(*CELERY, "worker", "--loglevel", "warning", "--without-gossip", "--without-mingle"),
            *("--concurrency", _count(given, "WORKER_PROCESSES", 2)),
        )
        return Program("worker", command, stage=1, delay=BACKGROUND_DELAY)

    def _beat(self) -> Program:
        command = (
            *(*CELERY, "beat", "--loglevel", "warning", "--pidfile="),
            *("--schedule", str(self.places.run / "beat-schedule")),
        )
        return Program("beat", command, stage=1, delay=BACKGROUND_DELAY)

    def _dispatcher(self) -> Program:
        command = (sys.executable, str(self.places.checkout / "manage.py"), "dispatch")
        return Program("dispatcher", command, stage=1, delay=BACKGROUND_DELAY)


def _count(given: Mapping[str, str], name: str, default: int) -> str:
    value = given.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 64:
        raise StartError(f"{name} must be a whole number from 1 to 64, not {value!r}.")
    return value


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
