from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from answering.pulse.freshness import FRESH_WITHIN
from answering.pulse.models import ServicePulse
from answering.pulse.services import beat_pulse
from answering.runtime.probe import main
from tests.browser.house import free_port

Captured = pytest.CaptureFixture[str]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(FRESH_WITHIN))
def test_a_part_with_a_fresh_pulse_is_well(name: str, capsys: Captured) -> None:
    beat_pulse(name)
    assert main([name]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(FRESH_WITHIN))
def test_a_part_that_has_fallen_silent_is_not(name: str, capsys: Captured) -> None:
    beat_pulse(name)
    ServicePulse.objects.update(pulsed_at=F("pulsed_at") - FRESH_WITHIN[name] - timedelta(seconds=1))
    assert main([name]) == 1
    assert f"{name} was last seen" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_a_part_that_never_was_there_is_not_well(capsys: Captured) -> None:
    beat_pulse("beat")
    assert main(["worker"]) == 1
    assert capsys.readouterr().out == "worker has never been seen\n"


def test_without_the_database_no_part_is_well_and_one_line_says_why(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = {"host": "127.0.0.1", "port": str(free_port()), "dbname": "alio"}
    monkeypatch.setattr(connection, "get_connection_params", lambda: away)
    assert main(["worker"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("The database cannot be asked: ")
    assert said.count("\n") == 1


@pytest.mark.django_db(transaction=True)
def test_the_pages_are_asked_under_their_public_name(live_server: LiveServer, settings: Settings) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://alio.example", ["alio.example"]
    assert main([f"{live_server.url}/healthz"]) == 0


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_is_an_error_is_told_with_its_words(live_server: LiveServer, capsys: Captured) -> None:
    assert main([f"{live_server.url}/nowhere"]) == 1
    assert f"{live_server.url}/nowhere answers 404" in capsys.readouterr().out


def test_where_nobody_listens_nobody_is_well(capsys: Captured) -> None:
    address = f"http://127.0.0.1:{free_port()}/healthz"
    assert main([address]) == 1
    assert capsys.readouterr().out.startswith(f"{address} does not answer: ")


@pytest.mark.parametrize("arguments", [["nobody"], ["ftp://127.0.0.1/"], ["web"], [], ["beat", "worker"]])
def test_what_it_does_not_understand_it_refuses(arguments: list[str], capsys: Captured) -> None:
    assert main(arguments) > 0
    assert "worker, beat, dispatcher" in capsys.readouterr().out
