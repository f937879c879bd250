"""A week of a rota as the desk shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from answering.desk.people.rota_forms import start_of_day
from answering.lib import clock
from clients.duty import gaps_of, overlaps_of, plans_of, timetable_of
from clients.models import Client, Contact, Rota, RotaChange
from clients.rota import Duty, Timetable

WEEKS_AHEAD = 4
LISTED = 12
LOG_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Stint:
    """Somebody's part of a day; nobody's is a gap, several people's an overlap. `ends_at` may be midnight."""

    starts_at: datetime
    ends_at: datetime
    people: tuple[str, ...]
    is_override: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    is_today: bool
    stints: tuple[Stint, ...]


@dataclass(frozen=True, slots=True)
class RotaWeek:
    """Seven days, and what is wrong in the coming weeks; times are in the client's zone."""

    rota: Rota
    monday: date
    days: tuple[Day, ...]
    now: Stint | None
    gaps: Sequence[Stint]
    overlaps: Sequence[Stint]
    changes: Sequence[RotaChange]

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=7)


def rota_week(rota: Rota, client: Client, monday: date) -> RotaWeek:
    """The week that begins on this Monday; at most eight queries however many shifts."""
    now = clock.now()
    names = dict(Contact.objects.filter(client=client).filter(_ever_on(rota)).values_list("pk", "name"))
    low = start_of_day(monday, client)
    high = start_of_day(monday + timedelta(days=7), client)
    plan = plans_of([rota], ZoneInfo(client.time_zone), since=low)[rota]
    table, ahead = plan.timetable(low, high), timetable_of(rota)
    until = now + timedelta(weeks=WEEKS_AHEAD)
    current = ahead.duty_at(now)
    return RotaWeek(
        rota=rota,
        monday=monday,
        days=tuple(_day(table, monday + timedelta(days=n), client, names, rota) for n in range(7)),
        now=_stint(current, names) if current and current.people else None,
        gaps=[_stint(duty, names) for duty in gaps_of(rota, ahead, now, until)[:LISTED]],
        overlaps=[_stint(duty, names) for duty in overlaps_of(ahead, now, until)[:LISTED]],
        changes=list(rota.changes.select_related("user").order_by("-changed_at", "-pk")[:LOG_LENGTH]),
    )


def _ever_on(rota: Rota) -> Q:
    shifts = rota.shifts.values("contact")
    return Q(pk__in=shifts) | Q(pk__in=rota.overrides.values("contact"))


def _day(table: Timetable, day: date, client: Client, names: dict[int, str], rota: Rota) -> Day:
    low, high = start_of_day(day, client), start_of_day(day + timedelta(days=1), client)
    present = [duty for duty in table.between(low, high) if duty.people]
    duties = sorted([*present, *gaps_of(rota, table, low, high)], key=lambda duty: duty.starts_at)
    is_today = low <= clock.now() < high
    return Day(day, is_today, tuple(_stint(duty, names) for duty in duties))


def _stint(duty: Duty, names: dict[int, str]) -> Stint:
    people = tuple(names.get(person, "–") for person in duty.people)
    return Stint(duty.starts_at, duty.ends_at, people, duty.is_override)
