"""SMS through the outbox. Nothing here holds a large table for longer than a moment."""

import django.db.models.deletion
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models

import answering.lib.clock

EXTERNAL_ID_ONCE = """
CREATE UNIQUE INDEX CONCURRENTLY delivery_external_id_once ON outbox_delivery (external_id) WHERE NOT (external_id = '')
"""
CHANNELS = [("email", "e-mail"), ("sms", "SMS")]
STATES = [("due", "waiting to be sent"), ("sent", "sent"), ("delivered", "delivered"), ("dead", "given up")]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("outbox", "0001_initial"), ("twilio", "0001_initial")]
    operations = [
        migrations.AlterField("delivery", "channel", models.CharField(choices=CHANNELS, default="email", max_length=8)),
        migrations.AlterField("delivery", "state", models.CharField(choices=STATES, default="due", max_length=12)),
        migrations.AlterField("delivery", "subject", models.CharField(blank=True, max_length=200)),
        migrations.AddField("delivery", "sender", models.CharField(blank=True, default="", max_length=20), preserve_default=False),
        migrations.AddField("delivery", "external_id", models.CharField(blank=True, default="", max_length=34), preserve_default=False),
        migrations.AddField("delivery", "delivered_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "delivery",
            "attempts_since",
            models.DateTimeField(default=answering.lib.clock.now, help_text="Set anew when somebody tries again."),
        ),
        migrations.AddField(
            "delivery",
            "account",
            models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Of an SMS; empty for the installation's own.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="twilio.twilioaccount",
            ),
        ),
        AddIndexConcurrently(
            "delivery",
            models.Index(
                condition=models.Q(state="due"), fields=["channel", "next_attempt_at"], name="delivery_due_on_channel"
            ),
        ),
        RemoveIndexConcurrently("delivery", "delivery_due"),
        AddIndexConcurrently(
            "delivery",
            models.Index(condition=models.Q(account__isnull=False), fields=["account"], name="delivery_of_account"),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(EXTERNAL_ID_ONCE, "DROP INDEX CONCURRENTLY delivery_external_id_once")],
            [
                migrations.AddConstraint(
                    "delivery",
                    models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("external_id",),
                        name="delivery_external_id_once",
                    ),
                )
            ],
        ),
        AddConstraintNotValid(
            "delivery",
            models.CheckConstraint(
                condition=models.Q(("state", "delivered"), _negated=True) | models.Q(delivered_at__isnull=False),
                name="delivery_delivered_has_time",
            ),
        ),
        AddConstraintNotValid(
            "delivery",
            models.CheckConstraint(
                condition=models.Q(("channel", "sms"), _negated=True) | models.Q(("sender", ""), _negated=True),
                name="delivery_sms_has_sender",
            ),
        ),
        ValidateConstraint("delivery", "delivery_delivered_has_time"),
        ValidateConstraint("delivery", "delivery_sms_has_sender"),
        migrations.CreateModel(
            "Receipt",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=34, unique=True)),
                ("status", models.CharField(blank=True, max_length=20)),
                ("error_code", models.CharField(blank=True, max_length=12)),
                ("changed_at", models.DateTimeField(default=answering.lib.clock.now)),
            ],
        ),
    ]
