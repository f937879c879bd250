"""The client's scripts and answers that name somebody, and somebody else's name in them instead."""

from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now

from answering.accounts.models import User
from answering.lib import clock
from clients.models import Client, Contact, FaqEntry, Script, ScriptVersion
from clients.models.faq import ANSWER_LIMIT, QUESTION_LIMIT
from clients.scripts.naming import names, put_instead, stands_in, stem_of, texts_of, with_name
from clients.services.revisions import save_revised
from clients.services.scripts import add_version, lock_scripts

NOTE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class NamingText:
    """A text that names somebody; only where their name stands `as_is` can it be replaced."""

    text: str
    as_is: bool
    script: Script | None = None
    answer: FaqEntry | None = None


def texts_naming(contact: Contact) -> list[NamingText]:
    """Of scripts in force, scheduled and being drafted, and of the FAQ; each text once. Two queries."""
    name = contact.name
    found: dict[tuple[int, str], NamingText] = {}
    for version in _current_versions(contact.client):
        for text in texts_of(version.read()):
            if names(text, name):
                found[version.script_id, text] = NamingText(text, stands_in(text, name), script=version.script)
    return [*found.values(), *(_of_answer(entry, name) for entry in _answers_like(contact))]


def _of_answer(entry: FaqEntry, name: str) -> NamingText:
    return NamingText(entry.answer, stands_in(f"{entry.question} {entry.answer}", name), answer=entry)


def _answers_like(contact: Contact) -> list[FaqEntry]:
    likely = contact.client.faq.filter(search_key__contains=stem_of(contact.name)).order_by("sort_key", "pk")
    return [entry for entry in likely if names(f"{entry.question} {entry.answer}", contact.name)]


def _current_versions(client: Client) -> list[ScriptVersion]:
    """Of each script the one in force, those that are scheduled, and the draft."""
    in_force = ScriptVersion.objects.filter(script=OuterRef("script")).in_force().values("pk")[:1]
    is_current = Q(published_at=None) | Q(published_at__gt=Now()) | Q(pk=Subquery(in_force))
    versions = ScriptVersion.objects.filter(is_current, script__client=client, script__deleted_at=None)
    return list(versions.select_related("script").order_by("script__name", "script", "number"))


def rename_in_texts(contact: Contact, replacement: Contact, *, by: User | None = None) -> None:
    """The replacement's name stands in scripts and answers wherever the contact's stood as it is.

    What is published never changes: of a script in force a new version is, at once, which says whose name it changed.
    Drafts and scheduled versions are changed themselves. In a transaction of the caller's.
    """
    lock_scripts(contact.client)
    for version in _current_versions(contact.client):
        _rename_in(version, contact, replacement, by)
    for entry in _answers_like(contact):
        if not _of_answer(entry, contact.name).as_is:
            continue
        entry.question = put_instead(entry.question, contact.name, replacement.name)
        entry.answer = put_instead(entry.answer, contact.name, replacement.name)
        if len(entry.question) <= QUESTION_LIMIT and len(entry.answer) <= ANSWER_LIMIT:
            save_revised(entry, seen=entry.revision)


def _rename_in(version: ScriptVersion, contact: Contact, replacement: Contact, by: User | None) -> None:
    script = version.read()
    definition = with_name(script, contact.name, replacement.name)
    if definition == script:
        return
    note = f"{contact.name} → {replacement.name}"[:NOTE_LIMIT]
    if not version.is_draft and not version.is_scheduled:
        add_version(version.script, definition.to_dict(), by, published_at=clock.now(), note=note)
        return
    version.definition, version.edited_by, version.edited_at = definition.to_dict(), by, clock.now()
    version.revision += 1
    version.save(update_fields=["definition", "edited_by", "edited_at", "revision"])
