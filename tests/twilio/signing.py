"""Webhooks as Twilio signs them, made without the twilio package so that the check is held to the documentation.

Twilio, "Validating signatures from Twilio": the address as given to Twilio, then each form field's name and value
in order of the names, HMAC-SHA1 with the account's auth token, Base64.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"
Fields = Mapping[str, str | Sequence[str]]


def signature_of(auth_token: str, url: str, fields: Fields) -> str:
    text = url
    for name in sorted(fields):
        value = fields[name]
        for each in [value] if isinstance(value, str) else sorted(set(value)):
            text += name + each
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def signed_post(auth_token: str, url: str, fields: Fields) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a webhook to `url`, which is the address that Twilio was given."""
    body = urlencode(fields, doseq=True).encode()
    return body, {"Content-Type": FORM, "X-Twilio-Signature": signature_of(auth_token, url, fields)}
