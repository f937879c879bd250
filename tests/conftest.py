import asyncio
import os
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest
from django.template import Context, Template
from django.test import TransactionTestCase
from django.utils import translation
from django.utils.safestring import SafeString
from pytest_django.fixtures import Settings

from answering.twilio.accounts import forget_accounts
from tests.cast import House, make_house
from tests.emptying import empty_database


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """After a test with real commits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty_database())
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_widgets(django_test_environment: None) -> Iterator[None]:
    """Note nothing of Django's own widgets: a list of all time zones is 1,000 templates, each with a copied context."""
    noting = vars(Template)["_render"]

    def render(template: Template, context: Context) -> SafeString:
        if (template.name or "").startswith("django/forms/widgets/"):
            return template.nodelist.render(context)
        return SafeString(noting(template, context))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Hash passwords fast: the tests sign in often and keep nothing."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def quick_static_files(settings: Settings) -> None:
    """Look for a static file when it is asked for: WhiteNoise would list them all anew for every test client."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def unknown_accounts() -> None:
    """A process keeps Twilio accounts for a minute, longer than a test's rows live."""
    forget_accounts()


@pytest.fixture(autouse=True)
def own_language() -> None:
    """A request leaves its language active in the thread; the next one sets its own, but a test need not have one."""
    translation.deactivate()


@contextmanager
def _no_running_loop() -> Iterator[None]:
    """Hide the event loop that Playwright leaves running in a worker that has had browser tests."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(running)


def _guarded(item: pytest.Item) -> AbstractContextManager[None]:
    return nullcontext() if "browser" in item.keywords else _no_running_loop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    with _guarded(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with _guarded(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Not at the very end, when Playwright itself is put away."""
    with _guarded(item) if nextitem is not None else nullcontext():
        return (yield)


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
