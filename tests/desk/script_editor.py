"""The script editor as a browser without JavaScript fills it in."""

import re
from html import unescape
from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from clients.models import Script
from clients.scripts import (
    Act,
    AnswerType,
    Ask,
    Branch,
    Case,
    Choice,
    Comparison,
    Condition,
    ScriptDefinition,
    Subject,
)

CLINIC = ScriptDefinition(
    {"lv": "Labdien!"},
    (
        Branch("who", (Case((Condition(Subject.ANSWER, Comparison.MORE, "3", "count"),), "write"),), "topic"),
        Ask(
            "topic",
            "Iemesls",
            {"lv": "Par ko zvanāt?"},
            AnswerType.CHOICE,
            True,
            (Choice("a", {"lv": "Pieraksts"}), Choice("b", {"lv": "Cits"}, "write")),
        ),
        Ask("count", "Cik", {"lv": "Cik reižu?"}, AnswerType.NUMBER),
        Act("write", "message", {"lv": "Pierakstiet."}),
        Act("finish", "end"),
    ),
)


def at(name: str, script: Script, **query: Any) -> str:
    return reverse(f"desk:{name}", args=[script.public_id])


def fields_of(page: Any) -> dict[str, str]:
    """What a browser would send of the editor's form, but for its buttons."""
    html = page.content.decode()
    form = html[html.index("script-editor") :]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") == "checkbox" and " checked" not in tag:
            continue
        if "name" in attributes:
            fields[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        fields[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)"\s+selected', options) or re.findall(r'value="([^"]*)"', options)
        fields[name] = unescape(chosen[0])
    return fields


def draft_of(script: Script) -> ScriptDefinition:
    return script.versions.get(published_at=None).read()


def edited(administrator: Browser, script: Script, do: str = "", **changes: str) -> Any:
    fields = fields_of(administrator.get(at("edit-script", script))) | changes
    return administrator.post(at("edit-script", script), fields | ({"do": do} if do else {}))
