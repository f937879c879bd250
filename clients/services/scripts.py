"""Scripts from draft to published and back: drafts are edited, versions take their turn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from answering.accounts.models import User
from answering.lib import clock
from clients.models import Client, Script, ScriptVersion
from clients.scripts import Problem, ScriptDefinition, check
from clients.scripts.errors import (
    DraftChanged,
    DraftExists,
    DraftGone,
    PublishInPast,
    ScriptDeleted,
    ScriptHasProblems,
)

LIMIT_NAME = 120


def start_script(client: Client, *, name: str, definition: ScriptDefinition, user: User | None) -> Script:
    """A new script with this as its draft; nothing of it is in use yet."""
    with transaction.atomic():
        script = Script.objects.create(client=client, name=name[:LIMIT_NAME])
        add_version(script, definition.to_dict(), user)
    return script


def open_draft(script: Script, *, user: User | None) -> ScriptVersion:
    """The script's draft; without one, a new draft that begins as the version in force."""
    with transaction.atomic():
        lock_script(script)
        draft = script.versions.filter(published_at=None).first()
        if draft is not None:
            return draft
        current = script.current_version()
        return add_version(script, current.definition if current else ScriptDefinition().to_dict(), user)


def save_definition(script: Script, definition: ScriptDefinition, *, revision: int, user: User | None) -> ScriptVersion:
    """Keep the draft as edited from this revision. Raises DraftChanged, DraftGone; nothing is overwritten."""
    with transaction.atomic():
        draft = _draft(script, revision)
        draft.definition = definition.to_dict()
        draft.revision += 1
        draft.edited_by, draft.edited_at = user, clock.now()
        draft.save(update_fields=["definition", "revision", "edited_by", "edited_at"])
    return draft


def discard_draft(script: Script, *, revision: int) -> None:
    """Throw the draft away. Raises DraftChanged, DraftGone."""
    with transaction.atomic():
        _draft(script, revision).delete()


def publish_draft(script: Script, *, revision: int, at: datetime | None = None) -> ScriptVersion:
    """Let calls begin with the draft now, or from `at` on; no timer is needed for that.

    Raises DraftChanged, DraftGone, ScriptHasProblems, PublishInPast.
    """
    with transaction.atomic():
        draft = _draft(script, revision)
        _refuse_problems(problems_of(script, draft.read()))
        return _publish(draft, at)


def withdraw_version(script: Script, number: int) -> ScriptVersion:
    """Make a scheduled version the draft again. Raises DraftGone when its time has come, DraftExists."""
    with transaction.atomic():
        lock_script(script)
        if script.versions.filter(published_at=None).exists():
            raise DraftExists
        withdrawn = script.versions.filter(number=number, published_at__gt=Now()).update(published_at=None)
        if not withdrawn:
            raise DraftGone
        return script.versions.get(number=number)


def roll_back(script: Script, number: int, *, user: User | None) -> ScriptVersion:
    """Publish an older version again, as a new one. Raises ScriptHasProblems if it no longer fits its lines."""
    with transaction.atomic():
        lock_script(script)
        older = script.versions.exclude(published_at=None).get(number=number)
        _refuse_problems(problems_of(script, older.read()))
        return add_version(script, older.definition, user, published_at=clock.now())


def problems_of(script: Script, definition: ScriptDefinition) -> list[Problem]:
    """What stands against publishing this for the script's lines."""
    return check(definition, languages=script.languages())


def lock_script(script: Script) -> None:
    """Nobody else changes the script, or puts it on a line, until the transaction ends. Raises ScriptDeleted."""
    if Script.objects.select_for_update(of=("self",)).get(pk=script.pk).deleted_at is not None:
        raise ScriptDeleted


def lock_scripts(client: Client) -> None:
    """The same of all scripts of the client that are not deleted.

    In the order of their keys, as the trigger of lines locks them: who locks several never waits in a circle.
    """
    list(Script.objects.filter(client=client, deleted_at=None).order_by("pk").select_for_update().values_list("pk"))


def _draft(script: Script, revision: int) -> ScriptVersion:
    """The script's draft, locked, as it was at this revision. Raises DraftChanged, DraftGone."""
    lock_script(script)
    draft = script.versions.select_related("edited_by").filter(published_at=None).first()
    if draft is None:
        raise DraftGone
    if draft.revision != revision:
        raise DraftChanged(draft.edited_by.full_name if draft.edited_by else "")
    return draft


def add_version(
    script: Script,
    definition: Mapping[str, Any],
    user: User | None,
    *,
    published_at: datetime | None = None,
    note: str = "",
) -> ScriptVersion:
    """The next version of a script that the caller has locked; a draft unless published."""
    last = script.versions.aggregate(last=Max("number"))["last"] or 0
    return ScriptVersion.objects.create(
        script=script, number=last + 1, definition=definition, edited_by=user, published_at=published_at, note=note
    )


def _publish(draft: ScriptVersion, at: datetime | None) -> ScriptVersion:
    now = clock.now()
    if at is not None and at <= now:
        raise PublishInPast
    draft.published_at = at or now
    draft.save(update_fields=["published_at"])
    return draft


def _refuse_problems(problems: list[Problem]) -> None:
    if problems:
        raise ScriptHasProblems(problems)
