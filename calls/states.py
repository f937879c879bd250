"""The words of the ledger: states, outcomes, event kinds. Nothing here touches the database."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CallState(models.TextChoices):
    RINGING = "ringing", _("ringing")
    QUEUED = "queued", _("waiting")
    CONNECTING = "connecting", _("connecting")
    TALKING = "talking", _("talking")
    HELD = "held", _("on hold")
    TRANSFERRING = "transferring", _("transferring")
    WRAP_UP = "wrap_up", _("wrap-up")
    CLOSED = "closed", _("closed")


WAITING_STATES = (CallState.RINGING, CallState.QUEUED)
AGENT_STATES = (CallState.CONNECTING, CallState.TALKING, CallState.HELD, CallState.TRANSFERRING)
LIVE_STATES = WAITING_STATES + AGENT_STATES
OCCUPIED_STATES = (*AGENT_STATES, CallState.WRAP_UP)


class CallOutcome(models.TextChoices):
    ANSWERED = "answered", pgettext_lazy("call", "answered")
    ABANDONED = "abandoned", _("hung up while waiting")
    MISSED = "missed", _("missed")
    VOICEMAIL = "voicemail", _("voicemail")
    CALLBACK = "callback", pgettext_lazy("call", "call-back")
    BLOCKED = "blocked", pgettext_lazy("call", "blocked")
    FAILED = "failed", _("failed")


# The caller wanted to speak to somebody and did not: a call-back is owed.
LOST_OUTCOMES = (CallOutcome.ABANDONED, CallOutcome.MISSED, CallOutcome.FAILED)


class EventKind(models.TextChoices):
    ARRIVED = "arrived", _("The call arrived")
    QUEUED = "queued", _("Put in the queue")
    CLAIMED = "claimed", _("Taken by an agent")
    AGENT_JOINED = "agent_joined", _("Both sides hear each other")
    AGENT_FAILED = "agent_failed", _("The agent could not be connected")
    AUDIO_LOST = "audio_lost", _("One side's audio was lost")
    AUDIO_RENEWED = "audio_renewed", _("Audio is being restored")
    CLAIM_EXPIRED = "claim_expired", _("The agent did not join; back to the queue")
    HELD = "held", _("Put on hold")
    RESUMED = "resumed", _("Taken off hold")
    TRANSFER_STARTED = "transfer_started", _("Transfer started")
    TRANSFER_ENDED = "transfer_ended", _("Transfer ended")
    CALLER_LEFT = "caller_left", _("The caller hung up")
    AGENT_ENDED = "agent_ended", _("The agent ended the call")
    GAVE_UP = "gave_up", _("Nobody was free in time")
    LINE_CLOSED = "line_closed", _("The line was closed")
    BLOCKED = "blocked", _("The caller is blocked")
    FAILED = "failed", _("The call failed")


# What a carrier may report; everything else is done by us, and therefore always true.
REPORTED_KINDS = (
    EventKind.AGENT_JOINED,
    EventKind.AGENT_FAILED,
    EventKind.AUDIO_LOST,
    EventKind.HELD,
    EventKind.RESUMED,
    EventKind.TRANSFER_STARTED,
    EventKind.TRANSFER_ENDED,
    EventKind.CALLER_LEFT,
    EventKind.FAILED,
)
