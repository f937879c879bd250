"""A calendar knows when its hours last changed, whoever changes them: prepared calendars are kept by that moment."""

from django.db import migrations

RULES = """
CREATE FUNCTION clients_touch_calendar() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_now record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    changed bigint;
BEGIN
    IF TG_TABLE_NAME = 'clients_calendardayinterval' THEN
        SELECT calendar_id INTO changed FROM clients_calendarday WHERE id = row_now.day_id;
    ELSE
        changed := row_now.calendar_id;
    END IF;
    UPDATE clients_calendar SET changed_at = clock_timestamp() WHERE id = changed;
    RETURN NULL;
END $$;
CREATE TRIGGER calendar_interval_touches AFTER INSERT OR UPDATE OR DELETE ON clients_calendarinterval
    FOR EACH ROW EXECUTE FUNCTION clients_touch_calendar();
CREATE TRIGGER calendar_day_touches AFTER INSERT OR UPDATE OR DELETE ON clients_calendarday
    FOR EACH ROW EXECUTE FUNCTION clients_touch_calendar();
CREATE TRIGGER calendar_day_interval_touches AFTER INSERT OR UPDATE OR DELETE ON clients_calendardayinterval
    FOR EACH ROW EXECUTE FUNCTION clients_touch_calendar();

CREATE FUNCTION clients_touch_own_calendar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER calendar_zone_touches BEFORE UPDATE OF time_zone, holiday_country ON clients_calendar
    FOR EACH ROW WHEN ((OLD.time_zone, OLD.holiday_country) IS DISTINCT FROM (NEW.time_zone, NEW.holiday_country))
    EXECUTE FUNCTION clients_touch_own_calendar();
"""

UNDO = """
DROP TRIGGER calendar_zone_touches ON clients_calendar;
DROP FUNCTION clients_touch_own_calendar();
DROP TRIGGER calendar_day_interval_touches ON clients_calendardayinterval;
DROP TRIGGER calendar_day_touches ON clients_calendarday;
DROP TRIGGER calendar_interval_touches ON clients_calendarinterval;
DROP FUNCTION clients_touch_calendar();
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0002_rows_agree")]
    operations = [migrations.RunSQL(RULES, UNDO)]
