"""A call keeps the situation of its line at its beginning, and whether a notice was in force then."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("calls", "0010_lighter_calls")]

    operations = [
        migrations.AddField(
            "call",
            "situation",
            models.CharField(
                blank=True,
                choices=[
                    ("in_hours", "In hours"),
                    ("notice", "A notice is in force"),
                    ("after_hours", "After hours"),
                    ("holiday", "Holiday"),
                ],
                db_default="",
                default="",
                help_text="Of its line when the call began; empty for calls from before this was noted.",
                max_length=12,
            ),
        ),
        migrations.AddField(
            "call",
            "has_notice",
            models.BooleanField(
                db_default=False, default=False, help_text="Whether a notice was in force when the call began."
            ),
        ),
    ]
