"""Servers and processes that die in the middle of calls."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import F

from answering.runtime.addresses import CHECKOUT
from calls.models import Call
from calls.states import CallOutcome
from inquiries.models import Inquiry
from inquiries.services import request_missing_call_backs
from tests.calls.acts import dial, kinds_of
from tests.cast import House
from tests.servers import dedicated_postgres, dedicated_valkey
from tests.waiting import wait_until

WAITING = 15


def test_a_call_outlives_restarts_of_its_database_and_of_valkey(tmp_path: Path) -> None:
    with dedicated_postgres(tmp_path) as postgres, dedicated_valkey(tmp_path) as valkey:
        environ = os.environ | {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": valkey.url,
            "DJANGO_SETTINGS_MODULE": "answering.settings",
        }
        command = [sys.executable, "-m", "tests.calls.away"]
        with subprocess.Popen(
            command, cwd=CHECKOUT, env=environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as program:
            assert next_word(program) == "held"
            postgres.stop()  # not kill: servers of tests do not write each commit at once
            valkey.kill()
            postgres.start()
            assert next_word(program, go_on=True) == "resumed"
            postgres.stop()
            postgres.start()
            valkey.start()
            kinds = "arrived,queued,claimed,agent_joined,held,resumed,agent_ended"
            assert next_word(program, go_on=True) == f"closed answered {kinds}"
        assert program.returncode == 0


def next_word(program: "subprocess.Popen[str]", *, go_on: bool = False) -> str:
    """What the program says next; nothing once it has failed."""
    assert program.stdin is not None
    assert program.stdout is not None
    if go_on:
        program.stdin.write("\n")
        program.stdin.flush()
    return program.stdout.readline().rstrip("\n")


@contextmanager
def dispatcher() -> Iterator["subprocess.Popen[bytes]"]:
    """`manage.py dispatch` on the database of this test."""
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + settings.DATABASES["default"]["NAME"]
    command = [sys.executable, str(CHECKOUT / "manage.py"), "dispatch"]
    with subprocess.Popen(command, cwd=CHECKOUT, env=os.environ | {"DATABASE_URL": url}) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_dispatcher_killed_in_mid_round_loses_nothing(live_house: House) -> None:
    assert connection.settings_dict["NAME"] == settings.DATABASES["default"]["NAME"]
    calls = [dial(live_house.line, carrier="browser", number=f"+371261234{n:02}") for n in range(WAITING)]
    gone = timedelta(seconds=91)
    Call.objects.update(waiting_since=F("waiting_since") - gone, next_action_at=F("next_action_at") - gone)
    missed = Call.objects.filter(outcome=CallOutcome.MISSED)
    with dispatcher() as first:
        wait_until(missed.exists, timeout=60)
        first.kill()
    with dispatcher():  # patient for 15 s if the first has been away for long
        wait_until(lambda: missed.count() == WAITING, timeout=90)
    assert {tuple(kinds_of(call)) for call in calls} == {("arrived", "queued", "gave_up")}
    request_missing_call_backs()
    assert Inquiry.objects.filter(kind="callback").count() == WAITING
