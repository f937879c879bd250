"""How django-allauth and django-axes see our users."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from answering.accounts.network import client_ip


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs themselves up: staff are created at the desk, clients are invited."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whose attempts django-allauth counts together; behind our proxy it would take all for one person's."""
        address = client_ip(request)
        if address is None:
            raise PermissionDenied
        return address


def login_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The e-mail address a sign-in was tried with, for django-axes to count failures by."""
    given = (credentials or {}).get("email") or (credentials or {}).get("username")
    if not given and request is not None:
        given = request.POST.get("login", "")
    return str(given or "").strip().lower()
