"""Shifts repeat, belong to a rota, and can be taken over; what was written before becomes shifts of one day."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import answering.lib.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clients.rota import RotaPlan, Shift

# What a step back writes down of shifts that repeat.
BACK, AHEAD = timedelta(days=60), timedelta(days=60)

RULES = """
ALTER TABLE clients_repeatingshift ADD CONSTRAINT repeating_shift_rota_same_client
    FOREIGN KEY (rota_id, client_id) REFERENCES clients_rota (id, client_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE clients_repeatingshift ADD CONSTRAINT repeating_shift_contact_same_client
    FOREIGN KEY (contact_id, client_id) REFERENCES clients_contact (id, client_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE clients_rotaoverride ADD CONSTRAINT override_rota_same_client
    FOREIGN KEY (rota_id, client_id) REFERENCES clients_rota (id, client_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE clients_rotaoverride ADD CONSTRAINT override_contact_same_client
    FOREIGN KEY (contact_id, client_id) REFERENCES clients_contact (id, client_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION clients_refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A logged change never changes.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER rota_change_is_append_only BEFORE UPDATE OR DELETE ON clients_rotachange
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_log_change();
"""
UNDO_RULES = """
DROP TRIGGER rota_change_is_append_only ON clients_rotachange;
DROP FUNCTION clients_refuse_log_change();
ALTER TABLE clients_rotaoverride DROP CONSTRAINT override_contact_same_client;
ALTER TABLE clients_rotaoverride DROP CONSTRAINT override_rota_same_client;
ALTER TABLE clients_repeatingshift DROP CONSTRAINT repeating_shift_contact_same_client;
ALTER TABLE clients_repeatingshift DROP CONSTRAINT repeating_shift_rota_same_client;
"""
OLD_RULE = "ALTER TABLE clients_rotashift DROP CONSTRAINT shift_contact_same_client;"
OLD_RULE_BACK = """
ALTER TABLE clients_rotashift ADD CONSTRAINT shift_contact_same_client
    FOREIGN KEY (contact_id, client_id) REFERENCES clients_contact (id, client_id) DEFERRABLE INITIALLY DEFERRED;
"""


def repeat_shifts(apps, schema_editor):
    """Each shift becomes one of a single day, or of several when it lasted longer than a day."""
    models = {name: apps.get_model("clients", name) for name in ("Client", "Rota", "RotaShift", "RepeatingShift")}
    for client in models["Client"].objects.filter(pk__in=models["RotaShift"].objects.values("client")):
        rota = models["Rota"].objects.create(client=client, name="Rota")
        zone, new = ZoneInfo(client.time_zone), []
        for old in models["RotaShift"].objects.filter(client=client).order_by("pk").iterator():
            starts, ends = old.starts_at.astimezone(zone), old.ends_at.astimezone(zone)
            while starts < ends:
                stop = min(starts + timedelta(days=1), ends)
                minutes = starts.hour * 60 + starts.minute, stop.hour * 60 + stop.minute or 1440
                new.append(
                    models["RepeatingShift"](
                        rota=rota,
                        client=client,
                        contact_id=old.contact_id,
                        first_day=starts.date(),
                        last_day=starts.date(),
                        starts_minute=minutes[0],
                        ends_minute=minutes[1],
                    )
                )
                starts = stop
        models["RepeatingShift"].objects.bulk_create(new, batch_size=500, ignore_conflicts=True)


def write_out_shifts(apps, schema_editor):
    """Two months back and ahead are written down as they would have been worked."""
    Rota, RotaShift = apps.get_model("clients", "Rota"), apps.get_model("clients", "RotaShift")
    now = answering.lib.clock.now()
    for rota in Rota.objects.select_related("client"):
        shifts = [
            Shift(s.contact_id, s.first_day, s.starts_minute, s.ends_minute, s.every_weeks, s.last_day)
            for s in apps.get_model("clients", "RepeatingShift").objects.filter(rota=rota).order_by("pk")
        ]
        table = RotaPlan(ZoneInfo(rota.client.time_zone), shifts).timetable(now - BACK, now + AHEAD)
        RotaShift.objects.bulk_create(
            RotaShift(client_id=rota.client_id, contact_id=person, starts_at=duty.starts_at, ends_at=duty.ends_at)
            for duty in table.duties
            for person in duty.people
        )
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the table could not be altered any more


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0010_contacts_with_numbers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Rota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=answering.lib.clock.uuid7, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('changed_at', models.DateTimeField(default=answering.lib.clock.now)),
                ('version', models.PositiveIntegerField(default=1, help_text='Counts every change of the rota and its shifts.')),
                ('calendar', models.ForeignKey(blank=True, help_text='When somebody must be on duty; empty for always.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.calendar')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rotas', to='clients.client')),
            ],
        ),
        migrations.CreateModel(
            name='RepeatingShift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField()),
                ('last_day', models.DateField(blank=True, null=True)),
                ('every_weeks', models.PositiveSmallIntegerField(default=1)),
                ('starts_minute', models.PositiveSmallIntegerField()),
                ('ends_minute', models.PositiveSmallIntegerField(help_text='Not after the start: on the next day.')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clients.client')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shifts', to='clients.contact')),
                ('rota', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shifts', to='clients.rota')),
            ],
        ),
        migrations.CreateModel(
            name='RotaChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changed_at', models.DateTimeField(default=answering.lib.clock.now)),
                ('kind', models.CharField(choices=[('rota', 'Rota made'), ('renamed', 'Rota changed'), ('shift', 'Shift added'), ('shift_ended', 'Shift ended'), ('override', 'Substitute named'), ('override_ended', 'Substitute taken back'), ('feed', 'Calendar address made'), ('feed_revoked', 'Calendar address revoked'), ('replaced', 'Person replaced')], max_length=16)),
                ('summary', models.CharField(blank=True, max_length=300)),
                ('rota', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='clients.rota')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='RotaFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=answering.lib.clock.now)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('rota', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feeds', to='clients.rota')),
            ],
        ),
        migrations.CreateModel(
            name='RotaOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=120)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clients.client')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='clients.contact')),
                ('rota', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='clients.rota')),
            ],
        ),
        migrations.AddConstraint(
            model_name='rota',
            constraint=models.UniqueConstraint(fields=('id', 'client'), name='rota_of_client'),
        ),
        migrations.AddConstraint(
            model_name='rota',
            constraint=models.UniqueConstraint(fields=('client', 'name'), name='rota_once'),
        ),
        migrations.AddConstraint(
            model_name='repeatingshift',
            constraint=models.UniqueConstraint(fields=('rota', 'contact', 'first_day', 'starts_minute'), name='repeating_shift_once'),
        ),
        migrations.AddConstraint(
            model_name='repeatingshift',
            constraint=models.CheckConstraint(condition=models.Q(('ends_minute__gt', 0), ('ends_minute__lte', 1440), ('starts_minute__lt', 1440)), name='repeating_shift_within_day'),
        ),
        migrations.AddConstraint(
            model_name='repeatingshift',
            constraint=models.CheckConstraint(condition=models.Q(('every_weeks__gte', 1), ('every_weeks__lte', 52)), name='repeating_shift_weeks'),
        ),
        migrations.AddConstraint(
            model_name='repeatingshift',
            constraint=models.CheckConstraint(condition=models.Q(('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='repeating_shift_ends_after_start'),
        ),
        migrations.AddIndex(
            model_name='rotachange',
            index=models.Index(fields=['rota', '-changed_at'], name='rota_change_by_time'),
        ),
        migrations.AddConstraint(
            model_name='rotafeed',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('rota',), name='one_feed_of_rota'),
        ),
        migrations.AddIndex(
            model_name='rotaoverride',
            index=models.Index(fields=['rota', 'ends_at'], name='override_by_end'),
        ),
        migrations.AddConstraint(
            model_name='rotaoverride',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='override_has_length'),
        ),
        migrations.RunPython(repeat_shifts, write_out_shifts),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE;", ""),
        migrations.RunSQL(RULES, UNDO_RULES),
        migrations.RunSQL(OLD_RULE, OLD_RULE_BACK),
        migrations.DeleteModel(name="RotaShift"),
    ]
