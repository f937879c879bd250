"""What can be wrong with a change of a colleague; each is said to the person at the desk in their language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class StaffError(Exception):
    """Nothing was changed. `message` tells a person what happened and what to do; `field` is what it is about."""

    message: str | Promise = _("That is not possible now.")
    field: str | None = None

    def __str__(self) -> str:
        return str(self.message)


class PersonChanged(StaffError):
    """Somebody else has saved the same person since they were shown."""


class EmailTaken(StaffError):
    message = _("Somebody signs in with this e-mail already, at the desk or in a client’s portal.")
    field = "email"


class LastAdministrator(StaffError):
    message = _("This is the only administrator who can sign in. Make somebody else an administrator first.")


class OnlyOthers(StaffError):
    message = _("Another administrator has to do this: nobody changes their own role or access.")


class NotStaff(StaffError):
    message = _("This person has left. Activate them first.")


class AlreadySignedIn(StaffError):
    message = _("This person has a password already. Who forgets it asks for a new one at sign-in.")


class InCall(StaffError):
    message = _("This person is in a call. Wait until it is closed, then change the role.")
    field = "role"


class HasClients(StaffError):
    message = _("Clients have this person as consultant or substitute. Hand them over first.")


class SuccessorNeeded(StaffError):
    message = _("Say who takes over the clients.")
    field = "successor"
