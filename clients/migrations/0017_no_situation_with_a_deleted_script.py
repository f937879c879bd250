"""A line has no deleted script for any of its situations either."""

from django.db import migrations

CHECK = """
CREATE OR REPLACE FUNCTION clients_refuse_deleted_script() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM clients_script WHERE id IN ({ids}) FOR KEY SHARE;
    IF EXISTS (SELECT 1 FROM clients_script WHERE id IN ({ids}) AND deleted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'A line needs a script that is not deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER line_script_is_kept ON clients_line;
CREATE TRIGGER line_script_is_kept BEFORE INSERT OR UPDATE OF {columns} ON clients_line
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_deleted_script();
"""


def _check(*columns: str) -> str:
    return CHECK.format(ids=", ".join(f"NEW.{column}" for column in columns), columns=", ".join(columns))


class Migration(migrations.Migration):
    dependencies = [("clients", "0016_ways_of_working")]
    operations = [
        migrations.RunSQL(
            _check("script_id", "after_hours_script_id", "holiday_script_id", "notice_script_id"), _check("script_id")
        )
    ]
