"""How django-allauth and django-axes see our users."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs themselves up: staff are created at the desk, clients are invited."""
        return False


def login_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The e-mail address a sign-in was tried with, for django-axes to count failures by."""
    given = (credentials or {}).get("email") or (credentials or {}).get("username")
    if not given and request is not None:
        given = request.POST.get("login", "")
    return str(given or "").strip().lower()
