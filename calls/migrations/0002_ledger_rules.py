"""A call's line and caller belong to its client; its events are append-only."""

from django.db import migrations

RULES = """
ALTER TABLE calls_call ADD CONSTRAINT call_line_same_client
    FOREIGN KEY (line_id, client_id) REFERENCES clients_line (id, client_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE calls_call ADD CONSTRAINT call_caller_same_client
    FOREIGN KEY (caller_id, client_id) REFERENCES calls_caller (id, client_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION calls_refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Call events are append-only.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER call_event_is_append_only BEFORE UPDATE OR DELETE ON calls_callevent
    FOR EACH ROW EXECUTE FUNCTION calls_refuse_event_change();
"""

UNDO = """
DROP TRIGGER call_event_is_append_only ON calls_callevent;
DROP FUNCTION calls_refuse_event_change();
ALTER TABLE calls_call DROP CONSTRAINT call_caller_same_client;
ALTER TABLE calls_call DROP CONSTRAINT call_line_same_client;
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial"), ("clients", "0002_rows_agree")]
    operations = [migrations.RunSQL(RULES, UNDO)]
