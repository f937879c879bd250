"""A rota as an iCalendar file (RFC 5545), in the client's zone with its rules."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from clients.models import Rota
from clients.rota import Duty, Timetable

REFRESH = timedelta(hours=1)


def rota_calendar(rota: Rota, table: Timetable, names: Mapping[int, str]) -> bytes:
    """One event for each person on each duty; people without a name are left out."""
    zone = ZoneInfo(rota.client.time_zone)
    calendar = Calendar()
    calendar.add("prodid", "-//Alio//Rota//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{rota.client.name} · {rota.name}")
    calendar.add("refresh-interval", REFRESH, {"VALUE": "DURATION"})
    for duty in table.duties:
        for person in duty.people:
            if person in names:
                calendar.add_component(_event(rota, duty, person, names[person], zone))
    if table.duties:
        first, last = table.duties[0].starts_at.date(), table.duties[-1].ends_at.date()
        calendar.add_missing_timezones(first - timedelta(days=366), last + timedelta(days=366))
    return bytes(calendar.to_ical())


def _event(rota: Rota, duty: Duty, person: int, name: str, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", f"{rota.public_id}-{person}-{int(duty.starts_at.timestamp())}")
    event.add("dtstamp", rota.changed_at)
    event.add("dtstart", duty.starts_at.astimezone(zone))
    event.add("dtend", duty.ends_at.astimezone(zone))
    event.add("summary", name)
    event.add("transp", "TRANSPARENT")
    return event
