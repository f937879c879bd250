from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Agent
from answering.lib import clock
from calls.models.caller import Caller
from calls.querysets import CallQuerySet
from calls.states import AGENT_STATES, LIVE_STATES, LOST_OUTCOMES, OCCUPIED_STATES, CallOutcome, CallState
from clients.models import Client, Line, ScriptVersion, Situation


class Disposition(models.TextChoices):
    """The agent's result code."""

    MESSAGE = "message", _("Message taken")
    INFORMED = "informed", _("Question answered")
    CALLBACK = "callback", _("Call-back promised")
    HUNG_UP = "hung_up", _("Caller hung up")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    SPAM = "spam", _("Spam")
    NONE = "none", _("No result given")


FREE_DISPOSITIONS = (Disposition.WRONG_NUMBER, Disposition.SPAM)


class Call(models.Model):
    """One caller's call, from ring to close.

    State, outcome and all seconds are a cache of `calls.ledger.fold` over the call's
    events; only `calls.services` writes them. Boundaries are whole seconds.
    """

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    # An index of their own would be the beginning of one below; that they are of one client, and thus exist, is
    # checked in the database for both columns at once (calls/migrations/0002).
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="calls", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="calls", db_index=False, db_constraint=False)
    script_version = models.ForeignKey(ScriptVersion, null=True, on_delete=models.PROTECT, related_name="+")
    situation = models.CharField(
        max_length=12,
        choices=Situation,
        blank=True,
        default="",
        db_default="",
        help_text=_("Of its line when the call began; empty for calls from before this was noted."),
    )
    has_notice = models.BooleanField(
        default=False, db_default=False, help_text=_("Whether a notice was in force when the call began.")
    )
    carrier = models.CharField(max_length=12)
    carrier_account = models.CharField(max_length=64, blank=True)
    carrier_call = models.CharField(max_length=64, blank=True, help_text=_("The network's name of the caller's leg."))
    carrier_room = models.CharField(
        max_length=64, blank=True, help_text=_("The network's name of where caller and agent meet, once known.")
    )
    carrier_asked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the network was last asked whether the caller is still there.")
    )
    caller = models.ForeignKey(Caller, null=True, on_delete=models.SET_NULL, related_name="calls", db_constraint=False)
    caller_number = models.CharField(max_length=16, blank=True)
    caller_name = models.CharField(max_length=200, blank=True)

    state = models.CharField(max_length=12, choices=CallState, default=CallState.RINGING)
    outcome = models.CharField(max_length=12, choices=CallOutcome, null=True, blank=True)  # noqa: DJ001 - none yet
    disposition = models.CharField(max_length=16, choices=Disposition, blank=True)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="calls", db_index=False)
    generation = models.PositiveIntegerField(default=0)

    started_at = models.DateTimeField()
    state_since = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    ring_seconds = models.PositiveIntegerField(default=0)
    queue_seconds = models.PositiveIntegerField(default=0)
    connect_seconds = models.PositiveIntegerField(default=0)
    talk_seconds = models.PositiveIntegerField(default=0)
    hold_seconds = models.PositiveIntegerField(default=0)
    transfer_seconds = models.PositiveIntegerField(default=0)
    ledger_version = models.PositiveIntegerField(default=0, help_text=_("Rises with every change of the ledger."))
    ledger_changed_at = models.DateTimeField(default=clock.now)

    next_offer_at = models.DateTimeField(null=True)
    claim_expires_at = models.DateTimeField(null=True)
    next_action_at = models.DateTimeField(null=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_action_at"], condition=Q(next_action_at__isnull=False), name="call_timer_due"),
            models.Index(fields=["started_at", "id"], condition=Q(state__in=LIVE_STATES), name="call_live"),
            models.Index(fields=["client", "-started_at", "-id"], name="call_of_client_by_time"),
            models.Index(fields=["client", "caller_number"], name="call_of_client_by_number"),
            models.Index(fields=["line", "-started_at"], name="call_of_line_by_time"),
            models.Index(fields=["agent", "-started_at"], name="call_of_agent_by_time"),
            models.Index(fields=["-started_at"], name="call_by_time"),
            models.Index(
                fields=["ledger_changed_at"], condition=Q(closed_at__isnull=False), name="call_closed_by_change"
            ),
            models.Index(fields=["ended_at"], condition=Q(outcome__in=LOST_OUTCOMES), name="call_lost_by_end"),
            models.Index(fields=["agent"], condition=Q(state__in=OCCUPIED_STATES), name="call_occupies_agent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(state__in=AGENT_STATES), name="one_live_call_per_agent"
            ),
            models.UniqueConstraint(fields=["id", "client"], name="call_of_client"),
            models.UniqueConstraint(
                fields=["carrier_call", "carrier"], condition=~Q(carrier_call=""), name="one_call_per_carrier_call"
            ),
            models.CheckConstraint(
                name="call_seconds_add_up",
                condition=Q(ended_at__isnull=True)
                | Q(
                    ended_at=F("started_at")
                    + (
                        F("ring_seconds")
                        + F("queue_seconds")
                        + F("connect_seconds")
                        + F("talk_seconds")
                        + F("hold_seconds")
                        + F("transfer_seconds")
                    )
                    * timedelta(seconds=1)
                ),
            ),
            models.CheckConstraint(
                name="call_over_has_outcome",
                condition=Q(ended_at__isnull=True, outcome__isnull=True)
                | Q(ended_at__isnull=False, outcome__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def total_seconds(self) -> int | None:
        """Seconds from ring to the end of the caller's leg, or None while the call lives."""
        return None if self.ended_at is None else int((self.ended_at - self.started_at).total_seconds())

    @property
    def wrap_up_seconds(self) -> int:
        """Seconds between the end of the call and its disposition; outside the call's total."""
        if self.ended_at is None or self.closed_at is None:
            return 0
        return max(0, int((self.closed_at - self.ended_at).total_seconds()))

    @property
    def skills_waived_at(self) -> datetime | None:
        """From when agents without its line's skills are asked too; None when never, and while nobody waits."""
        wait = self.line.skills_wait
        return None if wait is None or self.waiting_since is None else self.waiting_since + wait

    @property
    def wrap_up_ends_at(self) -> datetime | None:
        return None if self.ended_at is None else self.ended_at + self.line.wrap_up_limit
