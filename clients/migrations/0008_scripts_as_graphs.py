"""A version holds its whole script; lists of say/ask steps become scripts that end after their last step."""

import answering.lib.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.state import StateApps

BATCH = 500

LOOSEN = """
DROP TRIGGER script_step_published_is_frozen ON clients_scriptstep;
DROP TRIGGER script_version_published_is_frozen ON clients_scriptversion;
"""
TIGHTEN_AS_BEFORE = """
CREATE TRIGGER script_version_published_is_frozen BEFORE UPDATE OR DELETE ON clients_scriptversion
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_published_change();
CREATE TRIGGER script_step_published_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON clients_scriptstep
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_published_step();
"""
# A version whose time is still to come may be withdrawn.
TIGHTEN = """
DROP FUNCTION clients_refuse_published_step();
CREATE OR REPLACE FUNCTION clients_refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'A published script version never changes.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER script_version_published_is_frozen BEFORE UPDATE OR DELETE ON clients_scriptversion
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_published_change();
"""
LOOSEN_AGAIN = """
DROP TRIGGER script_version_published_is_frozen ON clients_scriptversion;
CREATE OR REPLACE FUNCTION clients_refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'A published script version never changes.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE FUNCTION clients_refuse_published_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM clients_scriptversion WHERE id = owner AND published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'A published script version never changes.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""
CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"


def join_steps(apps: StateApps, schema_editor: object) -> None:
    """The texts were read as they are on every line of the script, so each language of these gets them."""
    version_model = apps.get_model("clients", "ScriptVersion")
    versions = version_model.objects.select_related("script__client").prefetch_related("steps", "script__lines")
    for version in versions.iterator(chunk_size=BATCH):
        languages = {line.language for line in version.script.lines.all()} or {version.script.client.language}
        steps = [_step(step, languages) for step in version.steps.order_by("position")]
        end = {"kind": "act", "key": "finish", "action": "end", "text": {}}
        greeting = _texts(version.greeting, languages)
        version_model.objects.filter(pk=version.pk).update(definition={"greeting": greeting, "steps": [*steps, end]})
    _name_scripts(apps)
    _keep_newest_drafts(version_model)


def _step(step: object, languages: set[str]) -> dict[str, object]:
    common = {"kind": step.kind, "key": f"step_{step.position}", "text": _texts(step.text, languages)}
    if step.kind == "say":
        return common
    return common | {"name": step.text[:120], "type": "text", "required": False, "choices": []}


def _texts(text: str, languages: set[str]) -> dict[str, str]:
    return {language: text[:2000] for language in sorted(languages)} if text.strip() else {}


def _name_scripts(apps: StateApps) -> None:
    script_model = apps.get_model("clients", "Script")
    for pk in script_model.objects.values_list("pk", flat=True).iterator():
        script_model.objects.filter(pk=pk).update(public_id=answering.lib.clock.uuid7())


def _keep_newest_drafts(version_model: type[models.Model]) -> None:
    """No call runs on a draft; of several only the newest was of use."""
    drafts = version_model.objects.filter(published_at=None)
    newer = drafts.filter(script=models.OuterRef("script"), number__gt=models.OuterRef("number"))
    drafts.filter(models.Exists(newer)).delete()


def split_steps(apps: StateApps, schema_editor: object) -> None:
    """What a list can hold: what is said and asked, one after the other. Drafts and branches lose where they lead."""
    version_model, step_model = apps.get_model("clients", "ScriptVersion"), apps.get_model("clients", "ScriptStep")
    for version in version_model.objects.select_related("script__client").iterator(chunk_size=BATCH):
        language = version.script.client.language
        steps = [step for step in version.definition.get("steps", []) if step["kind"] in ("say", "ask")]
        version_model.objects.filter(pk=version.pk).update(greeting=_first(version.definition.get("greeting"), language))
        step_model.objects.bulk_create(
            step_model(version=version, position=place, kind=step["kind"], text=_first(step.get("text"), language))
            for place, step in enumerate(steps, start=1)
        )


def _first(texts: dict[str, str] | None, language: str) -> str:
    return (texts or {}).get(language) or next(iter((texts or {}).values()), "")


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0007_calendars_lines_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "client",
            "shows_etiquette",
            models.BooleanField(
                default=True, help_text="Agents see a line on good manners where it helps, beside the script."
            ),
        ),
        migrations.RunSQL(LOOSEN, TIGHTEN_AS_BEFORE),
        migrations.AddField("script", "public_id", models.UUIDField(null=True, editable=False)),
        migrations.AddField("scriptversion", "definition", models.JSONField(default=dict)),
        migrations.AddField("scriptversion", "revision", models.PositiveIntegerField(default=1)),
        migrations.AddField(
            "scriptversion", "edited_at", models.DateTimeField(default=answering.lib.clock.now)
        ),
        migrations.AddField(
            "scriptversion",
            "edited_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "scriptversion",
            "greeting",
            models.TextField(
                default="",
                help_text="Read aloud first. {client.name}, {agent.name} and {caller.name} are filled in.",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, CHECK_NOW),
        migrations.RunPython(join_steps, split_steps),
        migrations.RunSQL(CHECK_NOW, migrations.RunSQL.noop),
        migrations.AlterField(
            "script",
            "public_id",
            models.UUIDField(default=answering.lib.clock.uuid7, editable=False, unique=True),
        ),
        migrations.AlterField(
            "scriptversion",
            "published_at",
            models.DateTimeField(blank=True, help_text="From when on calls begin with it.", null=True),
        ),
        migrations.RemoveField("scriptversion", "greeting"),
        migrations.DeleteModel("ScriptStep"),
        migrations.AddConstraint(
            "scriptversion",
            models.UniqueConstraint(
                fields=["script"], condition=models.Q(published_at=None), name="one_draft_per_script"
            ),
        ),
        migrations.RunSQL(TIGHTEN, LOOSEN_AGAIN),
    ]
