"""Who is on duty, from the rows of the rotas, prepared once and kept until a rota changes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from answering.lib import clock
from answering.lib.worktime import CalendarEmpty
from clients.hours import open_stretches
from clients.models import Client, RepeatingShift, Rota, RotaOverride
from clients.rota import Duty, RotaPlan, Timetable

BACK, AHEAD = timedelta(days=15), timedelta(days=42)
KEPT = 500


@dataclass(frozen=True, slots=True)
class ClientDuty:
    """The rotas of a client, each with its timetable from a fortnight ago to six weeks on."""

    rotas: tuple[tuple[Rota, Timetable], ...]

    def stretches(self, start: datetime, end: datetime) -> dict[int, list[tuple[datetime, datetime]]]:
        """When who is on duty between two moments: stretches by contact id, of all rotas."""
        found = defaultdict(list)
        for _rota, table in self.rotas:
            for duty in table.between(start, end):
                for person in duty.people:
                    found[person].append((duty.starts_at, duty.ends_at))
        return found


def duty_of(client: Client) -> ClientDuty:
    """One query, and two more when a rota has changed since this process last saw it."""
    rotas = list(client.rotas.order_by("name", "pk"))
    prepare_rotas(rotas, ZoneInfo(client.time_zone))
    return ClientDuty(tuple((rota, _prepared[_key(rota)]) for rota in rotas))


def timetable_of(rota: Rota) -> Timetable:
    """The rota's timetable from a fortnight ago to six weeks on."""
    prepare_rotas([rota], ZoneInfo(rota.client.time_zone))
    return _prepared[_key(rota)]


def prepare_rotas(rotas: Iterable[Rota], zone: ZoneInfo) -> None:
    """Read the plans of those that this process does not know as they are now."""
    cold = [rota for rota in rotas if _key(rota) not in _prepared]
    if not cold:
        return
    if len(_prepared) > KEPT:
        _prepared.clear()
    now = clock.now()
    for rota, plan in plans_of(cold, zone, since=now - BACK).items():
        _prepared[_key(rota)] = plan.timetable(now - BACK, now + AHEAD)


def plans_of(rotas: Iterable[Rota], zone: ZoneInfo, *, since: datetime) -> dict[Rota, RotaPlan]:
    """The plans of these rotas with overrides that end after `since`; two queries."""
    shifts, overrides = defaultdict(list), defaultdict(list)
    wanted = list(rotas)
    for shift in RepeatingShift.objects.filter(rota__in=wanted).order_by("pk"):
        shifts[shift.rota_id].append(shift.as_shift())
    for override in RotaOverride.objects.filter(rota__in=wanted, ends_at__gt=since).order_by("pk"):
        overrides[override.rota_id].append(override.as_override())
    return {rota: RotaPlan(zone, shifts[rota.pk], overrides[rota.pk]) for rota in wanted}


def gaps_of(rota: Rota, table: Timetable, start: datetime, end: datetime) -> list[Duty]:
    """When nobody is on duty although somebody must be, between two moments."""
    gaps = [duty for duty in table.between(start, end) if not duty.people]
    if rota.calendar is None:
        return gaps
    try:
        hours = list(open_stretches(rota.calendar.work_calendar(), start, end))
    except CalendarEmpty:
        return []
    cut = [(max(gap.starts_at, opens), min(gap.ends_at, closes)) for gap in gaps for opens, closes in hours]
    return [Duty(starts, ends, ()) for starts, ends in cut if starts < ends]


def overlaps_of(table: Timetable, start: datetime, end: datetime) -> list[Duty]:
    """When several are on duty, between two moments."""
    return [duty for duty in table.between(start, end) if len(duty.people) > 1]


# What is prepared reaches six weeks ahead, so it is made anew each day.
def _key(rota: Rota) -> tuple[int, int, int]:
    return rota.pk, rota.version, clock.now().toordinal()


_prepared: dict[tuple[int, int, int], Timetable] = {}
