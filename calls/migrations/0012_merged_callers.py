"""A caller has several numbers: merged callers point to the one who is kept; who changed what is written down."""

import answering.lib.clock
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


RULES = """
ALTER TABLE calls_caller ADD CONSTRAINT caller_merged_same_client
    FOREIGN KEY (merged_into_id, client_id) REFERENCES calls_caller (id, client_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION calls_refuse_chain_of_callers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM calls_caller WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
        OR EXISTS (SELECT FROM calls_caller WHERE merged_into_id = NEW.id) THEN
        RAISE EXCEPTION 'A caller is merged into one who is kept.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER caller_is_merged_in_one_step BEFORE INSERT OR UPDATE OF merged_into_id ON calls_caller
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION calls_refuse_chain_of_callers();

CREATE FUNCTION calls_refuse_caller_change_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A logged change never changes.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER caller_change_never_changes BEFORE UPDATE ON calls_callerchange
    FOR EACH ROW EXECUTE FUNCTION calls_refuse_caller_change_change();
"""
UNDO_RULES = """
DROP TRIGGER caller_change_never_changes ON calls_callerchange;
DROP FUNCTION calls_refuse_caller_change_change();
DROP TRIGGER caller_is_merged_in_one_step ON calls_caller;
DROP FUNCTION calls_refuse_chain_of_callers();
ALTER TABLE calls_caller DROP CONSTRAINT caller_merged_same_client;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("calls", "0011_situation_of_a_call"),
        ('clients', '0011_rota'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CallerChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('edited', 'Changed'), ('merged', 'Merged'), ('separated', 'Separated again'), ('linked', 'Named as who called')], max_length=12)),
                ('changed_at', models.DateTimeField(default=answering.lib.clock.now)),
                ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('after', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('moved', models.JSONField(default=dict)),
            ],
        ),
        migrations.AddField(
            model_name='caller',
            name='merged_into',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='merged', to='calls.caller'),
        ),
        migrations.AddIndex(
            model_name='caller',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='caller_merged_into'),
        ),
        migrations.AddConstraint(
            model_name='caller',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), ('merged_into__lt', models.F('id')), ('merged_into__gt', models.F('id')), _connector='OR'), name='caller_merged_into_another'),
        ),
        migrations.AddField(
            model_name='callerchange',
            name='call',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calls.call'),
        ),
        migrations.AddField(
            model_name='callerchange',
            name='caller',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='calls.caller'),
        ),
        migrations.AddField(
            model_name='callerchange',
            name='undoes',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='undone_by', to='calls.callerchange'),
        ),
        migrations.AddField(
            model_name='callerchange',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='callerchange',
            index=models.Index(fields=['caller', '-changed_at'], name='caller_change_by_time'),
        ),
        migrations.AddConstraint(
            model_name='callerchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'separated'), ('undoes__isnull', False)), models.Q(models.Q(('kind', 'separated'), _negated=True), ('undoes', None)), _connector='OR'), name='only_a_separation_undoes'),
        ),
        migrations.RunSQL(RULES, UNDO_RULES),
    ]
