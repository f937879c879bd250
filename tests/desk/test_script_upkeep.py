"""Nothing that was typed into the script editor is lost; scripts are renamed, and deleted once nothing uses them."""

from dataclasses import replace

import pytest
from django.db import IntegrityError
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import User
from answering.desk.scripts import views
from calls.models import Call, Disposition
from calls.services import close_call, end_call
from calls.services.scripts import delete_script
from clients.models import Script, ScriptVersion
from clients.scripts import Branch
from clients.services.scripts import open_draft, save_definition
from tests.cast import House, make_line, publish_script, ring, talk
from tests.desk.house_desk import those_kept_out
from tests.desk.office import administrator as make_administrator
from tests.desk.script_editor import CLINIC, at, draft_of, edited, fields_of

LONG = "ļ" * 2_001


@pytest.fixture
def script(house: House) -> Script:
    """A branching script with a draft of the same, on the house's line."""
    found = house.line.script
    save_definition(found, CLINIC, revision=open_draft(found, user=None).revision, user=None)
    return found


@pytest.fixture
def administrator(db: None) -> Browser:
    return make_administrator()


@pytest.fixture
def spare(house: House) -> Script:
    """A published script that no line uses any more; a call has run on it."""
    line = make_line(house.client)
    call = talk(ring(line), house.agent)
    close_call(end_call(call.pk, agent=house.agent).pk, agent=house.agent, disposition=Disposition.INFORMED)
    spare = line.script
    line.script = house.line.script
    line.save()
    return spare


def revised(script: Script) -> dict[str, int]:
    script.refresh_from_db()
    return {"revision": script.revision}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("greeting-text-lv", LONG),
        ("s1-text-lv", LONG),
        ("s1-c0-text-lv", LONG),
        ("s1-name", "Ī" * 121),
        ("s0-w0-if0-value", "1" * 121),
    ],
)
def test_what_is_too_long_comes_back_with_all_else_that_was_typed_and_says_so_at_its_field(
    administrator: Browser, script: Script, name: str, typed: str
) -> None:
    answer = edited(administrator, script, "add:ask", **{name: typed, "s4-text-lv": "Uz redzi!"})
    assert answer.status_code == 422
    page = answer.text
    assert f'href="#{name}"' in page
    assert f'aria-describedby="{name}-refused"' in page
    kept = fields_of(answer)
    assert (kept[name], kept["s4-text-lv"], kept["count"]) == (typed, "Uz redzi!", "5")
    assert draft_of(script) == CLINIC
    kept[name] = "Jau"
    assert administrator.post(at("edit-script", script), kept).status_code == 302
    assert draft_of(script).steps[4] != CLINIC.steps[4]


@pytest.mark.parametrize(
    "changes",
    [
        {"s2-kind": "shout"},
        {"s2-type": "colour"},
        {"s2-key": "Not a key"},
        {"s2-key": "topic"},
        {"s0-w0-if0-what": "x"},
    ],
)
def test_a_form_that_cannot_be_read_comes_back_with_its_texts(
    administrator: Browser, script: Script, changes: dict[str, str]
) -> None:
    answer = edited(administrator, script, **{"s2-text-lv": "Cik vēl?", "greeting-text-lv": "Sveiki!"} | changes)
    assert answer.status_code == 422
    assert "Nothing was saved yet." in answer.text
    kept = fields_of(answer)
    assert (kept["s2-text-lv"], kept["greeting-text-lv"]) == ("Cik vēl?", "Sveiki!")
    assert draft_of(script) == CLINIC


def test_a_count_that_no_browser_sends_counts_nothing(administrator: Browser, script: Script) -> None:
    many = "9" * 5_000
    assert edited(administrator, script, f"up:{many}", **{"s2-choices": many}).status_code == 302
    assert draft_of(script) == CLINIC


def test_a_button_that_would_make_the_script_too_large_keeps_what_was_typed(
    administrator: Browser, script: Script
) -> None:
    branch = CLINIC.steps[0]
    assert isinstance(branch, Branch)
    full = CLINIC.with_steps((replace(branch, cases=branch.cases * 20), *CLINIC.steps[1:]))
    save_definition(script, full, revision=script.versions.get(published_at=None).revision, user=None)
    answer = edited(administrator, script, "add-case:0", **{"s4-text-lv": "Uz redzi!"})
    assert answer.status_code == 422
    assert "At most 20 of these." in answer.text
    assert fields_of(answer)["s4-text-lv"] == "Uz redzi!"


def test_a_script_deleted_while_somebody_edits_it_gives_their_text_back(
    administrator: Browser, house: House, spare: Script
) -> None:
    fields = fields_of(administrator.get(at("edit-script", spare)))
    administrator.post(at("delete-script", spare), revised(spare))
    answer = administrator.post(at("edit-script", spare), fields | {"greeting-text-lv": "Mans teksts"})
    assert answer.status_code == 409
    assert "deleted meanwhile" in answer.text
    assert "Mans teksts" in answer.text
    assert administrator.get(at("edit-script", spare)).status_code == 404


def test_a_script_that_is_deleted_just_now_is_not_opened(
    administrator: Browser, spare: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_too_late(script: Script, *, user: User | None) -> ScriptVersion:
        delete_script(script, revision=script.revision)
        return open_draft(script, user=user)

    monkeypatch.setattr(views, "open_draft", open_too_late)
    assert administrator.get(at("edit-script", spare)).status_code == 404


def test_the_largest_script_fits_into_one_form(administrator: Browser, script: Script) -> None:
    languages = ("en", "lv", "lt", "el")
    step = {"kind": "ask", "type": "choice", "name": "Ω", "choices": "9"}
    step |= {f"text-{language}": "ω" * 200 for language in languages}
    for choice in range(9):
        step |= {f"c{choice}-value": f"v_{choice}", f"c{choice}-next": ""}
        step |= {f"c{choice}-text-{language}": "ω" * 20 for language in languages}
    fields = {f"s{place}-{name}": value for place in range(200) for name, value in step.items()}
    fields |= {f"s{place}-key": f"step_{place}" for place in range(200)}
    draft = script.versions.get(published_at=None)
    answer = administrator.post(at("edit-script", script), fields | {"revision": draft.revision, "count": "200"})
    assert answer.status_code == 302
    assert len(draft_of(script).steps) == 200


def test_a_script_is_renamed_and_the_second_to_do_so_is_told(administrator: Browser, script: Script) -> None:
    seen = revised(script)
    assert administrator.post(at("rename-script", script), seen | {"name": "Nakts"}).status_code == 302
    answer = administrator.post(at("rename-script", script), seen | {"name": "Diena"})
    assert answer.status_code == 422
    assert 'value="Diena"' in answer.text
    script.refresh_from_db()
    assert script.name == "Nakts"
    assert administrator.post(at("rename-script", script), revised(script) | {"name": " "}).status_code == 422


def test_a_script_is_not_deleted_while_lines_and_running_calls_use_it(
    administrator: Browser, house: House, spare: Script
) -> None:
    call = talk(ring(house.line), house.agent)
    used, version = house.line.script, call.script_version
    page = administrator.get(at("script", used)).text
    assert "The line “Reception” uses it." in page
    assert "1 call is running on it." in page
    house.client.lines.update(script=spare)
    refused = administrator.post(at("delete-script", used), revised(used), follow=True)
    assert "This script is in use." in refused.text
    close_call(end_call(call.pk, agent=house.agent).pk, agent=house.agent, disposition=Disposition.INFORMED)
    gone = administrator.post(at("delete-script", used), revised(used), follow=True)
    assert "is deleted" in gone.text
    assert administrator.get(at("script", used)).status_code == 404
    call.refresh_from_db()
    assert call.script_version == version


def test_a_call_keeps_its_version_though_the_script_is_gone_under_it(house: House, spare: Script) -> None:
    call = talk(ring(house.line), house.agent)
    house.client.lines.update(script=spare)
    Script.objects.filter(pk=call.line.script_id).update(deleted_at=call.started_at)
    console = Browser()
    console.force_login(house.agent.user)
    assert "Kā varu palīdzēt?" in console.get(reverse("console:board")).text
    assert Call.objects.get(pk=call.pk).script_version is not None


def test_a_deleted_script_is_offered_and_taken_nowhere(administrator: Browser, house: House, spare: Script) -> None:
    administrator.post(at("delete-script", spare), revised(spare))
    publish_script(spare, CLINIC)
    line = reverse("desk:edit-line", args=[house.client.public_id, house.line.public_id])
    page = administrator.get(line)
    for name in ("script", "notice_script"):
        assert spare not in page.context["form"].fields[name].queryset
    house.line.script = spare
    with pytest.raises(IntegrityError, match="not deleted"):
        house.line.save()


def test_a_script_of_a_situation_is_in_use_too(administrator: Browser, house: House, spare: Script) -> None:
    house.client.lines.update(holiday_script=spare)
    refused = administrator.post(at("delete-script", spare), revised(spare), follow=True)
    assert "This script is in use." in refused.text
    house.client.lines.update(holiday_script=None)
    administrator.post(at("delete-script", spare), revised(spare))
    with pytest.raises(IntegrityError, match="not deleted"):
        house.client.lines.update(holiday_script=spare)


def test_only_administrators_rename_and_delete(house: House, spare: Script) -> None:
    for browser in those_kept_out(house):
        for name in ("rename-script", "delete-script"):
            assert browser.post(at(name, spare), {"name": "x", "revision": 1}).status_code == 404
    assert Script.objects.filter(pk=spare.pk, deleted_at=None).exists()
