from pathlib import Path

import pytest

from answering.runtime.addresses import Places
from answering.runtime.errors import StartError
from answering.runtime.lineup import Lineup
from answering.runtime.servers import own_servers

PLACES = Places(Path("/srv/alio"))


def test_processes_learn_the_addresses_of_this_run() -> None:
    environ = Lineup(PLACES, "127.0.0.1", 8010, 8012).environ({"PATH": "/bin"}, own_servers(PLACES, {}))
    assert environ["PUBLIC_URL"] == "http://127.0.0.1:8010"
    assert environ["LIVE_URL"] == "http://127.0.0.1:8011/live/"
    assert environ["EMAIL_URL"] == "smtp://127.0.0.1:8012"
    assert environ["DATABASE_URL"].startswith("postgresql://alio@%2Fsrv%2Falio")
    assert environ["REDIS_URL"] == "unix:///srv/alio/var/run/valkey.sock?db=0"
    assert environ["PATH"] == "/bin"


def test_what_the_environment_gives_is_kept() -> None:
    given = {"PUBLIC_URL": "https://alio.example", "ALLOWED_HOSTS": "alio.example", "EMAIL_URL": "smtp://mail.example"}
    environ = Lineup(PLACES, "0.0.0.0", 8000, None).environ(given, [])  # noqa: S104
    assert given.items() <= environ.items()
    assert "DATABASE_URL" not in environ


def test_an_empty_variable_counts_as_absent() -> None:
    assert Lineup(PLACES, "::", 8000, None).environ({"PUBLIC_URL": ""}, [])["PUBLIC_URL"] == "http://127.0.0.1:8000"


def test_every_process_of_the_house_is_run() -> None:
    names = [program.name for program in Lineup(PLACES, "127.0.0.1", 8000, 8002).programs({})]
    assert names == ["web", "live", "worker", "beat", "dispatcher", "mail"]


def test_webhooks_have_a_process_of_their_own_where_there_are_some() -> None:
    given = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}
    programs = Lineup(PLACES, "127.0.0.1", 8000, None).programs(given)
    [carriers] = [program for program in programs if program.name == "carriers"]
    assert carriers.command[-1] == "answering.webhooks:application"
    assert carriers.command[carriers.command.index("--port") + 1] == "8003"


def test_no_mail_sink_where_a_mail_server_is_given() -> None:
    assert "mail" not in [program.name for program in Lineup(PLACES, "127.0.0.1", 8000, None).programs({})]


@pytest.mark.parametrize("value", ["many", "0", "-2", "1000", "2.5"])
def test_a_wrong_number_of_processes_is_named(value: str) -> None:
    with pytest.raises(StartError, match="WEB_WORKERS must be a whole number"):
        Lineup(PLACES, "127.0.0.1", 8000, None).programs({"WEB_WORKERS": value})
