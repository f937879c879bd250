"""The desk's script pages through HTTP, as an administrator without JavaScript would use them."""

from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import StaffRole
from answering.lib import clock
from clients.models import FaqEntry, Notice, Script, ScriptVersion
from clients.scripts import (
    Act,
    Ask,
    Branch,
    Case,
    Comparison,
    Condition,
    Say,
    ScriptDefinition,
    Subject,
    export_script,
)
from clients.services.scripts import open_draft, save_definition
from tests.cast import House, make_member, make_user, publish_script
from tests.desk.script_editor import CLINIC, at, draft_of, edited, fields_of


@pytest.fixture
def script(house: House) -> Script:
    return house.line.script


@pytest.fixture
def administrator(db: None) -> Browser:
    browser = Browser()
    browser.force_login(make_user("Zane Liepa", staff_role=StaffRole.ADMINISTRATOR))
    return browser


def test_saving_an_untouched_draft_keeps_the_script_as_it_is(administrator: Browser, script: Script) -> None:
    draft = open_draft(script, user=None)
    save_definition(script, CLINIC, revision=draft.revision, user=None)
    assert edited(administrator, script).status_code == 302
    assert draft_of(script) == CLINIC


def test_a_script_is_built_by_buttons_and_published(administrator: Browser, house: House, script: Script) -> None:
    administrator.post(reverse("desk:scripts", args=[house.client.public_id]), {"name": "Jauns"})
    new = Script.objects.get(name="Jauns")
    edited(administrator, new, "add:ask")
    edited(administrator, new, "add-choice:0", **{"s0-type": "choice", "greeting-text-lv": "Labdien!"})
    edited(administrator, new, "add-choice:0")
    edited(administrator, new, "add:act")
    page = administrator.get(at("edit-script", new)).content.decode()
    assert "The text is missing in LV" in page
    assert "Name the answer" in page
    texts = {"s0-text-lv": "Par ko?", "s0-name": "Tēma", "s0-c0-text-lv": "Pieraksts", "s0-c1-text-lv": "Cits"}
    edited(administrator, new, **texts, **{"s1-action": "end"})
    assert "Ready to publish" in administrator.get(at("edit-script", new)).content.decode()
    revision = new.versions.get().revision
    administrator.post(at("publish-script", new), {"revision": revision})
    current = new.current_version()
    assert current is not None
    assert [step.kind for step in current.read().steps] == ["ask", "act"]


def test_steps_are_moved_and_removed_and_what_led_to_one_leads_below(administrator: Browser, script: Script) -> None:
    draft = open_draft(script, user=None)
    save_definition(script, CLINIC, revision=draft.revision, user=None)
    edited(administrator, script, "down:1")
    assert [step.key for step in draft_of(script).steps][1:3] == ["count", "topic"]
    edited(administrator, script, "remove:3")
    topic = draft_of(script).step("topic")
    assert isinstance(topic, Ask)
    assert [choice.next for choice in topic.choices] == ["", ""]


@pytest.mark.parametrize(
    "do",
    [
        "up:0",
        "down:99",
        "remove:x",
        "add:nothing",
        "add-choice:0",
        "remove-choice:1:7",
        "remove-condition:0:0:9",
        "::",
        "up:",
    ],
)
def test_a_button_that_makes_no_sense_changes_nothing(administrator: Browser, script: Script, do: str) -> None:
    draft = open_draft(script, user=None)
    save_definition(script, CLINIC, revision=draft.revision, user=None)
    assert edited(administrator, script, do).status_code == 302
    assert draft_of(script).greeting == CLINIC.greeting


def test_the_second_of_two_administrators_is_told_and_keeps_what_was_typed(
    administrator: Browser, script: Script
) -> None:
    fields = fields_of(administrator.get(at("edit-script", script)))
    edited(administrator, script, **{"greeting-text-lv": "Pirmais"})
    answer = administrator.post(at("edit-script", script), fields | {"greeting-text-lv": "Otrais"})
    assert answer.status_code == 409
    assert "Zane Liepa has changed this draft meanwhile" in answer.content.decode()
    assert "Otrais" in answer.content.decode()
    assert draft_of(script).greeting == {"lv": "Pirmais"}


def test_a_preview_goes_through_the_draft_as_the_agent_will_and_keeps_nothing(
    administrator: Browser, script: Script
) -> None:
    draft = open_draft(script, user=None)
    save_definition(script, CLINIC, revision=draft.revision, user=None)
    assert "Par ko zvanāt?" in administrator.get(at("preview-script", script)).content.decode()
    panel = administrator.post(at("preview-script", script), {"step": "topic", "answer": "a"}).content.decode()
    assert "Cik reižu?" in panel
    refusal = administrator.post(at("preview-script", script), {"step": "count", "answer": "daudz"})
    assert refusal.status_code == 422
    assert "A number is expected" in refusal.content.decode()
    panel = administrator.post(at("preview-script", script), {"step": "topic", "answer": "b"}).content.decode()
    assert 'data-action="write"' in panel


def test_a_preview_can_be_a_call_on_a_holiday_or_during_a_notice(
    administrator: Browser, script: Script, house: House
) -> None:
    holiday = Case((Condition(Subject.DAY, Comparison.IS, "holiday"),), "closed")
    notice = Case((Condition(Subject.NOTICE, Comparison.IS, "running"),), "told")
    steps = (
        Branch("way", (holiday, notice), "usual"),
        Say("usual", {"lv": "Kā parasti."}, "finish"),
        Say("closed", {"lv": "Svētku diena."}, "finish"),
        Say("told", {"lv": "Jāzina: {notice}"}),
        Act("finish", "end"),
    )
    draft = open_draft(script, user=None)
    save_definition(script, ScriptDefinition({"lv": "Labdien!"}, steps), revision=draft.revision, user=None)

    def seen(**asked: str) -> str:
        return unescape(administrator.get(at("preview-script", script), asked).content.decode())

    assert "Kā parasti." in seen()
    assert "Svētku diena." in seen(hours="holiday", notice="running")
    assert "(the text of the notice)" in seen(notice="running")
    Notice.objects.create(client=house.client, text="Streiks", ends_at=clock.now() + timedelta(hours=1))
    assert "Streiks" in seen(hours="closed", notice="running")
    assert "Kā parasti." in seen(hours="nonsense")
    assert "It is a holiday" in administrator.get(at("edit-script", script)).content.decode()


def test_a_script_is_published_at_a_date_and_withdrawn(administrator: Browser, script: Script) -> None:
    draft = open_draft(script, user=None)
    fields = {"revision": draft.revision, "at": "2099-01-01T08:00"}
    page = administrator.post(at("publish-script", script), fields, follow=True).content.decode()
    assert "Scheduled" in page
    page = administrator.post(at("withdraw-script", script), {"number": draft.number}, follow=True).content.decode()
    assert "It is a draft again." in page


def test_a_date_in_the_past_and_no_date_at_all_are_refused(administrator: Browser, script: Script) -> None:
    draft = open_draft(script, user=None)
    for moment in ("2001-01-01T08:00", "2027-02-30T08:00"):
        fields = {"revision": draft.revision, "at": moment}
        assert "message-error" in administrator.post(at("publish-script", script), fields, follow=True).content.decode()
    assert ScriptVersion.objects.get(pk=draft.pk).is_draft


def test_an_older_version_is_put_in_force_again_and_compared(administrator: Browser, script: Script) -> None:
    publish_script(script, replace(CLINIC, greeting={"lv": "Sveiki!"}))
    administrator.post(at("roll-back-script", script), {"number": 1})
    current = script.current_version()
    assert current is not None
    assert current.number == 3
    page = administrator.get(at("compare-script", script), {"before": 2, "after": 3}).content.decode()
    assert "<del>LV: Sveiki!</del>" in page
    assert "<ins>LV: Labdien!" in page
    assert "Cik is more than 3" in page
    assert administrator.post(at("roll-back-script", script), {"number": 77}).status_code == 404


def test_a_script_leaves_as_a_file_and_comes_back(administrator: Browser, house: House, script: Script) -> None:
    version = publish_script(script, CLINIC)
    file = administrator.get(reverse("desk:export-script", args=[script.public_id, version.number]))
    assert "attachment" in file["Content-Disposition"]
    upload = SimpleUploadedFile("x.json", file.content)
    administrator.post(reverse("desk:scripts", args=[house.client.public_id]), {"name": "Kopija", "file": upload})
    assert draft_of(Script.objects.get(name="Kopija")) == CLINIC


@pytest.mark.parametrize("content", [b"", b"x,y", export_script("x", CLINIC).encode().replace(b'"ask"', b'"shout"')])
def test_a_file_that_is_no_script_is_refused_with_a_sentence(
    administrator: Browser, house: House, content: bytes
) -> None:
    url = reverse("desk:scripts", args=[house.client.public_id])
    answer = administrator.post(url, {"name": "Kopija", "file": SimpleUploadedFile("x.json", content)})
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not Script.objects.filter(name="Kopija").exists()


def test_a_discarded_draft_is_gone(administrator: Browser, script: Script) -> None:
    draft = open_draft(script, user=None)
    administrator.post(at("discard-script", script), {"revision": draft.revision})
    assert not script.versions.filter(published_at=None).exists()


def test_only_administrators_find_scripts_at_the_desk(house: House, script: Script) -> None:
    names = ("script", "edit-script", "preview-script", "compare-script")
    addresses = [at(name, script) for name in names] + [reverse("desk:scripts", args=[house.client.public_id])]
    supervisor = make_user("Sandra", staff_role=StaffRole.SUPERVISOR)
    for user in (house.agent.user, make_member(house.client), supervisor):
        browser = Browser()
        browser.force_login(user)
        assert {browser.get(address).status_code for address in addresses} == {404}
        assert browser.post(at("publish-script", script), {"revision": 1}).status_code == 404


def test_texts_of_scripts_are_shown_as_text(administrator: Browser, script: Script) -> None:
    draft = open_draft(script, user=None)
    evil = ScriptDefinition({"lv": "</textarea><script>"}, (Say("hello", {"lv": "<b>x</b>"}), Act("finish", "end")))
    save_definition(script, evil, revision=draft.revision, user=None)
    for name in ("edit-script", "preview-script", "compare-script"):
        page = administrator.get(at(name, script)).content.decode()
        assert "<b>x" not in page
        assert "</textarea><script>" not in page


def test_a_ready_script_can_be_published_at_once(administrator: Browser, house: House) -> None:
    administrator.post(reverse("desk:scripts", args=[house.client.public_id]), {"ready": "health"})
    begun = Script.objects.get(name="Veselība: prakse vai klīnika")
    assert "Ready to publish" in administrator.get(at("script", begun)).content.decode()
    assert {ask.name for ask in draft_of(begun).asks()} >= {"Zāles", "Zvana iemesls"}


def test_questions_and_answers_are_written_found_changed_and_deleted(administrator: Browser, house: House) -> None:
    listed = reverse("desk:faq", args=[house.client.public_id])
    fields = {"question": "Vai jābūt nosūtījumam?", "answer": "Nē.", "language": "lv"}
    administrator.post(reverse("desk:new-faq", args=[house.client.public_id]), fields)
    entry = FaqEntry.objects.get()
    assert "nosūtījumam" in administrator.get(listed, {"q": "nosutij"}).content.decode()
    assert "nosūtījumam" not in administrator.get(listed, {"q": "cena"}).content.decode()
    edit = reverse("desk:edit-faq", args=[entry.public_id])
    assert administrator.post(edit, fields | {"answer": "Jā.", "revision": 1}).status_code == 302
    refused = administrator.post(edit, fields | {"answer": "Varbūt.", "revision": 1})
    assert refused.status_code == 422
    assert "Varbūt." in refused.content.decode()
    entry.refresh_from_db()
    assert entry.answer == "Jā."
    administrator.post(reverse("desk:delete-faq", args=[entry.public_id]))
    assert not FaqEntry.objects.exists()


def test_an_entry_without_an_answer_is_not_kept(administrator: Browser, house: House) -> None:
    answer = administrator.post(reverse("desk:new-faq", args=[house.client.public_id]), {"question": "Cik?"})
    assert answer.status_code == 422
    assert not FaqEntry.objects.exists()
