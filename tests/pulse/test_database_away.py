"""A database that is away for a while, and how soon its return is noticed."""

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.test import Client
from psycopg_pool.base import AttemptWithBackoff

from calls.carriers.browser import tokens

PAGE = "/phone/calls/01990000-0000-7000-8000-000000000000/"


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_who_asks_meanwhile_is_told_to_ask_again(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    fail(monkeypatch, error("couldn't get a connection after 2.00 sec"))
    answer = visitor.get(PAGE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_a_fault_of_ours_is_none_of_the_database_s(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(monkeypatch, RuntimeError("a secret detail"))
    answer = visitor.get(PAGE)
    assert answer.status_code == 500
    assert b"secret" not in answer.content


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def raise_it(*_: object) -> None:
        raise error

    monkeypatch.setattr(tokens, "call_spoken_for", raise_it)


def test_no_pause_between_two_attempts_is_longer_than_a_request_waits() -> None:
    pool = settings.DATABASES["default"]["OPTIONS"]["pool"]
    attempt, now = AttemptWithBackoff(timeout=pool["reconnect_timeout"]), 0.0
    while not attempt.time_to_give_up(now):
        attempt.update_delay(now)
        assert attempt.delay < pool["timeout"]
        now += attempt.delay
    assert now < pool["timeout"], "the pool would go on by itself instead of beginning anew with the next request"
