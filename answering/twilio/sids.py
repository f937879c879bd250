"""Twilio's names for things: two letters and 32 hexadecimal digits. Nothing of Django: the settings import this."""

import re
from typing import Final

ACCOUNT: Final = "AC"
API_KEY: Final = "SK"
APPLICATION: Final = "AP"
CALL: Final = "CA"
CONFERENCE: Final = "CF"


def is_sid(value: object, prefix: str) -> bool:
    return isinstance(value, str) and re.fullmatch(rf"{prefix}[0-9a-fA-F]{{32}}", value) is not None


def is_message_sid(value: object) -> bool:
    """SM for an SMS, MM for one with pictures."""
    return is_sid(value, "SM") or is_sid(value, "MM")
