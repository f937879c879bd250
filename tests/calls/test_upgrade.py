"""During an upgrade old web processes go on writing calls into new tables."""

import pytest
from django.db.models import Model

from calls.models import Call, Caller, CallEvent

# What every release writes. A later column must be filled in by the database where an old process does not know it.
WRITTEN_BY_ALL: dict[type[Model], str] = {
    Call: """public_id client line carrier carrier_account carrier_call carrier_room caller_number caller_name state
        disposition generation started_at state_since ring_seconds queue_seconds connect_seconds talk_seconds
        hold_seconds transfer_seconds ledger_version ledger_changed_at""",
    Caller: """revision client number name search_key language note is_blocked is_always_connected care_reason
        created_at""",
    CallEvent: "call kind occurred_at received_at sequence carrier_event_key",
}


@pytest.mark.parametrize("model", WRITTEN_BY_ALL, ids=lambda model: model.__name__)
def test_a_column_that_old_processes_do_not_write_has_a_default_in_the_database(model: type[Model]) -> None:
    needed = {
        field.name
        for field in model._meta.local_concrete_fields
        if not (field.null or field.primary_key or field.generated or field.has_db_default())
    }
    new = needed - set(WRITTEN_BY_ALL[model].split())
    assert not new, f"{sorted(new)} of {model.__name__}: add db_default, or old processes can write no call meanwhile"
