"""What the console's page may send."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Presence
from calls.models import Disposition
from clients.models import Client, Contact
from inquiries.models import NAME_LIMIT, NUMBER_LIMIT, TEXT_LIMIT, MessageDraft, Urgency
from inquiries.services import MessageFields

SDP_LIMIT = 100_000
BIGGEST = 2**31 - 1
UNAIDED = {"autocomplete": "off", "spellcheck": "false"}
TELEPHONE = UNAIDED | {"inputmode": "tel"}
LONG_TEXT = forms.Textarea({"rows": 3, "data-autosize": True})


class WrittenText(forms.CharField):
    """Text as the writer sees it: a line break is one character, whatever the browser sends for it."""

    def to_python(self, value: Any) -> str:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value) or ""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No maxlength: a browser would cut a pasted text without a word."""
        return {}


class DraftForm(forms.Form):
    """The message form while it is being typed: nothing is required."""

    caller_name = WrittenText(
        label=_("Name"), max_length=NAME_LIMIT, required=False, strip=False, widget=forms.TextInput(UNAIDED)
    )
    caller_number = WrittenText(
        label=_("Phone"), max_length=NUMBER_LIMIT, required=False, strip=False, widget=forms.TextInput(TELEPHONE)
    )
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label=_("For"), required=False, to_field_name="public_id", empty_label=None
    )
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices, required=False, widget=forms.RadioSelect)
    text = WrittenText(label=_("Message"), max_length=TEXT_LIMIT, required=False, strip=False, widget=LONG_TEXT)
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    revision = forms.IntegerField(min_value=0, max_value=BIGGEST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contact = self.fields["contact"]
        assert isinstance(contact, forms.ModelChoiceField)  # noqa: S101 - declared above
        contact.queryset = Contact.objects.filter(client=client).present()

    def message_fields(self) -> MessageFields:
        """The cleaned form as the services take it."""
        cleaned = self.cleaned_data
        return MessageFields(
            caller_name=cleaned["caller_name"],
            caller_number=cleaned["caller_number"],
            text=cleaned["text"],
            urgency=Urgency(cleaned["urgency"] or Urgency.NORMAL),
            contact=cleaned["contact"],
        )


class MessageForm(DraftForm):
    """The message form when it is sent."""

    caller_name = WrittenText(label=_("Name"), max_length=NAME_LIMIT, required=False, widget=forms.TextInput(UNAIDED))
    caller_number = WrittenText(
        label=_("Phone"), max_length=NUMBER_LIMIT, required=False, widget=forms.TextInput(TELEPHONE)
    )
    text = WrittenText(
        label=_("Message"),
        max_length=TEXT_LIMIT,
        widget=LONG_TEXT,
        error_messages={"required": _("Write what the caller wants.")},
    )


def draft_initial(draft: MessageDraft) -> dict[str, object]:
    """A kept draft as the form's initial values."""
    return {
        "caller_name": draft.caller_name,
        "caller_number": draft.caller_number,
        "contact": draft.contact.public_id if draft.contact else None,
        "urgency": draft.urgency,
        "text": draft.text,
        "form_key": draft.form_key,
        "revision": draft.revision,
    }


class StepForm(forms.Form):
    """An answer to a step of the script; what answers fit, the script knows."""

    step = forms.CharField(max_length=40)
    answer = WrittenText(required=False, max_length=10_000, strip=False)
    revision = forms.IntegerField(min_value=1, max_value=2**53)
    is_typing = forms.BooleanField(required=False)
    caller_name = WrittenText(max_length=NAME_LIMIT, required=False)


class PresenceForm(forms.Form):
    presence = forms.ChoiceField(choices=Presence.choices)


class DispositionForm(forms.Form):
    disposition = forms.ChoiceField(choices=[choice for choice in Disposition.choices if choice[0] != Disposition.NONE])


class AnswerForm(forms.Form):
    note = forms.CharField(max_length=500, required=False)


class HeartbeatForm(forms.Form):
    """A sign of life: which page, and what it hears of which call."""

    console_id = forms.UUIDField()
    call = forms.UUIDField(required=False)
    generation = forms.IntegerField(min_value=0, max_value=BIGGEST, required=False)
    packets = forms.IntegerField(min_value=0, max_value=2**53, required=False)


class OfferForm(forms.Form):
    """A session description; its lines end with CR LF (RFC 8866), so nothing is stripped."""

    sdp = forms.CharField(max_length=SDP_LIMIT, strip=False)

    def clean_sdp(self) -> str:
        sdp: str = self.cleaned_data["sdp"]
        if not sdp.startswith("v=0"):
            raise forms.ValidationError(_("That is not a session description."))
        return sdp
