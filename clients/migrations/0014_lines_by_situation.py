"""What a line does after hours, on holidays and during notices, by which script; which skills it requires."""

from datetime import timedelta

import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models

import answering.lib.clock

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

    dependencies = [("accounts", "0003_email_once"), ("clients", "0013_scripts_renamed_and_deleted")]

    operations = [
        *(_handling(*handling) for handling in SITUATIONS.values()),
        *(_script(situation) for situation in SITUATIONS),
        *(migrations.RunSQL(AGREE.format(situation), NO_AGREE.format(situation)) for situation in SITUATIONS),
        migrations.CreateModel(
            name="Skill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("public_id", models.UUIDField(default=answering.lib.clock.uuid7, editable=False, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("sort_key", models.CharField(editable=False, max_length=240)),
                ("agents", models.ManyToManyField(blank=True, related_name="skills", to="accounts.agent")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.Lower("name"),
                        name="skill_name_once",
                        violation_error_message="There is a skill of this name already.",
                    )
                ],
            },
        ),
        migrations.AddField(
            "line",
            "skills",
            models.ManyToManyField(
                blank=True,
                help_text="Only agents who have all of them are asked.",
                related_name="lines",
                to="clients.skill",
            ),
        ),
        migrations.AddField(
            "line",
            "skills_wait",
            models.DurationField(
                blank=True, help_text="After waiting this long agents without the skills are asked too.", null=True
            ),
        ),
        migrations.AddConstraint(
            "line",
            models.CheckConstraint(
                condition=models.Q(skills_wait=None)
                | models.Q(skills_wait__gt=timedelta(0), skills_wait__lt=models.F("waiting_limit")),
                name="line_skills_wait_within_limit",
            ),
        ),
    ]
