import os

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


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """With CI=true a skipped browser test is a failure."""
    if os.environ.get("CI") == "true" and report.skipped and "browser" in report.keywords:
        report.outcome = "failed"
