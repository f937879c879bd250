import io

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from answering.accounts.models import User
from answering.desk.demo import history
from clients.models import Client, Provider
from tests.cast import make_client


def seed(*arguments: str) -> str:
    output = io.StringIO()
    call_command("seed_demo", *arguments, stdout=output)
    return output.getvalue()


def test_a_production_installation_is_left_alone_unless_told(db: None, settings: Settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="production"):
        seed()
    assert not Provider.objects.exists()


def test_in_production_nobody_of_the_demo_has_a_password(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "HISTORY_DAYS", 2)
    settings.DEBUG = False
    seed("--i-know")
    assert Provider.objects.count() == 1
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert all(line.endswith("\t-") for line in seed("--logins").splitlines())


def test_a_database_with_an_operator_of_its_own_gets_no_demo(db: None, settings: Settings) -> None:
    settings.DEBUG = True
    make_client()
    assert "no demo is added" in seed()
    assert seed("--logins") == ""
    assert Client.objects.count() == Provider.objects.count() == 1
