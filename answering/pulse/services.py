from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Case, DateTimeField, F, Max, When
from django.db.models.functions import Now

from answering.pulse.models import ServicePulse

PULSE_GAP = timedelta(seconds=5)

# Several processes pulse under one name: the later moment wins whatever their order.
_BEAT = """
    INSERT INTO pulse_servicepulse AS pulse (name, pulsed_at, started_at)
    VALUES (%(name)s, statement_timestamp(), statement_timestamp())
    ON CONFLICT (name) DO UPDATE SET
        resumed_at = CASE WHEN pulse.pulsed_at < excluded.pulsed_at - make_interval(secs => %(gap)s)
                     THEN excluded.pulsed_at ELSE pulse.resumed_at END,
        started_at = CASE WHEN pulse.pulsed_at < excluded.pulsed_at - make_interval(secs => %(gap)s)
                     THEN excluded.pulsed_at ELSE pulse.started_at END,
        pulsed_at = greatest(pulse.pulsed_at, excluded.pulsed_at)
"""


def beat_pulse(name: str, *, gap: timedelta = PULSE_GAP) -> None:
    """Record that this part of the service is alive now: one statement, outside of any transaction.

    If the last pulse is older than the gap, the part has been away, and now is when it came back.
    Raises django.db.DatabaseError or InterfaceError like any statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, {"name": name, "gap": gap.total_seconds()})


def last_outage_end(*names: str) -> datetime | None:
    """When the last outage of any of these parts ended; None if there never was one.

    An outage that still goes on counts as ending now, so that "less than 15 s since" holds during it.
    A part that has never pulsed is not away. One query.
    """
    ends = Case(
        When(pulsed_at__lt=Now() - PULSE_GAP, then=Now()),
        default=F("resumed_at"),
        output_field=DateTimeField(),
    )
    end: datetime | None = ServicePulse.objects.filter(name__in=names).aggregate(end=Max(ends))["end"]
    return end


def is_fresh(name: str, within: timedelta) -> bool:
    """Has this part of the service given a sign of life within this time? One query."""
    return ServicePulse.objects.filter(name=name, pulsed_at__gte=Now() - within).exists()


def pulse_ages() -> dict[str, timedelta]:
    """How long ago each part that ever pulsed last did. One query."""
    rows = ServicePulse.objects.annotate(age=Now() - F("pulsed_at"))
    return dict(rows.values_list("name", "age"))
