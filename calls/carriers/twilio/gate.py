"""What every request from Twilio passes before a view sees it."""

from collections.abc import Callable
from functools import wraps

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from answering.database.connection import answered_within
from answering.twilio.accounts import Account, account_by_sid, own_account
from answering.twilio.signature import is_signed

BODY_LIMIT = 64 * 1024
ACCOUNT_SECONDS = 1.0

View = Callable[[HttpRequest], HttpResponse]


def webhook(view: View) -> View:
    """Let through what is posted and signed with the token of the account it names.

    Anything else gets 403 and leaves no trace. Repeats are let through: what a view does twice is done once.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
            return HttpResponse(status=403)
        try:
            is_let_in = _is_from_twilio(request)
        except OperationalError:
            return HttpResponse(status=503)  # Twilio turns to the fallback address
        return view(request) if is_let_in else HttpResponse(status=403)

    return guarded


def _is_from_twilio(request: HttpRequest) -> bool:
    sid, own = request.POST.get("AccountSid", ""), own_account()
    account = own if own is not None and own.sid == sid else _further_account(sid)
    signature = request.headers.get("X-Twilio-Signature", "")
    return account is not None and is_signed(
        account, path=request.get_full_path(), params=request.POST, signature=signature
    )


def _further_account(sid: str) -> Account | None:
    """Other accounts are rows, which the process keeps; a database that hangs leaves it with those it has."""
    with answered_within(ACCOUNT_SECONDS):
        return account_by_sid(sid)
