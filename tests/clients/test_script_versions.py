from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from answering.lib import clock
from calls.carriers.base import InboundCall
from calls.services.lines import reach
from clients.models import Script, ScriptVersion
from clients.scripts import Act, Say, ScriptDefinition
from clients.scripts.errors import (
    DraftChanged,
    DraftExists,
    DraftGone,
    PublishInPast,
    ScriptHasProblems,
)
from clients.services.scripts import (
    discard_draft,
    open_draft,
    publish_draft,
    roll_back,
    save_definition,
    start_script,
    withdraw_version,
)
from tests.cast import House, make_user, publish_script

NEW = ScriptDefinition({"lv": "Jauns!"}, (Act("finish", "end"),))
SOON = timedelta(hours=1)


@pytest.fixture
def script(house: House) -> Script:
    return house.line.script


def edited(script: Script, definition: ScriptDefinition = NEW) -> ScriptVersion:
    draft = open_draft(script, user=None)
    return save_definition(script, definition, revision=draft.revision, user=None)


def greeting_of(script: Script) -> str:
    version = script.current_version()
    assert version is not None
    return version.read().greeting["lv"]


def version_of_a_new_call(house: House) -> int | None:
    """What the statement of the hot path finds."""
    inbound = InboundCall(carrier="browser", event_key="x", dialled=house.line.slug, occurred_at=clock.now())
    return reach(inbound).script_version


def test_a_draft_begins_as_the_version_in_force_and_changes_nothing(script: Script) -> None:
    draft = open_draft(script, user=None)
    assert draft.definition == script.versions.get(number=1).definition
    assert open_draft(script, user=None) == draft
    edited(script)
    assert greeting_of(script).startswith("Labdien!")


def test_published_now_the_next_call_begins_with_it(house: House, script: Script) -> None:
    draft = edited(script)
    published = publish_draft(script, revision=draft.revision)
    assert greeting_of(script) == "Jauns!"
    assert version_of_a_new_call(house) == published.pk


def test_published_at_a_date_it_takes_its_turn_by_itself(house: House, script: Script) -> None:
    draft = edited(script)
    version = publish_draft(script, revision=draft.revision, at=clock.now() + SOON)
    assert version.is_scheduled
    assert greeting_of(script).startswith("Labdien!")
    before = version_of_a_new_call(house)
    ScriptVersion.objects.filter(pk=version.pk).update(published_at=clock.now())
    assert greeting_of(script) == "Jauns!"
    assert version_of_a_new_call(house) == version.pk != before


def test_what_was_scheduled_earlier_still_takes_its_turn_after_a_correction(script: Script) -> None:
    draft = edited(script)
    later = publish_draft(script, revision=draft.revision, at=clock.now() + SOON)
    correction = publish_draft(script, revision=edited(script, NEW).revision)
    assert script.current_version() == correction
    ScriptVersion.objects.filter(pk=later.pk).update(published_at=clock.now())
    assert script.current_version() == later


def test_a_scheduled_version_can_be_withdrawn_until_its_time_has_come(script: Script) -> None:
    version = publish_draft(script, revision=edited(script).revision, at=clock.now() + SOON)
    assert withdraw_version(script, version.number).is_draft
    publish_draft(script, revision=version.revision)
    with pytest.raises(DraftGone):
        withdraw_version(script, version.number)


def test_beside_another_draft_nothing_is_withdrawn(script: Script) -> None:
    version = publish_draft(script, revision=edited(script).revision, at=clock.now() + SOON)
    open_draft(script, user=None)
    with pytest.raises(DraftExists):
        withdraw_version(script, version.number)


def test_the_second_of_two_editors_is_told_who_was_first_and_overwrites_nothing(script: Script) -> None:
    draft = open_draft(script, user=None)
    save_definition(script, NEW, revision=draft.revision, user=make_user("Zane Liepa"))
    with pytest.raises(DraftChanged, match="Zane Liepa"):
        save_definition(script, ScriptDefinition(), revision=draft.revision, user=None)
    for refused in (publish_draft, discard_draft):
        with pytest.raises(DraftChanged):
            refused(script, revision=draft.revision)
    assert script.versions.get(published_at=None).read() == NEW


def test_a_script_with_problems_is_not_published(script: Script) -> None:
    draft = edited(script, ScriptDefinition({"en": "Hello"}, (Say("bye", {"lv": "Visu labu"}),)))
    with pytest.raises(ScriptHasProblems) as refusal:
        publish_draft(script, revision=draft.revision)
    assert {problem.step for problem in refusal.value.problems} == {"", "bye"}
    assert greeting_of(script).startswith("Labdien!")


def test_the_past_is_no_time_to_publish_at(script: Script) -> None:
    draft = edited(script)
    with pytest.raises(PublishInPast):
        publish_draft(script, revision=draft.revision, at=clock.now() - SOON)


def test_rolled_back_the_older_version_is_in_force_as_a_new_one(script: Script) -> None:
    publish_script(script, NEW)
    version = roll_back(script, 1, user=None)
    assert (version.number, greeting_of(script)[:7]) == (3, "Labdien")


def test_a_discarded_draft_leaves_the_published_version(script: Script) -> None:
    draft = edited(script)
    discard_draft(script, revision=draft.revision)
    with pytest.raises(DraftGone):
        save_definition(script, NEW, revision=draft.revision, user=None)
    assert greeting_of(script).startswith("Labdien!")


def test_a_published_version_is_never_changed_or_deleted(script: Script) -> None:
    versions = ScriptVersion.objects.all()
    changes: list[Callable[[], object]] = [
        lambda: versions.update(definition={}),
        lambda: versions.update(published_at=None),
        lambda: versions._raw_delete("default"),
    ]
    for change in changes:
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            change()


def test_a_new_script_is_a_draft_and_in_use_nowhere(house: House) -> None:
    script = start_script(house.client, name="Otrais", definition=NEW, user=None)
    assert script.current_version() is None
    assert script.languages() == {"lv"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_a_draft_at_once_both_get_the_same(live_house: House) -> None:
    script, barrier, found = live_house.line.script, Barrier(2), []

    def opens() -> None:
        try:
            barrier.wait()
            found.append(open_draft(script, user=None).pk)
        finally:
            connection.close()

    threads = [Thread(target=opens) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
