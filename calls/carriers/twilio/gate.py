"""What every request from Twilio passes before a view sees it."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from answering.twilio.accounts import account_by_sid
from answering.twilio.signature import is_signed

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
        if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT or not _is_from_twilio(request):
            return HttpResponse(status=403)
        return view(request)

    return guarded


def _is_from_twilio(request: HttpRequest) -> bool:
    account = account_by_sid(request.POST.get("AccountSid", ""))
    signature = request.headers.get("X-Twilio-Signature", "")
    return account is not None and is_signed(
        account, path=request.get_full_path(), params=request.POST, signature=signature
    )
