"""Somebody presses the button."""

from dataclasses import dataclass

from django.db import transaction

from answering.lib import clock
from calls.carriers.base import InboundCall
from calls.carriers.browser import tokens
from calls.carriers.browser.limits import check_limits, hold_limits
from calls.models import BrowserCall, Call, CallLeg, Party
from calls.services import receive_call
from calls.services.inbound import check_open
from clients.models import Line


@dataclass(frozen=True, slots=True)
class Attempt:
    """One press of the button. `key` is the page's own random name for it, the same in every repeat."""

    key: str
    name: str
    number: str
    address: str


def place_call(line: Line, attempt: Attempt) -> tuple[Call, str]:
    """Make the call with the caller's leg, offered to the first agent, in one transaction; gives it with its token.

    The same key again gives the same call. Raises LineClosed, LineBusy, TooManyCalls.
    """
    token = tokens.make_token(line.slug, attempt.key)
    known = _made_with(token)
    if known is not None:
        return known, token
    check_open(line)
    address_hash = tokens.hash_address(attempt.address)
    check_limits(line, address_hash)
    with transaction.atomic():
        hold_limits(line, address_hash)
        call = _made_with(token) or _make(line, attempt, token, address_hash)
    return call, token


def _made_with(token: str) -> Call | None:
    return Call.objects.filter(browser__token_hash=tokens.hash_token(token)).select_related("line__client").first()


def _make(line: Line, attempt: Attempt, token: str, address_hash: str) -> Call:
    check_limits(line, address_hash)
    now = clock.now()
    inbound = InboundCall(
        carrier="browser",
        event_key=tokens.event_key(line.slug, attempt.key),
        dialled=line.slug,
        occurred_at=now,
        caller_number=attempt.number,
        caller_name=attempt.name,
    )
    call = Call.objects.select_related("line__client").get(public_id=receive_call(inbound).call)
    BrowserCall.objects.create(call=call, token_hash=tokens.hash_token(token), address_hash=address_hash)
    CallLeg.objects.create(call=call, party=Party.CALLER, heartbeat_at=now)
    return call
