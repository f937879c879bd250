"""The people of a client company: who decides what, and how each is reached."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from answering.accounts.models import Language
from answering.lib import clock
from answering.lib.text import search_key, sort_key
from clients.models.calendars import Calendar
from clients.models.companies import Client
from clients.models.revised import Revised
from clients.querysets import ContactQuerySet


class Department(models.Model):
    """A part of the client company; it lives as long as somebody is in it, or was when they left."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="departments")
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "client"], name="department_of_client"),
            models.UniqueConstraint(fields=["client", "name"], name="department_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(Revised):
    """Somebody at the client's whom a message can be for."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=120)
    sort_key = models.CharField(max_length=240, editable=False)
    search_key = models.CharField(max_length=400, editable=False)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.RESTRICT, related_name="contacts"
    )
    responsibility = models.CharField(
        _("responsible for"), max_length=200, blank=True, help_text=_("What they decide, e.g. prices and complaints.")
    )
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=5, choices=Language, help_text=_("Of the messages to them."))
    also_speaks = ArrayField(models.CharField(max_length=5, choices=Language), default=list, blank=True)
    calendar = models.ForeignKey(
        Calendar,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("hours"),
        help_text=_("When this person can be reached, whatever the rota says."),
    )
    is_default = models.BooleanField(
        _("default contact"), default=False, help_text=_("Gets what is for nobody in particular.")
    )
    left_at = models.DateTimeField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["client", "sort_key", "id"], condition=models.Q(left_at=None), name="contacts_of_client_by_name"
            ),
            # What rows of a file are matched by.
            models.Index(models.F("client"), Upper("name"), name="contact_of_client_named"),
            models.Index(
                models.F("client"), Upper("email"), condition=~models.Q(email=""), name="contact_of_client_by_email"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "client"], name="contact_of_client"),
            models.UniqueConstraint(fields=["client"], condition=models.Q(is_default=True), name="one_default_contact"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self) -> None:
        self.sort_key = sort_key(self.name, self.language)[:240]
        self.search_key = search_key(f"{self.name} {self.responsibility}")[:400]

    @property
    def languages(self) -> list[str]:
        """Codes of the languages they speak, the one they are written to in first."""
        return [self.language, *(code for code in self.also_speaks if code != self.language)]

    @property
    def urgent_number(self) -> "ContactNumber | None":
        """Where an urgent message goes by SMS as well; None when they do not want that."""
        return next((number for number in self.numbers.all() if number.gets_urgent_sms), None)


class ContactNumber(models.Model):
    """A telephone number of a contact; `position` is the order in which they are tried."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="numbers")
    position = models.PositiveSmallIntegerField()
    number = PhoneNumberField()
    label = models.CharField(max_length=40, blank=True)
    gets_urgent_sms = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["number"], name="contact_by_number")]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "position"],
                name="contact_number_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(fields=["contact", "number"], name="contact_number_once"),
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(gets_urgent_sms=True), name="one_number_for_urgent_sms"
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


def numbers_in_order(contact: Contact, numbers: Iterable[ContactNumber]) -> list[ContactNumber]:
    """These numbers as the contact's, tried in the order given."""
    rows = list(numbers)
    for position, row in enumerate(rows, start=1):
        row.contact, row.position = contact, position
    return rows
