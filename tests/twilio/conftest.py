from tests.outbox.conftest import post_office
from tests.twilio.fixtures import account, subscriber, twilio

__all__ = ["account", "post_office", "subscriber", "twilio"]
