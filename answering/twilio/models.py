"""Twilio accounts besides the installation's own: a subaccount, or a client's account with the client's number."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.lib import clock
from answering.twilio.seals import seal, unseal


def _sid_validator(prefix: str) -> RegexValidator:
    message = _("Not such a SID: it has two capital letters, then 32 digits or letters a to f.")
    return RegexValidator(rf"\A{prefix}[0-9a-fA-F]{{32}}\Z", message)


class TwilioAccount(models.Model):
    """Its token and key secret are sealed; reading them raises SealBroken where SECRET_KEY has changed."""

    name = models.CharField(max_length=120)
    sid = models.CharField(_("account SID"), max_length=34, unique=True, validators=[_sid_validator("AC")])
    sealed_auth_token = models.TextField(editable=False)
    api_key = models.CharField(_("API key SID"), max_length=34, blank=True, validators=[_sid_validator("SK")])
    sealed_api_secret = models.TextField(blank=True, editable=False)
    application_sid = models.CharField(
        _("TwiML application SID"), max_length=34, blank=True, validators=[_sid_validator("AP")]
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(name="twilio_account_has_token", condition=~models.Q(sealed_auth_token="")),
            models.CheckConstraint(
                name="twilio_key_has_secret",
                condition=models.Q(api_key="", sealed_api_secret="")
                | ~models.Q(api_key="") & ~models.Q(sealed_api_secret=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def auth_token(self) -> str:
        return unseal(self.sealed_auth_token)

    @auth_token.setter
    def auth_token(self, secret: str) -> None:
        self.sealed_auth_token = seal(secret)

    @property
    def api_secret(self) -> str:
        return unseal(self.sealed_api_secret)

    @api_secret.setter
    def api_secret(self, secret: str) -> None:
        self.sealed_api_secret = seal(secret)

    def clean(self) -> None:
        if bool(self.api_key) != bool(self.sealed_api_secret):
            raise ValidationError(_("An API key and its secret go together."))
