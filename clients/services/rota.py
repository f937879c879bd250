"""Change a rota; every change is logged in its own transaction."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q

from answering.accounts.models import User
from answering.lib import clock
from clients.duty import plans_of
from clients.errors import PersonOfAnother, RotaExists, ShiftExists
from clients.models import (
    Calendar,
    Client,
    Contact,
    RepeatingShift,
    Rota,
    RotaChange,
    RotaChangeKind,
    RotaFeed,
    RotaOverride,
)
from clients.models.calendars import clock_face
from clients.rota import RotaPlan

SUMMARY_LIMIT = 300


@dataclass(frozen=True, slots=True)
class ShiftFields:
    """A validated form of shifts: on these weekdays (0 is Monday) from `first_day` on."""

    contact: Contact
    weekdays: tuple[int, ...]
    first_day: date
    starts_minute: int
    ends_minute: int
    every_weeks: int = 1
    last_day: date | None = None


def add_rota(client: Client, *, name: str, calendar: Calendar | None = None, by: User | None = None) -> Rota:
    """A new rota without shifts. Raises RotaExists."""
    try:
        with transaction.atomic():
            rota = Rota.objects.create(client=client, name=name, calendar=calendar)
            _log(rota, RotaChangeKind.ROTA, name, by)
            return rota
    except IntegrityError:
        raise RotaExists from None


def change_rota(rota: Rota, *, name: str, calendar: Calendar | None, by: User | None = None) -> None:
    """Rename it, or say anew when somebody must be on duty. Raises RotaExists."""
    try:
        with _changing(rota):
            old = Rota.objects.get(pk=rota.pk)
            Rota.objects.filter(pk=rota.pk).update(name=name, calendar=calendar)
            when = calendar.name if calendar else "24/7"
            _log(rota, RotaChangeKind.RENAMED, f"{old.name} → {name} · {when}", by)
    except IntegrityError:
        raise RotaExists from None


def add_shifts(rota: Rota, fields: ShiftFields, *, by: User | None = None) -> list[RepeatingShift]:
    """One repeating shift for each weekday, the first on or after `first_day`; none after `last_day`.

    Raises PersonOfAnother, ShiftExists.
    """
    _check_person(rota, fields.contact)
    try:
        with _changing(rota):
            shifts = [_shift(rota, fields, day) for day in _first_days(fields)]
            RepeatingShift.objects.bulk_create(shifts)
            for shift in shifts:
                _log(rota, RotaChangeKind.SHIFT, _said_of_shift(shift), by)
            return shifts
    except IntegrityError:
        raise ShiftExists from None


def end_shift(shift: RepeatingShift, *, last_day: date, by: User | None = None) -> None:
    """It is worked until this day and no longer; one that has not begun by then goes away."""
    with _changing(shift.rota):
        shift.refresh_from_db()
        summary = f"{_said_of_shift(shift)} → {last_day}"
        if last_day < shift.first_day:
            shift.delete()
        else:
            shift.last_day = last_day if shift.last_day is None else min(last_day, shift.last_day)
            shift.save(update_fields=["last_day"])
        _log(shift.rota, RotaChangeKind.SHIFT_ENDED, summary, by)


def add_override(
    rota: Rota, contact: Contact, starts_at: datetime, ends_at: datetime, *, reason: str = "", by: User | None = None
) -> RotaOverride:
    """This contact is on duty instead of whoever it would be. Raises PersonOfAnother."""
    _check_person(rota, contact)
    with _changing(rota):
        override = RotaOverride.objects.create(
            rota=rota, client_id=rota.client_id, contact=contact, starts_at=starts_at, ends_at=ends_at, reason=reason
        )
        _log(rota, RotaChangeKind.OVERRIDE, _said_of_override(override), by)
        return override


def end_override(override: RotaOverride, *, by: User | None = None) -> None:
    """From now on the rota counts again; what has passed stays as it was."""
    with _changing(override.rota):
        override.refresh_from_db()
        now = clock.now()
        if override.starts_at >= now:
            override.delete()
        elif override.ends_at > now:
            override.ends_at = now
            override.save(update_fields=["ends_at"])
        _log(override.rota, RotaChangeKind.OVERRIDE_ENDED, _said_of_override(override), by)


def open_feed(rota: Rota, *, by: User | None = None) -> str:
    """The secret of a new calendar address, told this once; an older one no longer works."""
    secret = secrets.token_urlsafe(24)
    with _changing(rota):
        rota.feeds.filter(revoked_at=None).update(revoked_at=clock.now())
        RotaFeed.objects.create(rota=rota, digest=_digest(secret))
        _log(rota, RotaChangeKind.FEED, "", by)
    return secret


def revoke_feed(rota: Rota, *, by: User | None = None) -> None:
    """The calendar address no longer works."""
    with _changing(rota):
        if rota.feeds.filter(revoked_at=None).update(revoked_at=clock.now()):
            _log(rota, RotaChangeKind.FEED_REVOKED, "", by)


def rota_of_feed(secret: str) -> Rota | None:
    """Whose calendar this is; None for a secret that is wrong, revoked, or of a company no longer ours."""
    alive = RotaFeed.objects.filter(digest=_digest(secret), revoked_at=None, rota__client__closed_at=None)
    feed = alive.select_related("rota__client").first()
    return feed.rota if feed else None


@contextmanager
def _changing(rota: Rota) -> Iterator[None]:
    """Until the transaction ends nobody else changes this rota; all processes then read it anew."""
    with transaction.atomic():
        locked = Rota.objects.select_for_update(no_key=True).get(pk=rota.pk)
        yield
        rota.changed_at, rota.version = clock.now(), locked.version + 1
        Rota.objects.filter(pk=rota.pk).update(changed_at=rota.changed_at, version=rota.version)


def _check_person(rota: Rota, contact: Contact) -> None:
    if contact.client_id != rota.client_id or contact.left_at is not None:
        raise PersonOfAnother


def _first_days(fields: ShiftFields) -> Iterable[date]:
    for weekday in sorted(set(fields.weekdays)):
        day = fields.first_day + timedelta(days=(weekday - fields.first_day.weekday()) % 7)
        if fields.last_day is None or day <= fields.last_day:
            yield day


def _shift(rota: Rota, fields: ShiftFields, day: date) -> RepeatingShift:
    return RepeatingShift(
        rota=rota,
        client_id=rota.client_id,
        contact=fields.contact,
        first_day=day,
        last_day=fields.last_day,
        every_weeks=fields.every_weeks,
        starts_minute=fields.starts_minute,
        ends_minute=fields.ends_minute,
    )


def _said_of_shift(shift: RepeatingShift) -> str:
    """In signs that need no language: who, from which day, at what time, every how many weeks."""
    hours = f"{clock_face(shift.starts_minute)}–{clock_face(shift.ends_minute)}"
    return f"{shift.contact.name} · {shift.first_day} {hours} · /{shift.every_weeks}"


def _said_of_override(override: RotaOverride) -> str:
    zone = ZoneInfo(override.rota.client.time_zone)
    times = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (override.starts_at, override.ends_at))
    said = f"{override.contact.name} · {' – '.join(times)}"
    return f"{said} · {override.reason}" if override.reason else said


def _log(rota: Rota, kind: RotaChangeKind, summary: str, by: User | None) -> None:
    RotaChange.objects.create(rota=rota, kind=kind, summary=summary[:SUMMARY_LIMIT], user=by)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def replace_on_rotas(contact: Contact, replacement: Contact | None, *, by: User | None = None) -> None:
    """From now on the replacement works this contact's shifts and overrides; without one they end. The past stays.

    In a transaction of the caller's, so that it happens together with whatever else is replaced.
    """
    rotas = Rota.objects.filter(Q(shifts__contact=contact) | Q(overrides__contact=contact)).distinct()
    for rota in rotas.select_related("client").order_by("pk"):
        with _changing(rota):
            _take_over_now(rota, contact, replacement)
            _pass_overrides_on(rota, contact, replacement)
            _pass_shifts_on(rota, contact, replacement)
            successor = replacement.name if replacement else "–"
            _log(rota, RotaChangeKind.REPLACED, f"{contact.name} → {successor}", by)


def _take_over_now(rota: Rota, contact: Contact, replacement: Contact | None) -> None:
    """The rest of a shift that is running, where nobody else is on duty with them or instead."""
    now = clock.now()
    plan = plans_of([rota], ZoneInfo(rota.client.time_zone), since=now)[rota]
    ends_at = _end_of_running(plan, contact, now)
    if replacement is None or ends_at is None:
        return
    for duty in plan.timetable(now, ends_at).duties:
        if duty.people == (contact.pk,) and not duty.is_override:
            RotaOverride.objects.create(
                rota=rota,
                client_id=rota.client_id,
                contact=replacement,
                starts_at=duty.starts_at,
                ends_at=duty.ends_at,
            )


def _end_of_running(plan: RotaPlan, contact: Contact, now: datetime) -> datetime | None:
    """When the shift of this contact ends that is running now, the last of several; None without one."""
    own = [shift for shift in plan.shifts if shift.person == contact.pk]
    running = [ends for shift in own for starts, ends in plan.spans_around(shift, now) if starts <= now < ends]
    return max(running, default=None)


def _pass_overrides_on(rota: Rota, contact: Contact, replacement: Contact | None) -> None:
    now = clock.now()
    for override in rota.overrides.filter(contact=contact, ends_at__gt=now).order_by("pk"):
        ends_at = override.ends_at
        if override.starts_at < now:
            override.ends_at = now
            override.save(update_fields=["ends_at"])
        else:
            override.delete()
        if replacement is not None:
            RotaOverride.objects.create(
                rota=rota,
                client_id=rota.client_id,
                contact=replacement,
                starts_at=max(override.starts_at, now),
                ends_at=ends_at,
                reason=override.reason,
            )


def _pass_shifts_on(rota: Rota, contact: Contact, replacement: Contact | None) -> None:
    """A shift that has begun today is the contact's to the end of today's; the next is the replacement's."""
    local = clock.now().astimezone(ZoneInfo(rota.client.time_zone))
    minute = local.hour * 60 + local.minute
    taken = []
    for shift in rota.shifts.filter(contact=contact).exclude(last_day__lt=local.date()).order_by("pk"):
        old_last, first_free = shift.last_day, local.date() + timedelta(days=shift.starts_minute <= minute)
        coming = next(iter(shift.as_shift().days(first_free, old_last or date.max)), None)
        if shift.first_day >= first_free:
            shift.delete()
        else:
            shift.last_day = first_free - timedelta(days=1)
            shift.save(update_fields=["last_day"])
        if replacement is not None and coming is not None:
            shift.pk, shift.first_day, shift.last_day, shift.contact = None, coming, old_last, replacement
            taken.append(shift)
    RepeatingShift.objects.bulk_create(taken, ignore_conflicts=True)  # they may have the same shift already
