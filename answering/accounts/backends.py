"""Whose session is still good."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from answering.accounts.models import User


class StaffBackend(AuthenticationBackend):  # type: ignore[misc]
    """django-allauth's, but who was deactivated during a call keeps the session until it is closed."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.filter(pk=user_id).first()
        return user if user is not None and (user.is_active or user.finishes_call) else None
