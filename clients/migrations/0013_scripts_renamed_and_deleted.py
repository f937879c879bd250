"""Scripts can be renamed and deleted; a deleted one is kept for the calls that ran on it, but no line uses it."""

from django.db import migrations, models

# The lock makes a line wait for whoever deletes the script just now.
RULES = """
CREATE FUNCTION clients_refuse_deleted_script() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone timestamptz;
BEGIN
    SELECT deleted_at INTO gone FROM clients_script WHERE id = NEW.script_id FOR KEY SHARE;
    IF gone IS NOT NULL THEN
        RAISE EXCEPTION 'A line needs a script that is not deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_script_is_kept BEFORE INSERT OR UPDATE OF script_id ON clients_line
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_deleted_script();
"""

UNDO = """
DROP TRIGGER line_script_is_kept ON clients_line;
DROP FUNCTION clients_refuse_deleted_script();
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0012_announcements")]
    operations = [
        migrations.AddField("script", "deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField("script", "revision", models.PositiveIntegerField(default=1, editable=False)),
        migrations.AddField(
            "scriptversion",
            "note",
            models.CharField(blank=True, help_text="Why it was made, unless somebody wrote it.", max_length=300),
        ),
        migrations.RunSQL(RULES, UNDO),
    ]
