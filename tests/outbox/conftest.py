from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.outbox.post_office import LOOPBACK, PostOffice
from tests.twilio.fixtures import subscriber, twilio

__all__ = ["subscriber", "twilio"]


@pytest.fixture
def post_office(settings: Settings) -> Iterator[PostOffice]:
    """A mail server that this test's mail goes to."""
    with PostOffice().open() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = LOOPBACK, office.port
        settings.EMAIL_TIMEOUT = 10
        yield office
