"""A line that is saved locks its scripts in the order in which everybody else does."""

from django.db import migrations

CHECK = """
CREATE OR REPLACE FUNCTION clients_refuse_deleted_script() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM clients_script WHERE id IN ({ids}) {order} FOR KEY SHARE;
    IF EXISTS (SELECT 1 FROM clients_script WHERE id IN ({ids}) AND deleted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'A line needs a script that is not deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
IDS = "NEW.script_id, NEW.after_hours_script_id, NEW.holiday_script_id, NEW.notice_script_id"


class Migration(migrations.Migration):
    dependencies = [("clients", "0018_contact_imports")]
    operations = [
        migrations.RunSQL(CHECK.format(ids=IDS, order="ORDER BY id"), CHECK.format(ids=IDS, order="")),
    ]
