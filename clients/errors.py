from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ClientError(Exception):
    """Something about a company cannot be done."""


class ChangedMeanwhile(ClientError):
    """Somebody else has saved the same thing since it was shown."""


class CalendarInUse(ClientError):
    """Somebody answers, or is on duty, by this calendar."""


class SkillInUse(ClientError):
    """Lines require this skill."""


class VatInvalid(ClientError):
    """Not a VAT number of the company's country."""


class VatChecksumWrong(VatInvalid):
    """The digits do not fit together: one of them is wrong, or two have changed places."""


class VatOfAnother(VatInvalid):
    """A VAT number of another member state."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.prefix = prefix


class NotVip(ClientError):
    """Ways of working are agreed with clients of the plan VIP."""


class HoursInvalid(ClientError):
    """Hours that cannot be meant so; `text` is what was typed."""

    def __init__(self, text: str, *, weekday: int | None = None) -> None:
        super().__init__(text)
        self.text, self.weekday = text, weekday


class HoursUnreadable(HoursInvalid):
    """Not from one time of day to another."""


class HoursEmpty(HoursInvalid):
    """An interval that ends when it starts."""


class HoursOverlap(HoursInvalid):
    """Two intervals share some time; with `weekday`, a night's and the next day's."""


class PeopleError(ClientError):
    """Nothing was changed. `message` tells a person what happened and what to do."""

    message: str | Promise = _("That is not possible now.")

    def __str__(self) -> str:
        return str(self.message)


class DefaultContactNeeded(PeopleError):
    message = _("Somebody must get what is for nobody in particular. Make another contact the default one instead.")


class PersonOfAnother(PeopleError):
    message = _("This person does not work for this client, or has left. Choose another contact.")


class RotaExists(PeopleError):
    message = _("This client has a rota of this name already.")


class ShiftExists(PeopleError):
    message = _("This person has a shift that begins at this time already. Nothing was saved.")


class ReplacementNeeded(PeopleError):
    message = _("This is the default contact: say who gets what is for nobody in particular from now on.")


class LastOwner(PeopleError):
    message = _("This is the company's only owner in the portal. Make somebody else an owner first.")


class TermsError(ClientError):
    """Nothing was changed and nobody was told."""


class NoticeTooShort(TermsError):
    """It would take effect before `earliest`, the end of the notice agreed, and nobody has said why."""

    def __init__(self, earliest: datetime, days: int) -> None:
        super().__init__(f"{days} days, not before {earliest}")
        self.earliest, self.days = earliest, days


class BeginningInvalid(TermsError):
    """It would begin in the past, or further ahead than anybody plans."""


class NothingChanges(TermsError):
    """There is nothing to announce."""


class ConsultantNeeded(TermsError):
    """A VIP client needs a consultant before the plan can be announced."""


class TextUnknown(TermsError):
    """What was confirmed is not what was announced."""
