"""The console's and the desk's figures of today."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("calls", "0003_calls_that_failed_are_lost")]
    operations = [
        AddIndexConcurrently("call", models.Index(fields=["agent", "-started_at"], name="call_of_agent_by_time")),
        AddIndexConcurrently("call", models.Index(fields=["-started_at"], name="call_by_time")),
    ]
