from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ClientError(Exception):
    """Nothing was changed. `message` tells a person what happened and what to do."""

    message: str | Promise = _("That is not possible now.")

    def __str__(self) -> str:
        return str(self.message)


class ContactChanged(ClientError):
    message = _("Somebody else has changed this contact meanwhile. Nothing was saved: look at it again.")


class DefaultContactNeeded(ClientError):
    message = _("Somebody must get what is for nobody in particular. Make another contact the default one instead.")
