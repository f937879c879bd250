"""Made-up Twilio accounts and lines with numbers at them."""

from typing import Any

from answering.twilio.accounts import forget_accounts
from answering.twilio.models import TwilioAccount
from clients.models import Line

OWN = f"AC{1:032x}"
KEY, SECRET = f"SK{1:032x}", "k" * 32


def set_own_account(settings: Any) -> None:
    """The installation has an account, with a key that signs tokens."""
    forget_accounts()
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = OWN, "a" * 32
    settings.TWILIO_API_KEY, settings.TWILIO_API_SECRET = KEY, SECRET


def add_account(number: int = 2, **fields: Any) -> TwilioAccount:
    """A further account, of a client's own."""
    account = TwilioAccount(name=f"Account {number}", sid=f"AC{number:032x}", api_key=f"SK{number:032x}", **fields)
    account.auth_token, account.api_secret = "b" * 32, SECRET
    account.save()
    return account


def give_number(line: Line, number: str = "+37167000001", account: TwilioAccount | None = None) -> Line:
    """The line is called by this number of the account; None is the installation's own."""
    line.number, line.twilio_account = number, account
    line.save()
    return line
