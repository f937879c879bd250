"""How far the setting up is, for the company's owners: what is done, and what waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from answering.portal.access import Visit, owner_page
from billing.setting_up import SetupStep, setup_facts
from clients.models import Client, Line


class Side(Enum):
    """Who acts next."""

    US = "us"
    YOU = "you"


@dataclass(frozen=True, slots=True)
class Words:
    """What a step is in plain words; `to_do` says what is missing, `done` what there is."""

    label: Promise
    done: Promise
    to_do: Promise
    side: Side


WORDS = {
    SetupStep.CONTRACT: Words(
        _("Contract"),
        _("Your prices are agreed and in force."),
        _("We enter the prices that you have agreed with us."),
        Side.US,
    ),
    SetupStep.DATA: Words(
        _("Your company"),
        _("We have what an invoice needs."),
        _("Tell us your VAT number: invoices need it."),
        Side.YOU,
    ),
    SetupStep.HOURS: Words(
        _("Working hours"),
        _("We know when you work."),
        _("Tell us on which days and at what times you work."),
        Side.YOU,
    ),
    SetupStep.LINES: Words(
        _("Telephone line"),
        _("A line is ready to be called."),
        _("We prepare the line to which you forward your calls."),
        Side.US,
    ),
    SetupStep.SCRIPT: Words(
        _("What our agents say"),
        _("Our agents have a script for each of your lines."),
        _("We write down how calls are answered in your name."),
        Side.US,
    ),
    SetupStep.CONTACTS: Words(
        _("Who gets the messages"),
        _("Messages reach somebody of yours by e-mail."),
        _("Tell us who gets messages that are for nobody in particular, and their e-mail."),
        Side.YOU,
    ),
    SetupStep.TEST_CALL: Words(
        _("Test call"),
        _("An agent has answered a call in your name."),
        _("Call your line and hear how we answer."),
        Side.YOU,
    ),
    SetupStep.LIVE: Words(
        _("In operation"),
        _("Your callers are answered."),
        _("We see to it that agents who speak your callers’ language are there."),
        Side.US,
    ),
}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """`links` are (address, name) of where the owner can see or do something about it."""

    words: Words
    is_done: bool
    links: Sequence[tuple[str, str | Promise]] = ()

    @property
    def waits_for_you(self) -> bool:
        return not self.is_done and self.words.side is Side.YOU


@dataclass(frozen=True, slots=True)
class Progress:
    steps: Sequence[ShownStep]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_complete(self) -> bool:
        return self.done == len(self.steps)

    @property
    def yours(self) -> int:
        """How many steps wait for the company."""
        return sum(step.waits_for_you for step in self.steps)


def progress_of(client: Client) -> Progress:
    """The eight steps in the words of the client; as many queries as the facts, and one."""
    facts = setup_facts(client)
    lines = list(Line.objects.filter(client=client, is_active=True).order_by("name", "pk"))
    shown = [ShownStep(WORDS[step], done, _links(step, facts, lines)) for step, done in facts.items()]
    return Progress(shown)


def _links(step: SetupStep, facts: dict[SetupStep, bool], lines: Sequence[Line]) -> Sequence[tuple[str, str | Promise]]:
    """Prices can be read once there are any, and a line called once agents have words for it."""
    if step == SetupStep.CONTRACT and facts[step]:
        return [(reverse("portal:terms"), _("See your terms"))]
    if step == SetupStep.TEST_CALL and facts[SetupStep.SCRIPT]:
        return [(reverse("phone:page", args=[line.slug]), line.name) for line in lines]
    if step == SetupStep.LIVE and facts[SetupStep.TEST_CALL]:
        return [(reverse("portal:calls"), _("See your calls"))]
    return []


@require_GET
@owner_page
def progress(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What is done, and what waits for whom; nothing is changed here."""
    context = {"visit": visit, "company": visit.company, "section": "set-up", "progress": progress_of(visit.company)}
    return render(request, "portal/set_up.html", context)
