import os
from collections.abc import Generator

import pytest
from pytest_django.fixtures import Settings

from tests.cast import House, make_house


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Hash passwords fast: the tests sign in often and keep nothing."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def house(db: None) -> House:
    return make_house()


@pytest.fixture
def live_house(transactional_db: None) -> House:
    """The same with real commits, for threads, other processes and browsers."""
    return make_house()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a skipped browser test is a failure."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and "browser" in item.keywords:
        report.outcome = "failed"
    return report
