"""Calendars at the desk: named in its addresses, found by name, edited by one at a time, holidays chosen."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import answering.lib.clock
from answering.lib.text import search_key, sort_key

TOUCH = """
DROP TRIGGER calendar_zone_touches ON clients_calendar;
CREATE TRIGGER calendar_zone_touches BEFORE UPDATE OF time_zone, holiday_country, worked_holidays ON clients_calendar
    FOR EACH ROW
    WHEN ((OLD.time_zone, OLD.holiday_country, OLD.worked_holidays)
        IS DISTINCT FROM (NEW.time_zone, NEW.holiday_country, NEW.worked_holidays))
    EXECUTE FUNCTION clients_touch_own_calendar();
"""
UNDO = """
DROP TRIGGER calendar_zone_touches ON clients_calendar;
CREATE TRIGGER calendar_zone_touches BEFORE UPDATE OF time_zone, holiday_country ON clients_calendar
    FOR EACH ROW WHEN ((OLD.time_zone, OLD.holiday_country) IS DISTINCT FROM (NEW.time_zone, NEW.holiday_country))
    EXECUTE FUNCTION clients_touch_own_calendar();
"""
NOTICES = """
ALTER TABLE clients_notice ADD CONSTRAINT notice_line_same_client
    FOREIGN KEY (line_id, client_id) REFERENCES clients_line (id, client_id) DEFERRABLE INITIALLY DEFERRED;
"""
NO_NOTICES = "ALTER TABLE clients_notice DROP CONSTRAINT notice_line_same_client;"


def name_calendars(apps, schema_editor):
    for calendar in apps.get_model("clients", "Calendar").objects.all():
        calendar.public_id = answering.lib.clock.uuid7()
        calendar.sort_key, calendar.search_key = sort_key(calendar.name, ""), search_key(calendar.name)
        calendar.save(update_fields=["public_id", "sort_key", "search_key"])


class Migration(migrations.Migration):

    dependencies = [("clients", "0006_setting_up")]

    operations = [
        migrations.AddField("calendar", "public_id", models.UUIDField(editable=False, null=True)),
        migrations.AddField("calendar", "revision", models.PositiveIntegerField(default=1, editable=False)),
        migrations.AddField(
            "calendar", "search_key", models.CharField(default="", editable=False, max_length=240), preserve_default=False
        ),
        migrations.AddField(
            "calendar", "sort_key", models.CharField(default="", editable=False, max_length=240), preserve_default=False
        ),
        migrations.AddField(
            "calendar",
            "worked_holidays",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=160),
                blank=True,
                default=list,
                help_text="Names of public holidays on which the usual hours apply.",
                size=None,
            ),
        ),
        migrations.RunPython(name_calendars, migrations.RunPython.noop),
        migrations.AlterField(
            "calendar",
            "public_id",
            models.UUIDField(default=answering.lib.clock.uuid7, editable=False, unique=True),
        ),
        migrations.AddIndex("calendar", models.Index(fields=["sort_key", "id"], name="calendar_by_name")),
        migrations.RunSQL(TOUCH, UNDO),
        migrations.AddField("line", "revision", models.PositiveIntegerField(default=1, editable=False)),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "public_id",
                    models.UUIDField(default=answering.lib.clock.uuid7, editable=False, unique=True),
                ),
                ("text", models.CharField(max_length=400)),
                ("starts_at", models.DateTimeField(default=answering.lib.clock.now)),
                ("ends_at", models.DateTimeField()),
                (
                    "is_public",
                    models.BooleanField(
                        default=False, help_text="Callers read it too, on the page of the line."
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="clients.client"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty for all lines.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="clients.line",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["client", "ends_at"], name="notice_of_client")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="notice_ends_after_start"
                    )
                ],
            },
        ),
        migrations.RunSQL(NOTICES, NO_NOTICES),
    ]
