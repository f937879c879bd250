"""How far the setting up of a client is, from facts alone: nobody ticks anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Agent
from answering.desk.navigation import CLIENT_TABS
from answering.lib import clock
from billing.models import TariffVersion
from calls.models import Call
from clients.models import Client, Line, ScriptVersion


@dataclass(frozen=True, slots=True)
class Step:
    """`fact` says what makes the step done; `url` is where to do it, empty where the desk has no page for it."""

    label: Promise
    fact: Promise
    is_done: bool
    url: str


@dataclass(frozen=True, slots=True)
class Checklist:
    steps: Sequence[Step]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_complete(self) -> bool:
        return self.done == len(self.steps)

    @property
    def following(self) -> Step | None:
        """What to do next."""
        return next((step for step in self.steps if not step.is_done), None)


def checklist_of(client: Client) -> Checklist:
    """The eight steps from contract to live; seven queries."""
    edit, hours = reverse("desk:edit-client", args=[client.public_id]), client.calendar.public_id
    contract = TariffVersion.objects.filter(tariff__client=client, valid_from__lte=clock.now()).exists()
    lines = Line.objects.filter(client=client, is_active=True)
    published = ScriptVersion.objects.filter(script=OuterRef("script")).in_force()
    has_line, has_mute_line = lines.exists(), lines.exclude(Exists(published)).exists()
    contacts = client.contacts.filter(is_default=True, left_at=None).exclude(email="").exists()
    called = Call.objects.filter(client=client, answered_at__isnull=False).exists()
    steps = [
        Step(_("Contract"), _("A tariff is in force."), contract, ""),
        Step(_("Data"), _("The VAT number is entered."), bool(client.vat_id), edit),
        Step(
            _("Hours"),
            _("The calendar has hours."),
            client.calendar.intervals.exists(),
            reverse("desk:calendar", args=[hours]),
        ),
        Step(_("Lines"), _("A line is in use."), has_line, _page(client, "lines")),
        Step(
            _("Script"),
            _("Each line in use has a published script."),
            has_line and not has_mute_line,
            _page(client, "scripts"),
        ),
        Step(
            _("Contacts"),
            _("Somebody gets the messages by e-mail when nobody is named."),
            contacts,
            _page(client, "contacts"),
        ),
        Step(_("Test call"), _("An agent has taken a call."), called, _page(client, "lines")),
    ]
    is_live = client.closed_at is None and all(step.is_done for step in steps) and _everybody_is_answered(client)
    operating = _("All is done, and each line has an agent who is cleared and speaks its language.")
    live = Step(_("In operation"), operating, is_live, _page(client, "agents"))
    return Checklist([*steps, live])


def _everybody_is_answered(client: Client) -> bool:
    able = Agent.objects.cleared_for(client.pk).filter(languages__language=OuterRef("language"))
    return not Line.objects.filter(client=client, is_active=True).exclude(Exists(able)).exists()


def _page(client: Client, tab: str) -> str:
    """The client's page of this name, if the desk has one."""
    name = next((section.url_name for section in CLIENT_TABS if section.key == tab), None)
    return reverse(name, args=[client.public_id]) if name else ""
