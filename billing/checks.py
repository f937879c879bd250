from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

TRIGGERS = ("usage_record_is_append_only", "tariff_version_used_is_frozen")


@register(Tags.database)
def guards_are_up(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What keeps records and used tariffs as they are is in the database and switched on."""
    return [
        Error(
            f"The trigger {name} is missing or switched off: what has been priced could be changed.",
            hint="Run `manage.py migrate`; if it was dropped by hand, create it as billing.0002 does.",
            id="billing.E001",
        )
        for alias in databases or ()
        for name in _missing(alias)
    ]


def _missing(alias: str) -> list[str]:
    connection = connections[alias]
    if "billing_usagerecord" not in connection.introspection.table_names():
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname = ANY(%s) AND tgenabled = 'O'", [list(TRIGGERS)])
        found = {name for (name,) in cursor.fetchall()}
    return [name for name in TRIGGERS if name not in found]
