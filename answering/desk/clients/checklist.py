"""How far the setting up of a client is, and where at the desk each step is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from answering.desk.navigation import CLIENT_TABS
from billing.setting_up import SetupStep, setup_facts
from clients.models import Client


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


# Steps that are done on one of the client's pages.
WHERE = {
    SetupStep.LINES: "lines",
    SetupStep.SCRIPT: "scripts",
    SetupStep.CONTACTS: "contacts",
    SetupStep.TEST_CALL: "lines",
    SetupStep.LIVE: "agents",
}
SAID: dict[SetupStep, tuple[Promise, Promise]] = {
    SetupStep.CONTRACT: (_("Contract"), _("A tariff is in force.")),
    SetupStep.DATA: (_("Data"), _("The VAT number is entered.")),
    SetupStep.HOURS: (_("Hours"), _("The calendar has hours.")),
    SetupStep.LINES: (_("Lines"), _("A line is in use.")),
    SetupStep.SCRIPT: (_("Script"), _("Each line in use has a published script.")),
    SetupStep.CONTACTS: (_("Contacts"), _("Somebody gets the messages by e-mail when nobody is named.")),
    SetupStep.TEST_CALL: (_("Test call"), _("An agent has taken a call.")),
    SetupStep.LIVE: (
        _("In operation"),
        _("All is done, and each line has an agent who is cleared, speaks its language and has its skills."),
    ),
}


def checklist_of(client: Client) -> Checklist:
    """The eight steps from contract to live; as many queries as the facts."""
    return Checklist([Step(*SAID[step], done, _url(client, step)) for step, done in setup_facts(client).items()])


def _url(client: Client, step: SetupStep) -> str:
    if step == SetupStep.DATA:
        return reverse("desk:edit-client", args=[client.public_id])
    if step == SetupStep.HOURS:
        return reverse("desk:calendar", args=[client.calendar.public_id])
    return _page(client, WHERE[step]) if step in WHERE else ""


def _page(client: Client, tab: str) -> str:
    """The client's page of this name, if the desk has one."""
    name = next((section.url_name for section in CLIENT_TABS if section.key == tab), None)
    return reverse(name, args=[client.public_id]) if name else ""
