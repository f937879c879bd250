"""The people of a client company, and who of them is on duty."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from answering.accounts.models import Language
from answering.lib import clock
from answering.lib.text import sort_key
from clients.models.companies import Client


class Contact(models.Model):
    """Somebody at the client's whom a message can be for."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    sort_key = models.CharField(max_length=240, editable=False)
    department = models.CharField(max_length=120, blank=True)
    responsibility = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = PhoneNumberField(blank=True)
    language = models.CharField(max_length=5, choices=Language)
    is_default = models.BooleanField(default=False, help_text=_("Gets what is for nobody in particular."))
    sms_when_urgent = models.BooleanField(
        _("SMS when urgent"),
        default=False,
        help_text=_("An urgent message also goes to the phone, by SMS from the line's number."),
    )
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "client"], name="contact_of_client"),
            models.UniqueConstraint(fields=["client"], condition=models.Q(is_default=True), name="one_default_contact"),
            models.CheckConstraint(
                name="contact_with_sms_has_phone",
                condition=models.Q(sms_when_urgent=False) | ~models.Q(phone=""),
                violation_error_message=_("An SMS needs a phone number."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name, self.language)
        super().save(*args, **kwargs)


class RotaShift(models.Model):
    """From when to when a contact is on duty."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="shifts")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["client", "ends_at"], name="rota_by_end")]
        constraints = [
            models.CheckConstraint(name="shift_has_length", condition=models.Q(ends_at__gt=models.F("starts_at")))
        ]

    def __str__(self) -> str:
        return f"{self.contact} {self.starts_at:%Y-%m-%d %H:%M}"
