"""The terms of a contract besides its prices: how they change, now or from a day on, and how that is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answering.accounts.models import User
from answering.lib import clock
from clients.announcement_text import Change, Wording
from clients.errors import ConsultantNeeded
from clients.models import Announcement, AnnouncementKind, AnnouncementText, Client, Plan, Service
from clients.services.announcements import Announced, announce, check_beginning, draft_announcement
from clients.services.revisions import claim_revision

log = structlog.get_logger(__name__)
HOUR = Decimal(3600)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed with a company. `services` in the order in which they are known."""

    plan: str
    services: tuple[str, ...]
    response_target: timedelta
    notice_days: int

    @classmethod
    def of(cls, client: Client) -> "Terms":
        services = tuple(service for service in Service.values if service in client.services)
        return cls(client.plan, services, client.response_target, client.notice_days)

    def to_dict(self) -> dict[str, Any]:
        """The same, fit for JSON."""
        return {
            "plan": str(self.plan),
            "services": [str(service) for service in self.services],
            "response_seconds": int(self.response_target.total_seconds()),
            "notice_days": self.notice_days,
        }

    def changes_since(self, old: "Terms") -> dict[str, Any]:
        """Only what is another than in `old`, as in `to_dict`."""
        before = old.to_dict()
        return {name: value for name, value in self.to_dict().items() if value != before[name]}

    def changed_by(self, changes: Mapping[str, Any]) -> "Terms":
        """These terms after such changes."""
        return replace(self, **_columns(changes))


def terms_at(client: Client, moment: datetime) -> Terms:
    """What holds then, as far as is known now: what is in force, and what was announced up to that moment."""
    terms = Terms.of(client)
    for announcement in client.announcements.to_put_in_force(moment):
        terms = terms.changed_by(_outstanding(announcement))
    return terms


def _outstanding(announcement: Announcement) -> dict[str, Any]:
    """What it changes still: all but what a later change has set, which was in force before it."""
    later = Announcement.objects.in_force_after(announcement).values_list("terms", flat=True)
    settled = {name for terms in later for name in terms}
    return {name: value for name, value in announcement.terms.items() if name not in settled}


def figures_of_terms(terms: Terms) -> dict[str, str]:
    """Each of the terms by its name, in the language in force."""
    return {
        _("Plan"): str(Plan(terms.plan).label),
        _("Services"): _services(terms),
        _("Reply within"): _hours(terms.response_target),
        _("Notice of changes"): _days(terms.notice_days),
    }


def describe(old: Terms, new: Terms) -> list[Change]:
    """What changes between the two, in the language in force."""
    before, after = figures_of_terms(old), figures_of_terms(new)
    return [Change(label, was, after[label]) for label, was in before.items() if was != after[label]]


def _services(terms: Terms) -> str:
    return " · ".join(str(Service(service).label) for service in terms.services) or "–"


def _hours(target: timedelta) -> str:
    hours = (Decimal(target.total_seconds()) / HOUR).quantize(Decimal("0.01")).normalize()
    if hours % 1:
        return _("%(hours)s working hours") % {"hours": f"{hours:f}"}
    said = ngettext("%(counter)d working hour", "%(counter)d working hours", int(hours))
    return said % {"counter": hours}


def _days(days: int) -> str:
    return ngettext("%(counter)d day", "%(counter)d days", days) % {"counter": days}


def draft_terms(client: Client, new: Terms, said: Announced) -> tuple[Announcement, list[AnnouncementText]]:
    """What would be announced, not saved. Raises TermsError."""
    check_beginning(said.effective_at)
    old = terms_at(client, said.effective_at)
    changed = _changed(client, old, new)
    return draft_announcement(client, AnnouncementKind.CONTRACT, _described(old, new, said), changed)


def announce_terms(client: Client, new: Terms, said: Announced, *, seen: int | None) -> Announcement:
    """Agree on new terms from `said.effective_at` on and tell the owners; a sweep puts them in force then.

    `client` as it was when its revision `seen` was shown. Raises ChangedMeanwhile and as `draft_terms`.
    """
    with transaction.atomic():
        claim_revision(client, seen=seen)
        check_beginning(said.effective_at)
        old = terms_at(client, said.effective_at)
        changed = _changed(client, old, new)
        return announce(client, AnnouncementKind.CONTRACT, _described(old, new, said), changed)


def _changed(client: Client, old: Terms, new: Terms) -> dict[str, Any]:
    changed = new.changes_since(old)
    if changed.get("plan") == Plan.VIP and client.consultant_id is None:
        raise ConsultantNeeded
    return changed


def _described(old: Terms, new: Terms, said: Announced) -> Announced:
    wording = Wording(lambda: describe(old, new), said.wording.notes)
    return Announced(said.effective_at, said.author, wording, said.reason)


def announce_changed_terms(client: Client, old: Terms, *, author: User | None, reason: str) -> Announcement:
    """Tell the owners of terms that hold from now on, in the transaction that has changed them.

    Raises NothingChanges, and NoticeTooShort without a reason.
    """
    new = Terms.of(client)
    said = Announced(clock.now(), author, Wording(lambda: describe(old, new)), reason)
    announcement = announce(client, AnnouncementKind.CONTRACT, said, new.changes_since(old))
    Announcement.objects.filter(pk=announcement.pk).update(in_force_at=said.effective_at)
    return announcement


def put_terms_in_force() -> int:
    """Let terms hold whose day has come, each announcement in a transaction; gives how many.

    One that the database refuses, as a VIP plan without consultant, is logged and tried again with the next sweep;
    what a later one has set meanwhile it leaves.
    """
    due = Announcement.objects.to_put_in_force(clock.now()).values_list("pk", flat=True)
    return sum(_put_in_force(pk) for pk in list(due))


def _put_in_force(pk: int) -> bool:
    try:
        with transaction.atomic():
            rows = Announcement.objects.to_put_in_force(clock.now()).filter(pk=pk)
            announcement = rows.select_for_update(skip_locked=True, of=("self",)).first()
            if announcement is None:
                return False
            client = Client.objects.select_for_update(no_key=True).filter(pk=announcement.client_id)
            client.get()  # another sweep may be putting a later one in force
            client.update(**_columns(_outstanding(announcement)), revision=F("revision") + 1)
            Announcement.objects.filter(pk=pk).update(in_force_at=clock.now())
            return True
    except IntegrityError as error:
        log.error("terms.not_in_force", announcement=pk, error=str(error)[:300])
        return False


def _columns(terms: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: terms[name] for name in ("plan", "notice_days") if name in terms}
    if "services" in terms:
        columns["services"] = tuple(terms["services"])
    if "response_seconds" in terms:
        columns["response_target"] = timedelta(seconds=terms["response_seconds"])
    return columns
