"""Secrets as they lie in the database: readable with this installation's SECRET_KEY only."""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Part of the key: whoever seals something else with SECRET_KEY gets another one (RFC 5869 §3.2).
PURPOSE = b"answering.twilio secrets 1"


class SealBroken(Exception):
    """It was sealed with another SECRET_KEY, or has been changed since."""


def seal(secret: str) -> str:
    """Encrypt and authenticate; each time another text. The empty secret stays empty."""
    return _fernet(settings.SECRET_KEY).encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """What was sealed. Raises SealBroken."""
    if not sealed:
        return ""
    try:
        return _fernet(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken from error


@cache
def _fernet(secret_key: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
