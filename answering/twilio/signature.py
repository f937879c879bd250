"""Did Twilio send this? Twilio's own way: "Validating requests are coming from Twilio", in its security guide."""

from collections.abc import Mapping
from hmac import compare_digest

from django.conf import settings
from django.utils.datastructures import MultiValueDict
from twilio.request_validator import RequestValidator

from answering.twilio.accounts import Account


def is_signed(
    account: Account, *, path: str, params: "Mapping[str, str] | MultiValueDict[str, str]", signature: str
) -> bool:
    """Whether this account's token has signed a request to `path` (with its query) with these form fields.

    The address that Twilio was given is made from PUBLIC_URL: what a proxy, or a stranger, says of scheme and
    host has no say.
    """
    if not signature or not path.startswith("/"):
        return False
    validator, address = RequestValidator(account.auth_token), public_address(path)
    expected = validator.compute_signature(address, params)
    # Twilio may sign the port of the scheme with it, or not; of the two its validator always makes both.
    return compare_digest(expected.encode(), signature.encode()) or bool(validator.validate(address, params, signature))


def public_address(path: str) -> str:
    """`path` under PUBLIC_URL, as Twilio is to be given it."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"
