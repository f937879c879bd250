"""Usage belongs to its call's client and is append-only; a tariff version in use never changes."""

from django.db import migrations

RULES = """
ALTER TABLE billing_usagerecord ADD CONSTRAINT usage_call_same_client
    FOREIGN KEY (call_id, client_id) REFERENCES calls_call (id, client_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION billing_refuse_usage_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Usage records are append-only.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER usage_record_is_append_only BEFORE UPDATE OR DELETE ON billing_usagerecord
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_usage_change();

CREATE FUNCTION billing_refuse_used_tariff_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_usagerecord WHERE tariff_version_id = OLD.id) THEN
        RAISE EXCEPTION 'A tariff version never changes after use.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER tariff_version_used_is_frozen BEFORE UPDATE OR DELETE ON billing_tariffversion
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_used_tariff_change();
"""

UNDO = """
DROP TRIGGER tariff_version_used_is_frozen ON billing_tariffversion;
DROP FUNCTION billing_refuse_used_tariff_change();
DROP TRIGGER usage_record_is_append_only ON billing_usagerecord;
DROP FUNCTION billing_refuse_usage_change();
ALTER TABLE billing_usagerecord DROP CONSTRAINT usage_call_same_client;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("calls", "0002_ledger_rules")]
    operations = [migrations.RunSQL(RULES, UNDO)]
