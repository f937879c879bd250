"""What becomes of calls after hours, on holidays and during notices, and by which script, for each line."""

import django.db.models.deletion
from django.db import migrations, models

HANDLINGS = [("answer", "Agents answer"), ("call_back", "Announcement and call-back")]
SITUATIONS = {"after_hours": ("after_hours", "call_back"), "holiday": ("on_holiday", "call_back")}
SITUATIONS["notice"] = ("during_notice", "answer")
AGREE = """
ALTER TABLE clients_line ADD CONSTRAINT line_{0}_script_same_client
    FOREIGN KEY ({0}_script_id, client_id) REFERENCES clients_script (id, client_id) DEFERRABLE INITIALLY DEFERRED;
"""
NO_AGREE = "ALTER TABLE clients_line DROP CONSTRAINT line_{0}_script_same_client;"


def _handling(name, default):
    return migrations.AddField(
        "line", name, models.CharField(choices=HANDLINGS, default=default, max_length=12)
    )


def _script(situation):
    return migrations.AddField(
        "line",
        f"{situation}_script",
        models.ForeignKey(
            blank=True,
            help_text="Empty for the usual script.",
            null=True,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="clients.script",
        ),
    )


class Migration(migrations.Migration):

    dependencies = [("clients", "0011_rota")]

    operations = [
        *(_handling(*handling) for handling in SITUATIONS.values()),
        *(_script(situation) for situation in SITUATIONS),
        *(migrations.RunSQL(AGREE.format(situation), NO_AGREE.format(situation)) for situation in SITUATIONS),
    ]
