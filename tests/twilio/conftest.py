from tests.twilio.fixtures import account, subscriber, twilio

__all__ = ["account", "subscriber", "twilio"]
