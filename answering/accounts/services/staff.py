"""Colleagues: added, changed, deactivated and activated again."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F

from answering.accounts.errors import EmailTaken, LastAdministrator, OnlyOthers, PersonChanged
from answering.accounts.models import CONSOLE_ROLES, Agent, AgentLanguage, Presence, StaffChangeKind, StaffRole, User
from answering.accounts.services.changes import log_change, tell_changed
from answering.accounts.services.clearances import end_clearances
from answering.lib import clock


@dataclass(frozen=True, slots=True)
class PersonFields:
    """A validated form. `speaks` are codes of languages, none for who takes no calls."""

    full_name: str
    email: str
    role: StaffRole
    language: str
    time_zone: str
    speaks: tuple[str, ...] = ()

    @property
    def takes_calls(self) -> bool:
        return self.role in CONSOLE_ROLES


def add_person(fields: PersonFields, *, by: User) -> User:
    """Make a colleague who has no password and cannot sign in before they choose one. Raises EmailTaken."""
    with transaction.atomic():
        _check_email(fields.email)
        person = User(email=_address(fields.email))
        person.set_unusable_password()
        _write(person, fields)
        log_change(person, StaffChangeKind.ADDED, by=by, after=fields.role)
        _set_up_agent(person, fields, by)
    return person


def change_person(person: User, fields: PersonFields, *, revision: int, by: User) -> User:
    """Store what was typed, if nobody has saved this person since that revision; gives the person as stored.

    With another e-mail the old one no longer signs in, and links sent before are void. Who is no administrator
    any more loses the maintenance hatch. Who takes no calls any more loses languages and clearances.
    Raises PersonChanged, EmailTaken, OnlyOthers, LastAdministrator.
    """
    with transaction.atomic():
        current = _claimed(person, revision)
        if fields.role != current.staff_role:
            _check_role(current, by)
        if _address(fields.email) != current.email:
            _check_email(fields.email, besides=current)
            EmailAddress.objects.filter(user=current).delete()
        _log_differences(current, fields, by)
        if fields.role != StaffRole.ADMINISTRATOR:
            current.is_staff = current.is_superuser = False
        _write(current, fields)
        _set_up_agent(current, fields, by)
    return current


def deactivate(person: User, *, finishes_call: bool, revision: int, by: User) -> User:
    """Nobody signs in as this person any more, and all sessions are over; gives the person as stored.

    With `finishes_call` the console stays for the call that runs (`end_finished`).
    Raises PersonChanged, OnlyOthers, LastAdministrator.
    """
    with transaction.atomic():
        current = _claimed(person, revision)
        if not current.is_active:
            raise PersonChanged
        _check_role(current, by)
        current.is_active, current.finishes_call = False, finishes_call
        current.save(update_fields=["is_active", "finishes_call"])
        log_change(current, StaffChangeKind.DEACTIVATED, by=by)
        go_offline(current)
    return current


def reactivate(person: User, *, revision: int, by: User) -> User:
    """The person may come back with a password yet to be chosen: the old one, its sessions and links are void.

    While a call is still finished nothing has ended yet, and the password stays. Raises PersonChanged.
    """
    with transaction.atomic():
        current = _claimed(person, revision)
        if current.is_active:
            raise PersonChanged
        if not current.finishes_call:
            current.set_unusable_password()
        current.is_active, current.finishes_call = True, False
        current.save(update_fields=["is_active", "finishes_call", "password"])
        log_change(current, StaffChangeKind.REACTIVATED, by=by)
    return current


def go_offline(person: User) -> None:
    """No call is offered to the person any more; in the caller's transaction."""
    agent = Agent.objects.select_for_update(no_key=True).filter(user=person).first()
    if agent is None:
        return
    agent.presence, agent.presence_since = Presence.OFFLINE, clock.now()
    agent.save(update_fields=["presence", "presence_since"])
    tell_changed(agent)


def _claimed(person: User, revision: int) -> User:
    """The person's row for this transaction alone; administrators first, so that no two remove each other."""
    list(User.objects.able_administrators().select_for_update(no_key=True).order_by("pk").values_list("pk"))
    if not User.objects.filter(pk=person.pk, revision=revision).update(revision=F("revision") + 1):
        raise PersonChanged
    return User.objects.get(pk=person.pk)


def _check_role(person: User, by: User) -> None:
    if person.pk == by.pk:
        raise OnlyOthers
    if person.is_administrator and not User.objects.able_administrators().exclude(pk=person.pk).exists():
        raise LastAdministrator


def _address(email: str) -> str:
    return email.strip().lower()


def _check_email(email: str, besides: User | None = None) -> None:
    taken = User.objects.filter(email__iexact=_address(email))
    addresses = EmailAddress.objects.filter(email__iexact=_address(email))
    if besides is not None:
        taken, addresses = taken.exclude(pk=besides.pk), addresses.exclude(user=besides)
    if taken.exists() or addresses.exists():
        raise EmailTaken


def _write(person: User, fields: PersonFields) -> None:
    person.full_name, person.email = fields.full_name, _address(fields.email)
    person.staff_role, person.language, person.time_zone = fields.role, fields.language, fields.time_zone
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:  # somebody else has taken the address at this very moment
        raise EmailTaken from error


def _log_differences(person: User, fields: PersonFields, by: User) -> None:
    pairs = (
        (StaffChangeKind.NAME, person.full_name, fields.full_name),
        (StaffChangeKind.EMAIL, person.email, _address(fields.email)),
        (StaffChangeKind.ROLE, person.staff_role, str(fields.role.value)),
    )
    for kind, before, after in pairs:
        if before != after:
            log_change(person, kind, by=by, before=before, after=after)


def _set_up_agent(person: User, fields: PersonFields, by: User) -> None:
    """Who takes calls is an agent; who does not any more has no languages and clearances, but keeps their history."""
    agent = Agent.objects.filter(user=person).first()
    if agent is None:
        if not fields.takes_calls:
            return
        agent = Agent.objects.create(user=person)
    agent.user = person
    _set_languages(agent, set(fields.speaks) if fields.takes_calls else set(), by)
    if not fields.takes_calls:
        end_clearances(agent, by=by)
        go_offline(person)
    else:
        tell_changed(agent)


def _set_languages(agent: Agent, wanted: set[str], by: User) -> None:
    present = set(agent.languages.values_list("language", flat=True))
    if wanted == present:
        return
    agent.languages.exclude(language__in=wanted).delete()
    AgentLanguage.objects.bulk_create(AgentLanguage(agent=agent, language=each) for each in sorted(wanted - present))
    before, after = (" ".join(sorted(codes)) for codes in (present, wanted))
    log_change(agent.user, StaffChangeKind.LANGUAGES, by=by, before=before, after=after)
