"""Changes of contract and prices are announced to a company's owners, who confirm what they have read."""

import answering.lib.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


RULES = """
ALTER TABLE clients_acknowledgement ADD CONSTRAINT acknowledged_text_of_announcement
    FOREIGN KEY (text_id, announcement_id) REFERENCES clients_announcementtext (id, announcement_id)
    DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION clients_refuse_announced_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was announced never changes.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER announcement_is_kept BEFORE DELETE OR UPDATE OF
    id, public_id, client_id, kind, created_at, author_id, effective_at, notice_days, is_short, reason, terms
    ON clients_announcement FOR EACH ROW EXECUTE FUNCTION clients_refuse_announced_change();
CREATE TRIGGER announcement_text_is_append_only BEFORE UPDATE OR DELETE ON clients_announcementtext
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_announced_change();
CREATE TRIGGER acknowledgement_is_append_only BEFORE UPDATE OR DELETE ON clients_acknowledgement
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_announced_change();
"""

UNDO_RULES = """
DROP TRIGGER acknowledgement_is_append_only ON clients_acknowledgement;
DROP TRIGGER announcement_text_is_append_only ON clients_announcementtext;
DROP TRIGGER announcement_is_kept ON clients_announcement;
DROP FUNCTION clients_refuse_announced_change();
ALTER TABLE clients_acknowledgement DROP CONSTRAINT acknowledged_text_of_announcement;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_email_once'),
        ('clients', '0011_rota'),
        ('outbox', '0002_sms'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Acknowledgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('acknowledged_at', models.DateTimeField(default=answering.lib.clock.now)),
                ('digest', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=answering.lib.clock.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('prices', 'Prices'), ('contract', 'Contract')], max_length=12)),
                ('created_at', models.DateTimeField(default=answering.lib.clock.now)),
                ('effective_at', models.DateTimeField()),
                ('notice_days', models.PositiveSmallIntegerField(help_text='The notice agreed when it was announced.')),
                ('is_short', models.BooleanField(default=False, help_text='Takes effect sooner than the notice agreed.')),
                ('reason', models.CharField(blank=True, help_text='Why it takes effect sooner.', max_length=300)),
                ('terms', models.JSONField(blank=True, default=dict)),
                ('in_force_at', models.DateTimeField(blank=True, help_text='When the terms were put into force.', null=True)),
                ('remind_at', models.DateTimeField(blank=True, null=True)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='AnnouncementCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told_at', models.DateTimeField(default=answering.lib.clock.now)),
            ],
            options={
                'verbose_name_plural': 'announcement copies',
            },
        ),
        migrations.CreateModel(
            name='AnnouncementText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('en', 'English'), ('lv', 'Latvian'), ('lt', 'Lithuanian'), ('el', 'Greek')], max_length=5)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('digest', models.CharField(help_text='SHA-256 of subject, an empty line and body.', max_length=64)),
            ],
        ),
        migrations.AddField(
            model_name='client',
            name='notice_days',
            field=models.PositiveSmallIntegerField(default=30, help_text='Days between the announcement of a change of contract or prices and its beginning.'),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(('notice_days__lte', 365)), name='client_notice_days_sensible'),
        ),
        migrations.AddField(
            model_name='acknowledgement',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='announcement',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='announcement',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='announcements', to='clients.client'),
        ),
        migrations.AddField(
            model_name='acknowledgement',
            name='announcement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acknowledgements', to='clients.announcement'),
        ),
        migrations.AddField(
            model_name='announcementcopy',
            name='announcement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='copies', to='clients.announcement'),
        ),
        migrations.AddField(
            model_name='announcementcopy',
            name='delivery',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='outbox.delivery'),
        ),
        migrations.AddField(
            model_name='announcementcopy',
            name='reminder',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='outbox.delivery'),
        ),
        migrations.AddField(
            model_name='announcementcopy',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='announcementtext',
            name='announcement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='clients.announcement'),
        ),
        migrations.AddField(
            model_name='acknowledgement',
            name='text',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.announcementtext'),
        ),
        migrations.AddIndex(
            model_name='announcement',
            index=models.Index(fields=['client', '-created_at', '-id'], name='announcement_newest_first'),
        ),
        migrations.AddIndex(
            model_name='announcement',
            index=models.Index(fields=['effective_at'], name='announcement_by_effect'),
        ),
        migrations.AddIndex(
            model_name='announcement',
            index=models.Index(condition=models.Q(('remind_at__isnull', False), ('reminded_at', None)), fields=['remind_at'], name='announcement_to_remind'),
        ),
        migrations.AddConstraint(
            model_name='announcement',
            constraint=models.CheckConstraint(condition=models.Q(('is_short', False), models.Q(('reason', ''), _negated=True), _connector='OR'), name='short_notice_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='announcementcopy',
            constraint=models.UniqueConstraint(fields=('announcement', 'user'), name='announcement_told_once'),
        ),
        migrations.AddConstraint(
            model_name='announcementtext',
            constraint=models.UniqueConstraint(fields=('announcement', 'language'), name='announcement_text_once'),
        ),
        migrations.AddConstraint(
            model_name='announcementtext',
            constraint=models.UniqueConstraint(fields=('id', 'announcement'), name='text_of_announcement'),
        ),
        migrations.AddConstraint(
            model_name='acknowledgement',
            constraint=models.UniqueConstraint(fields=('announcement', 'user'), name='acknowledged_once'),
        ),
        migrations.RunSQL(RULES, UNDO_RULES),
    ]
