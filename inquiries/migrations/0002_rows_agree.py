"""A request's call and contact belong to its client."""

from django.db import migrations

RULES = """
ALTER TABLE inquiries_inquiry ADD CONSTRAINT inquiry_call_same_client
    FOREIGN KEY (call_id, client_id) REFERENCES calls_call (id, client_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE inquiries_inquiry ADD CONSTRAINT inquiry_contact_same_client
    FOREIGN KEY (contact_id, client_id) REFERENCES clients_contact (id, client_id) DEFERRABLE INITIALLY DEFERRED;
"""

UNDO = """
ALTER TABLE inquiries_inquiry DROP CONSTRAINT inquiry_contact_same_client;
ALTER TABLE inquiries_inquiry DROP CONSTRAINT inquiry_call_same_client;
"""


class Migration(migrations.Migration):
    dependencies = [("inquiries", "0001_initial"), ("calls", "0002_ledger_rules")]
    operations = [migrations.RunSQL(RULES, UNDO)]
