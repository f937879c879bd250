"""Changes of what deadlines are computed with become rows, so that open requests follow."""

import django.db.models.deletion
from django.db import migrations, models

import answering.lib.clock

RULES = """
ALTER TABLE clients_hourschange ADD CONSTRAINT hours_change_calendar FOREIGN KEY (calendar_id)
    REFERENCES clients_calendar (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE clients_hourschange ADD CONSTRAINT hours_change_client FOREIGN KEY (client_id)
    REFERENCES clients_client (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

-- Updating waits for a sweep that is taking the row away, and then writes it anew: no change is lost.
CREATE FUNCTION clients_note_calendar_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM clients_client WHERE calendar_id = NEW.id)
        OR EXISTS (SELECT 1 FROM clients_provider WHERE calendar_id = NEW.id)
    THEN
        INSERT INTO clients_hourschange (calendar_id, changed_at) VALUES (NEW.id, clock_timestamp())
            ON CONFLICT (calendar_id) DO UPDATE SET changed_at = EXCLUDED.changed_at;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER calendar_change_noted AFTER UPDATE ON clients_calendar
    FOR EACH ROW WHEN (OLD.changed_at IS DISTINCT FROM NEW.changed_at) EXECUTE FUNCTION clients_note_calendar_change();

CREATE FUNCTION clients_note_client_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO clients_hourschange (client_id, changed_at) VALUES (NEW.id, clock_timestamp())
        ON CONFLICT (client_id) DO UPDATE SET changed_at = EXCLUDED.changed_at;
    RETURN NULL;
END $$;
CREATE TRIGGER client_change_noted AFTER UPDATE OF calendar_id, response_target, provider_id ON clients_client
    FOR EACH ROW
    WHEN ((OLD.calendar_id, OLD.response_target, OLD.provider_id)
        IS DISTINCT FROM (NEW.calendar_id, NEW.response_target, NEW.provider_id))
    EXECUTE FUNCTION clients_note_client_change();

CREATE FUNCTION clients_note_provider_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO clients_hourschange (client_id, changed_at)
        SELECT id, clock_timestamp() FROM clients_client WHERE provider_id = NEW.id ORDER BY id
        ON CONFLICT (client_id) DO UPDATE SET changed_at = EXCLUDED.changed_at;
    RETURN NULL;
END $$;
CREATE TRIGGER provider_change_noted AFTER UPDATE OF calendar_id ON clients_provider
    FOR EACH ROW WHEN (OLD.calendar_id IS DISTINCT FROM NEW.calendar_id)
    EXECUTE FUNCTION clients_note_provider_change();
"""
UNDO = """
DROP TRIGGER provider_change_noted ON clients_provider;
DROP FUNCTION clients_note_provider_change();
DROP TRIGGER client_change_noted ON clients_client;
DROP FUNCTION clients_note_client_change();
DROP TRIGGER calendar_change_noted ON clients_calendar;
DROP FUNCTION clients_note_calendar_change();
"""


def _changed(model):
    return models.OneToOneField(
        db_constraint=False,
        null=True,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to=f"clients.{model}",
    )


class Migration(migrations.Migration):

    dependencies = [("clients", "0014_lines_by_situation")]

    operations = [
        migrations.CreateModel(
            name="HoursChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("calendar", _changed("calendar")),
                ("client", _changed("client")),
                ("changed_at", models.DateTimeField(default=answering.lib.clock.now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="hours_change_of_one",
                        condition=models.Q(calendar=None, client__isnull=False)
                        | models.Q(calendar__isnull=False, client=None),
                    )
                ]
            },
        ),
        migrations.RunSQL(RULES, UNDO),
    ]
