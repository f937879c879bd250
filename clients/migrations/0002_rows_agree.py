"""A shift's contact and a line's script belong to the same client; a published script never changes."""

from django.db import migrations

RULES = """
ALTER TABLE clients_rotashift ADD CONSTRAINT shift_contact_same_client
    FOREIGN KEY (contact_id, client_id) REFERENCES clients_contact (id, client_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE clients_line ADD CONSTRAINT line_script_same_client
    FOREIGN KEY (script_id, client_id) REFERENCES clients_script (id, client_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION clients_refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'A published script version never changes.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER script_version_published_is_frozen BEFORE UPDATE OR DELETE ON clients_scriptversion
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_published_change();

CREATE FUNCTION clients_refuse_published_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM clients_scriptversion WHERE id = owner AND published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'A published script version never changes.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER script_step_published_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON clients_scriptstep
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_published_step();
"""

UNDO = """
DROP TRIGGER script_step_published_is_frozen ON clients_scriptstep;
DROP FUNCTION clients_refuse_published_step();
DROP TRIGGER script_version_published_is_frozen ON clients_scriptversion;
DROP FUNCTION clients_refuse_published_change();
ALTER TABLE clients_line DROP CONSTRAINT line_script_same_client;
ALTER TABLE clients_rotashift DROP CONSTRAINT shift_contact_same_client;
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial")]
    operations = [migrations.RunSQL(RULES, UNDO)]
