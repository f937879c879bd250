"""What a page may send, as JSON. Nothing is converted silently: a number is a number, a text a text."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from calls.services.callers import NAME_LIMIT, e164

NUMBER_LIMIT = 32
SDP_LIMIT = 32 * 1024
LARGEST_INTEGER = 2**31 - 1
LARGEST_COUNT = 2**63 - 1
WEEK_MS = 7 * 24 * 3600 * 1000

# Format characters that emoji and several scripts need; all others could turn the text around them.
_JOINERS = frozenset("\u200c\u200d") | frozenset(chr(code) for code in range(0xE0020, 0xE0080))


def clean_line(text: str) -> str:
    """One line without control, direction or unpaired characters, composed (Unicode NFC), white space merged."""
    spaced = re.sub(r"\s+", " ", text)
    kept = (c for c in spaced if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


class TextField(forms.CharField):
    """A JSON string."""

    def to_python(self, value: Any) -> str:
        """The string itself; ValidationError for any other type."""
        if value is not None and not isinstance(value, str):
            raise ValidationError(_("This is not a text."))
        return str(super().to_python(value))


class LineField(TextField):
    """A JSON string on one line."""

    def to_python(self, value: Any) -> str:
        """The string as `clean_line` leaves it."""
        return clean_line(super().to_python(value))


class WholeNumberField(forms.IntegerField):
    """A JSON whole number; not a string of digits, a fraction or a truth value."""

    def to_python(self, value: Any) -> int | None:
        """The number itself; ValidationError for any other type."""
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise ValidationError(_("This is not a whole number."))
        return super().to_python(value)


class DetailsForm(forms.Form):
    """Who calls. A number is refused rather than lost when nobody could be called on it."""

    name = LineField(required=False, max_length=NAME_LIMIT, label=_("Your name"))
    number = LineField(required=False, max_length=NUMBER_LIMIT, label=_("Your phone number"))

    def __init__(self, data: dict[str, Any] | None = None, *, country: str, id_prefix: str = "id") -> None:
        super().__init__(data, auto_id=f"{id_prefix}_%s")
        self._country = country
        self.fields["name"].widget.attrs.update({"autocomplete": "name", "dir": "auto"})
        self.fields["number"].widget = forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
        self.fields["number"].widget.attrs["maxlength"] = str(NUMBER_LIMIT)

    def clean_number(self) -> str:
        """The number in E.164; a national one is of the client's country."""
        typed: str = self.cleaned_data["number"]
        if not typed:
            return ""
        number = e164(typed, self._country)
        if number is None:
            raise ValidationError(
                _("Nobody can be called on this number. Please check it, best with its country code.")
            )
        return number


class NewCallForm(DetailsForm):
    key = TextField(min_length=32, max_length=32, widget=forms.HiddenInput)

    def clean_key(self) -> str:
        """A random 128-bit number in hexadecimal, made by the page."""
        key: str = self.cleaned_data["key"]
        if not re.fullmatch(r"[0-9a-f]{32}", key):
            raise ValidationError(_("This page is out of date. Please reload it."))
        return key


class CallBackForm(DetailsForm):
    """Details left after nobody answered: without a number they are of no use."""

    def __init__(self, data: dict[str, Any] | None = None, *, country: str, id_prefix: str = "id") -> None:
        super().__init__(data, country=country, id_prefix=id_prefix)
        self.fields["number"].required = True


class HeartbeatForm(forms.Form):
    generation = WholeNumberField(min_value=0, max_value=LARGEST_INTEGER)
    packets = WholeNumberField(min_value=0, max_value=LARGEST_COUNT)


class AnswerForm(forms.Form):
    sdp = TextField(max_length=SDP_LIMIT, strip=False)

    def clean_sdp(self) -> str:
        """A session description (RFC 8866), which starts with its version."""
        sdp: str = self.cleaned_data["sdp"]
        if not sdp.startswith("v=0") or len(sdp.encode("utf-8", "replace")) > SDP_LIMIT or not sdp.isascii():
            raise ValidationError(_("This is not a description of a connection."))
        return sdp


class HangUpForm(forms.Form):
    key = TextField(min_length=1, max_length=64)
    ago_ms = WholeNumberField(min_value=0, max_value=WEEK_MS)

    def clean_key(self) -> str:
        """The page's own name for this hang-up."""
        key: str = self.cleaned_data["key"]
        if not re.fullmatch(r"[0-9a-zA-Z-]+", key):
            raise ValidationError(_("This page is out of date. Please reload it."))
        return key


class LeavingForm(forms.Form):
    token = TextField(max_length=64)
