"""Somebody leaves the client: what the company's own rows say of them, and who comes instead."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from answering.accounts.models import User
from answering.lib import clock
from clients.errors import ChangedMeanwhile, LastOwner, PersonOfAnother, ReplacementNeeded
from clients.models import Contact, Membership, MembershipRole, RepeatingShift, RotaOverride
from clients.services.contacts import lock_people
from clients.services.naming import NamingText, rename_in_texts, texts_naming
from clients.services.revisions import claim_revision
from clients.services.rota import replace_on_rotas


@dataclass(frozen=True, slots=True)
class OwnUses:
    """What of the company's own rows names a contact now."""

    shifts: list[RepeatingShift]
    overrides: list[RotaOverride]
    is_default: bool
    login: Membership | None
    texts: list[NamingText]


def own_uses_of(contact: Contact) -> OwnUses:
    """Shifts, overrides not over, the default contact, a login with the same e-mail, texts; five queries."""
    now = clock.now()
    current = Q(last_day=None) | Q(last_day__gte=now.date())
    return OwnUses(
        shifts=sorted(contact.shifts.filter(current).select_related("rota"), key=_by_weekday),
        overrides=list(contact.overrides.filter(ends_at__gt=now).select_related("rota").order_by("starts_at", "pk")),
        is_default=contact.is_default,
        login=login_of(contact),
        texts=texts_naming(contact),
    )


def _by_weekday(shift: RepeatingShift) -> tuple[str, int, int, int]:
    return shift.rota.name, shift.first_day.weekday(), shift.starts_minute, shift.pk


def login_of(contact: Contact) -> Membership | None:
    """The membership of who signs in to the portal with this contact's e-mail."""
    if not contact.email:
        return None
    members = Membership.objects.filter(client=contact.client, user__email__iexact=contact.email)
    return members.select_related("user").first()


def let_contact_go(
    contact: Contact,
    replacement: Contact | None,
    *,
    revision: int,
    renames: bool = False,
    ends_login: bool = False,
    by: User | None = None,
) -> None:
    """The contact has left; the replacement has their shifts and is the default contact if they were. The past stays.

    With `renames` the replacement's name takes the place of theirs in scripts and answers.

    Raises ChangedMeanwhile, PersonOfAnother, ReplacementNeeded, LastOwner.
    """
    with transaction.atomic():
        lock_people(contact.client)
        current = Contact.objects.select_related("client").get(pk=contact.pk)
        if current.left_at is not None:
            raise ChangedMeanwhile
        successor = _successor(current, replacement)
        claim_revision(current, seen=revision)
        replace_on_rotas(current, successor, by=by)
        _pass_default_on(current, successor)
        if renames and successor is not None:
            rename_in_texts(current, successor, by=by)
        current.left_at = clock.now()
        current.save(update_fields=["left_at"])
        if ends_login:
            _end_login(current)


def _successor(contact: Contact, replacement: Contact | None) -> Contact | None:
    if replacement is None:
        if contact.is_default:
            raise ReplacementNeeded
        return None
    found = (
        Contact.objects.filter(pk=replacement.pk, client=contact.client, left_at=None).exclude(pk=contact.pk).first()
    )
    if found is None:
        raise PersonOfAnother
    return found


def _pass_default_on(contact: Contact, successor: Contact | None) -> None:
    if contact.is_default and successor is not None:
        Contact.objects.filter(pk=contact.pk).update(is_default=False)
        Contact.objects.filter(pk=successor.pk).update(is_default=True)


def _end_login(contact: Contact) -> None:
    login = login_of(contact)
    if login is None:
        return
    owners = contact.client.memberships.filter(role=MembershipRole.OWNER, user__is_active=True)
    if login.is_owner and not owners.exclude(pk=login.pk).exists():
        raise LastOwner
    login.delete()
