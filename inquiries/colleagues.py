"""Colleagues come, change and leave: what else of the house is concerned, in one step (cf. `departures`)."""

from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from answering.accounts.errors import AlreadySignedIn, HasClients, InCall, NotStaff, SuccessorNeeded
from answering.accounts.models import Agent, StaffChangeKind, User
from answering.accounts.services import staff
from answering.accounts.services.changes import log_change
from answering.accounts.services.staff import PersonFields
from answering.lib.commit import after_commit
from answering.outbox.services import queue_email
from answering.outbox.tasks import deliver_due
from answering.push.nudge import nudge
from calls.services.colleagues import is_occupied
from clients.models import Client
from inquiries.models import MessageDraft

INVITATION_DAYS = settings.PASSWORD_RESET_TIMEOUT // 86_400


@dataclass(frozen=True, slots=True)
class Duties:
    """What of the house hangs on a colleague now; who is no agent has none."""

    consulted: list[Client]
    substituted: list[Client]
    drafts: int
    is_in_call: bool

    @property
    def has_clients(self) -> bool:
        return bool(self.consulted or self.substituted)


def duties_of(person: User) -> Duties:
    """Clients that are still ours, messages begun and not sent, a call that runs; five queries."""
    agent = Agent.objects.filter(user=person).first()
    if agent is None:
        return Duties([], [], 0, is_in_call=False)
    ours = Client.objects.filter(closed_at=None).order_by("sort_key", "pk")
    return Duties(
        consulted=list(ours.filter(consultant=agent)),
        substituted=list(ours.filter(substitute=agent).exclude(consultant=agent)),
        drafts=MessageDraft.objects.filter(call__agent=agent, call__closed_at__isnull=False).exclude(text="").count(),
        is_in_call=is_occupied(agent),
    )


def add_colleague(fields: PersonFields, *, by: User) -> User:
    """Make a colleague and send them an invitation. Raises EmailTaken."""
    with transaction.atomic():
        person = staff.add_person(fields, by=by)
        _invite(person, by)
    return person


def change_colleague(person: User, fields: PersonFields, *, revision: int, by: User) -> User:
    """Store what was typed. A new e-mail is told at both addresses; to who has no password yet a new invitation goes.

    Raises what `change_person` does; InCall or HasClients if somebody is to take calls no more who cannot stop now.
    """
    with transaction.atomic():
        if person.has_console and not fields.takes_calls:
            _check_may_stop(person)
        changed = staff.change_person(person, fields, revision=revision, by=by)
        if changed.email != person.email and changed.is_active:
            _tell_new_address(changed, person.email, by)
    return changed


def invite_again(person: User, *, by: User) -> None:
    """Send another invitation; the ones before work until one is used. Raises NotStaff, AlreadySignedIn."""
    with transaction.atomic():
        current = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not current.is_active:
            raise NotStaff
        if not current.is_invited:
            raise AlreadySignedIn
        _invite(current, by)


def let_colleague_go(person: User, successor: Agent | None, *, revision: int, by: User) -> User:
    """Nobody signs in as them any more; the successor has their clients. A call that runs is closed by them first.

    Where the successor is the other one of consultant and substitute already, the client has no substitute.
    Raises SuccessorNeeded, and what `deactivate` does.
    """
    with transaction.atomic():
        agent = Agent.objects.filter(user=person).first()
        finishes_call = agent is not None and is_occupied(agent)
        gone = staff.deactivate(person, finishes_call=finishes_call, revision=revision, by=by)
        if agent is not None:
            _hand_over(agent, successor)
        return gone


def bring_colleague_back(person: User, *, revision: int, by: User) -> User:
    """The person may sign in again, with a password that they choose by a new invitation. Raises PersonChanged.

    Before the call is closed that they were finishing, all is as it was, without an invitation.
    """
    with transaction.atomic():
        current = staff.reactivate(person, revision=revision, by=by)
        if current.is_invited:
            _invite(current, by)
    return current


def _check_may_stop(person: User) -> None:
    duties = duties_of(person)
    if duties.is_in_call:
        raise InCall
    if duties.has_clients:
        raise HasClients


def _hand_over(agent: Agent, successor: Agent | None) -> None:
    mine = Client.objects.filter(Q(consultant=agent) | Q(substitute=agent), closed_at=None)
    clients = list(mine.select_for_update(no_key=True).order_by("pk"))
    if clients and (successor is None or not Agent.objects.at_work().filter(pk=successor.pk).exists()):
        raise SuccessorNeeded
    rows = Client.objects.filter(pk__in=[client.pk for client in clients])
    rows.filter(substitute=agent, consultant=successor).update(substitute=None)
    rows.filter(substitute=agent).update(substitute=successor)
    rows.filter(consultant=agent, substitute=successor).update(substitute=None)
    rows.filter(consultant=agent).update(consultant=successor)
    rows.update(revision=F("revision") + 1)


def _invite(person: User, by: User) -> None:
    """In the caller's transaction: the link is good for whoever reads that mailbox, once, and for some days."""
    log_change(person, StaffChangeKind.INVITED, by=by, after=person.email)
    with translation.override(person.language):
        subject = _("Your access to Alio")
        context = {"person": person, "by": by, "url": _invitation_url(person), "days": INVITATION_DAYS}
        body = render_to_string("mail/invitation.txt", context)
    _queue(person, person.email, subject, body, f"invitation:{person.pk}:{_number_of_changes(person)}")


def _invitation_url(person: User) -> str:
    """django-allauth's address for choosing a new password: its token dies with its first use, or with a new e-mail."""
    parts = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('account_reset_password_from_key', kwargs=parts)}"


def _tell_new_address(person: User, old: str, by: User) -> None:
    if person.is_invited:
        _invite(person, by)
        return
    with translation.override(person.language):
        subject = _("Your sign-in has another e-mail now")
        body = render_to_string("mail/new_address.txt", {"person": person, "old": old, "by": by})
    for recipient in (old, person.email):
        _queue(person, recipient, subject, body, f"address:{person.pk}:{_number_of_changes(person)}:{recipient}"[:120])


def _queue(person: User, recipient: str, subject: str, body: str, cause: str) -> None:
    queue_email(cause=cause, recipient=recipient, subject=subject, body=body, language=person.language)
    after_commit(nudge, deliver_due)


def _number_of_changes(person: User) -> int:
    """Names a letter: each is written with a change that is logged before it."""
    return person.staff_changes.count()
