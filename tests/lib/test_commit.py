"""What is done after a commit: it may fail without harm to anything else."""

import logging
from functools import partial

import pytest
from django.db import transaction

from answering.lib.commit import after_commit


def fail(word: str) -> None:
    raise ConnectionError(word)


@pytest.mark.parametrize("act", [fail, partial(fail)], ids=["function", "partial"])
def test_one_that_fails_is_logged_and_the_next_is_done(
    act: "partial[None]", transactional_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []
    with caplog.at_level(logging.ERROR), transaction.atomic():
        after_commit(act, "the broker is away")
        after_commit(done.append, "hint")
        assert done == []
    assert done == ["hint"]
    assert "the broker is away" in caplog.text


def test_outside_of_a_transaction_it_is_done_at_once(transactional_db: None) -> None:
    done: list[str] = []
    after_commit(fail, "at once")
    after_commit(done.append, "at once")
    assert done == ["at once"]


def test_what_is_rolled_back_has_no_consequence(transactional_db: None) -> None:
    done: list[str] = []
    with transaction.atomic():
        after_commit(done.append, "never")
        transaction.set_rollback(True)
    assert done == []
