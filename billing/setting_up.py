"""How far the setting up of a client is, from facts alone: nobody ticks anything.

It lies here because prices, calls and company are all asked: nothing lower knows them all.
"""

from enum import StrEnum

from django.db.models import Exists, OuterRef

from answering.accounts.models import Agent
from answering.lib import clock
from billing.models import TariffVersion
from calls.models import Call
from clients.models import Client, Line, ScriptVersion
from clients.skills import with_skills_for


class SetupStep(StrEnum):
    """From contract to live, in the order in which they are done."""

    CONTRACT = "contract"
    DATA = "data"
    HOURS = "hours"
    LINES = "lines"
    SCRIPT = "script"
    CONTACTS = "contacts"
    TEST_CALL = "test_call"
    LIVE = "live"


def setup_facts(client: Client) -> dict[SetupStep, bool]:
    """Which of the eight steps are done, in their order; at most eight queries."""
    lines = Line.objects.filter(client=client, is_active=True)
    published = ScriptVersion.objects.filter(script=OuterRef("script")).in_force()
    has_line, has_mute_line = lines.exists(), lines.exclude(Exists(published)).exists()
    prices = TariffVersion.objects.filter(tariff__client=client, valid_from__lte=clock.now())
    facts = {
        SetupStep.CONTRACT: prices.exists(),
        SetupStep.DATA: bool(client.vat_id),
        SetupStep.HOURS: client.calendar.intervals.exists(),
        SetupStep.LINES: has_line,
        SetupStep.SCRIPT: has_line and not has_mute_line,
        SetupStep.CONTACTS: client.contacts.filter(is_default=True, left_at=None).exclude(email="").exists(),
        SetupStep.TEST_CALL: has_taken_a_call(client),
    }
    is_live = client.closed_at is None and all(facts.values()) and _everybody_is_answered(client)
    return facts | {SetupStep.LIVE: is_live}


def has_taken_a_call(client: Client) -> bool:
    """Whether an agent has ever spoken with a caller of this client."""
    return Call.objects.filter(client=client, answered_at__isnull=False).exists()


def _everybody_is_answered(client: Client) -> bool:
    speaking = Agent.objects.cleared_for(client.pk).filter(languages__language=OuterRef("language"))
    able = with_skills_for(speaking, OuterRef(OuterRef("pk")))
    return not Line.objects.filter(client=client, is_active=True).exclude(Exists(able)).exists()
