"""Pages of a development checkout; nobody finds them where DEBUG is off."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from answering.runtime.addresses import HERE
from answering.runtime.mailbox import find_message, newest_messages


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """The newest messages that the mail sink has taken."""
    _only_in_development()
    return render(request, "dev/mail_list.html", {"mails": newest_messages(HERE.mail)})


@require_safe
def mail_detail(request: HttpRequest, message_id: str) -> HttpResponse:
    """One message, all of it as text: nothing in it is run, loaded or linked."""
    _only_in_development()
    mail = find_message(HERE.mail, message_id)
    if mail is None:
        raise Http404("There is no such message.")
    return render(request, "dev/mail_detail.html", {"mail": mail})


def _only_in_development() -> None:
    if not settings.DEBUG:
        raise Http404("Only in development.")
