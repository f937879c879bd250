from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class InquiryError(Exception):
    """Nothing was changed. `message` tells a person what happened and what to do."""

    message: str | Promise = _("That is not possible now.")

    def __str__(self) -> str:
        return str(self.message)


class NotYourDraft(InquiryError):
    message = _("This message belongs to another agent's call.")


class MessageEmpty(InquiryError):
    message = _("Write what the caller wants, or at least who called.")


class MessageTooLong(InquiryError):
    message = _("The message is too long. Shorten it, or send it as two.")


class ContactOfAnother(InquiryError):
    message = _("This person does not belong to the company that was called. Choose another contact.")


class AlreadyAnswered(InquiryError):
    message = _("This request has been answered already.")


class MessagesOff(InquiryError):
    message = _("This client does not have messages taken any more. What you typed is kept as a draft.")
