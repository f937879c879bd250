"""The agreed ways of working with VIP clients: each version stays as it was agreed."""

import answering.lib.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


RULES = """
CREATE TRIGGER way_of_working_is_append_only BEFORE UPDATE OR DELETE ON clients_wayofworking
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_log_change();
"""
UNDO_RULES = "DROP TRIGGER way_of_working_is_append_only ON clients_wayofworking;"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_email_once'),
        ("clients", "0015_hours_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='WayOfWorking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('greeting', models.TextField(blank=True, max_length=2000, verbose_name='greeting')),
                ('decisions', models.TextField(blank=True, max_length=2000, verbose_name='who decides what')),
                ('dos', models.TextField(blank=True, max_length=2000, verbose_name='always do')),
                ('donts', models.TextField(blank=True, max_length=2000, verbose_name='never do')),
                ('escalation', models.TextField(blank=True, max_length=2000, verbose_name='when it is urgent or goes wrong')),
                ('agreed_by', models.CharField(help_text='Who of the client’s people agreed to it.', max_length=120, verbose_name='agreed by')),
                ('agreed_on', models.DateField(verbose_name='agreed on')),
                ('review_on', models.DateField(verbose_name='next review')),
                ('written_at', models.DateTimeField(default=answering.lib.clock.now)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ways', to='clients.client')),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agent', verbose_name='reviewed next by')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'ways of working',
                'constraints': [models.UniqueConstraint(fields=('client', 'number'), name='way_version_once'), models.CheckConstraint(condition=models.Q(('review_on__gt', models.F('agreed_on'))), name='way_reviewed_after_agreed', violation_error_message='The next review comes after the day of the agreement.'), models.CheckConstraint(condition=models.Q(('decisions', ''), ('donts', ''), ('dos', ''), ('escalation', ''), ('greeting', ''), _negated=True), name='way_says_something', violation_error_message='Write down at least one thing that was agreed.')],
            },
        ),
        migrations.RunSQL(RULES, UNDO_RULES),
    ]
