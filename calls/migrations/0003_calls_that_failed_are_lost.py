"""The sweep for call-backs reads failed calls too; the index is exchanged without locking the table."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("calls", "0002_ledger_rules")]
    operations = [
        AddIndexConcurrently(
            "call",
            models.Index(
                fields=["ended_at"],
                condition=models.Q(outcome__in=("abandoned", "missed", "failed")),
                name="call_lost_by_end",
            ),
        ),
        RemoveIndexConcurrently("call", "call_lost"),
    ]
