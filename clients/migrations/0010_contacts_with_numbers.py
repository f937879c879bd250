"""A contact has several numbers, in order, and a department that is a row; the number it had is its first."""

import django.contrib.postgres.fields
import django.db.models.deletion
import phonenumber_field.modelfields
from django.db import migrations, models

from answering.lib.text import search_key

LANGUAGES = [("en", "English"), ("lv", "Latvian"), ("lt", "Lithuanian"), ("el", "Greek")]

FORWARD = """
INSERT INTO clients_department (client_id, name)
    SELECT DISTINCT client_id, department_name FROM clients_contact WHERE department_name <> '';
UPDATE clients_contact SET department_id = department.id FROM clients_department department
    WHERE department.client_id = clients_contact.client_id AND department.name = clients_contact.department_name;
INSERT INTO clients_contactnumber (contact_id, position, number, label, gets_urgent_sms)
    SELECT id, 1, phone, '', sms_when_urgent FROM clients_contact WHERE phone <> '';
SET CONSTRAINTS ALL IMMEDIATE;
"""
BACKWARD = """
UPDATE clients_contact SET department_name = department.name FROM clients_department department
    WHERE department.id = clients_contact.department_id;
UPDATE clients_contact SET phone = first.number, sms_when_urgent = EXISTS (
        SELECT 1 FROM clients_contactnumber other WHERE other.contact_id = clients_contact.id AND other.gets_urgent_sms)
    FROM (SELECT DISTINCT ON (contact_id) contact_id, number FROM clients_contactnumber
          ORDER BY contact_id, NOT gets_urgent_sms, position) first
    WHERE first.contact_id = clients_contact.id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
RULES = """
ALTER TABLE clients_contact ADD CONSTRAINT contact_department_same_client
    FOREIGN KEY (department_id, client_id) REFERENCES clients_department (id, client_id) DEFERRABLE INITIALLY DEFERRED;
"""
UNDO_RULES = "ALTER TABLE clients_contact DROP CONSTRAINT contact_department_same_client;"


def set_search_keys(apps, schema_editor):
    contacts = apps.get_model("clients", "Contact").objects
    for contact in contacts.only("name", "responsibility").iterator():
        key = search_key(f"{contact.name} {contact.responsibility}")[:400]
        contacts.filter(pk=contact.pk).update(search_key=key)


class Migration(migrations.Migration):
    dependencies = [("clients", "0009_faq")]
    operations = [
        migrations.CreateModel(
            name="Department",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="departments", to="clients.client"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["id", "client"], name="department_of_client"),
                    models.UniqueConstraint(fields=["client", "name"], name="department_once"),
                ]
            },
        ),
        migrations.CreateModel(
            name="ContactNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("number", phonenumber_field.modelfields.PhoneNumberField(max_length=128, region=None)),
                ("label", models.CharField(blank=True, max_length=40)),
                ("gets_urgent_sms", models.BooleanField(default=False)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="numbers", to="clients.contact"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "indexes": [models.Index(fields=["number"], name="contact_by_number")],
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=models.Deferrable["DEFERRED"],
                        fields=("contact", "position"),
                        name="contact_number_position_once",
                    ),
                    models.UniqueConstraint(fields=("contact", "number"), name="contact_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("gets_urgent_sms", True)),
                        fields=("contact",),
                        name="one_number_for_urgent_sms",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint("contact", "contact_with_sms_has_phone"),
        migrations.RenameField("contact", "department", "department_name"),
        migrations.AddField(
            "contact",
            "department",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="contacts",
                to="clients.department",
            ),
        ),
        migrations.AddField("contact", "search_key", models.CharField(default="", editable=False, max_length=400), False),
        migrations.AddField(
            "contact",
            "also_speaks",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=LANGUAGES, max_length=5), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            "contact",
            "calendar",
            models.ForeignKey(
                blank=True,
                help_text="When this person can be reached, whatever the rota says.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clients.calendar",
                verbose_name="hours",
            ),
        ),
        migrations.AddField("contact", "revision", models.PositiveIntegerField(default=1, editable=False)),
        migrations.AlterField("contact", "name", models.CharField(max_length=120, verbose_name="name")),
        migrations.AlterField(
            "contact",
            "responsibility",
            models.CharField(
                blank=True,
                help_text="What they decide, e.g. prices and complaints.",
                max_length=200,
                verbose_name="responsible for",
            ),
        ),
        migrations.AlterField("contact", "email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
        migrations.AlterField(
            "contact",
            "language",
            models.CharField(
                choices=LANGUAGES, help_text="Of the messages to them.", max_length=5, verbose_name="language"
            ),
        ),
        migrations.AlterField(
            "contact",
            "is_default",
            models.BooleanField(
                default=False, help_text="Gets what is for nobody in particular.", verbose_name="default contact"
            ),
        ),
        # What was NOT NULL without a default must be writable while a step back is under way.
        migrations.AlterField("contact", "phone", phonenumber_field.modelfields.PhoneNumberField(blank=True, default="", max_length=128, region=None)),
        migrations.AlterField("contact", "department_name", models.CharField(blank=True, default="", max_length=120)),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(set_search_keys, migrations.RunPython.noop),
        migrations.RemoveField("contact", "phone"),
        migrations.RemoveField("contact", "department_name"),
        migrations.RemoveField("contact", "sms_when_urgent"),
        migrations.AddIndex(
            "contact",
            models.Index(
                condition=models.Q(("left_at", None)),
                fields=["client", "sort_key", "id"],
                name="contacts_of_client_by_name",
            ),
        ),
        migrations.RunSQL(RULES, UNDO_RULES),
    ]
