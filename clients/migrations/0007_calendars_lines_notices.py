"""Calendars at the desk: named in its addresses, found by name, edited by one at a time, holidays chosen."""

import django.contrib.postgres.fields
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
    ]
