"""What every request from Twilio passes before a view sees it."""

from collections.abc import Callable
from functools import partial, wraps

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from answering.twilio.accounts import account_by_sid, own_account
from answering.twilio.signature import is_signed
from calls.carriers.twilio.budget import within_budget

BODY_LIMIT = 64 * 1024

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
    # Other accounts are rows, which a database that hangs does not give.
    account = own if own is not None and own.sid == sid else within_budget(partial(account_by_sid, sid))
    signature = request.headers.get("X-Twilio-Signature", "")
    return account is not None and is_signed(
        account, path=request.get_full_path(), params=request.POST, signature=signature
    )
