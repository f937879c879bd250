"""A tariff version remembers how it was announced, and does not change from then on."""

import django.db.models.deletion
from django.db import migrations, models


FROZEN = """
CREATE OR REPLACE FUNCTION billing_refuse_used_tariff_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {announced}EXISTS (SELECT 1 FROM billing_usagerecord WHERE tariff_version_id = OLD.id) THEN
        RAISE EXCEPTION 'A tariff version never changes after use.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""
RULE, OLD_RULE = FROZEN.format(announced="OLD.announcement_id IS NOT NULL OR "), FROZEN.format(announced="")


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0002_ledger_rules'),
        ('clients', '0012_announcements'),
    ]

    operations = [
        migrations.AddField(
            model_name='tariffversion',
            name='announcement',
            field=models.OneToOneField(blank=True, editable=False, help_text='How the client was told; empty for the first version.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tariff_version', to='clients.announcement'),
        ),
        migrations.RunSQL(RULE, OLD_RULE),
    ]
