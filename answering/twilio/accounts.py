"""The Twilio accounts of this installation: its own from the settings, further ones from their rows."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from answering.twilio.errors import NotConfigured
from answering.twilio.models import TwilioAccount
from answering.twilio.seals import SealBroken

log = structlog.get_logger(__name__)

KEEP_SECONDS = 60.0
# While the database is away, so many seconds pass before it is asked again: a webhook has no time to wait for it.
PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Account:
    """What it takes to act for one account. `row_id` is None for the installation's own."""

    name: str
    sid: str
    auth_token: str = field(repr=False)
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    application_sid: str = ""
    row_id: int | None = None


def own_account() -> Account | None:
    """The installation's own account; None where the settings name none."""
    if not (settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN):
        return None
    return Account(
        name="TWILIO_ACCOUNT_SID",
        sid=settings.TWILIO_ACCOUNT_SID,
        auth_token=settings.TWILIO_AUTH_TOKEN,
        api_key=settings.TWILIO_API_KEY,
        api_secret=settings.TWILIO_API_SECRET,
        application_sid=settings.TWILIO_APPLICATION_SID,
    )


def account_by_sid(sid: str) -> Account | None:
    """The own account or an active row with this SID, whether the database answers or not.

    Rows are kept in the process for a minute, and the last known ones go on serving while the database is away.
    """
    own = own_account()
    if own is not None and own.sid == sid:
        return own
    return next((account for account in _rows.all() if account.sid == sid), None)


def account_of(row_id: int | None) -> Account:
    """The account of a line; None means the installation's own. Raises NotConfigured."""
    account = own_account() if row_id is None else _rows.find(row_id)
    if account is None:
        raise NotConfigured(_what_is_missing(row_id))
    return account


def all_accounts() -> tuple[Account, ...]:
    """The own account first, then the active rows."""
    own = own_account()
    return ((own,) if own is not None else ()) + _rows.all()


def forget_accounts() -> None:
    """Read the rows anew when they are next needed."""
    _rows.forget()


def _what_is_missing(row_id: int | None) -> str:
    if row_id is None:
        return "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not set."
    return f"Twilio account {row_id} is not active, or its secrets cannot be read."


class _Rows:
    """The active rows as this process last read them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accounts: tuple[Account, ...] = ()
        self._good_until = 0.0

    def all(self) -> tuple[Account, ...]:
        """One thread reads anew, the others go on with what is known."""
        if time.monotonic() >= self._good_until and self._lock.acquire(blocking=self._good_until == 0):
            try:
                if time.monotonic() >= self._good_until:
                    self._read()
            finally:
                self._lock.release()
        return self._accounts

    def find(self, row_id: int) -> Account | None:
        """A row that another process has just written is looked for once more."""
        for _attempt in range(2):
            found = next((account for account in self.all() if account.row_id == row_id), None)
            if found is not None:
                return found
            self.forget()
        return None

    def forget(self) -> None:
        self._good_until = 0.0

    def _read(self) -> None:
        try:
            rows = list(TwilioAccount.objects.filter(is_active=True).order_by("pk"))
        except DatabaseError as error:
            log.warning("twilio.accounts_not_read", error=type(error).__name__)
            self._good_until = time.monotonic() + PAUSE_SECONDS
            return
        self._accounts = tuple(account for account in map(_opened, rows) if account is not None)
        self._good_until = time.monotonic() + KEEP_SECONDS


def _opened(row: TwilioAccount) -> Account | None:
    try:
        auth_token, api_secret = row.auth_token, row.api_secret
    except SealBroken:
        log.error("twilio.seal_broken", account=row.sid)
        return None
    return Account(row.name, row.sid, auth_token, row.api_key, api_secret, row.application_sid, row.pk)


_rows = _Rows()


@receiver([post_save, post_delete], sender=TwilioAccount)
def _forget_changed(**kwargs: Any) -> None:
    forget_accounts()
