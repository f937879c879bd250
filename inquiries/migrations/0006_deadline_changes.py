"""Why the deadline of a request has moved."""

import django.db.models.deletion
from django.db import migrations, models

import answering.lib.clock


class Migration(migrations.Migration):

    dependencies = [("inquiries", "0005_from_texts")]

    operations = [
        migrations.CreateModel(
            name="DeadlineChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("hours", "the hours of a calendar were changed"),
                            ("terms", "another calendar or reply target holds"),
                        ],
                        max_length=8,
                    ),
                ),
                ("was_due_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(default=answering.lib.clock.now)),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deadline_changes",
                        to="inquiries.inquiry",
                    ),
                ),
            ],
            options={"ordering": ["changed_at", "id"]},
        ),
    ]
