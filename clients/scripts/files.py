"""A script as a file, to keep, to send, to take in elsewhere."""

import json
from typing import Any

from django.utils.translation import gettext as _

from clients.scripts.definition import ScriptDefinition
from clients.scripts.errors import DefinitionError
from clients.scripts.reading import Reader

FORMAT, VERSION = "alio-script", 1
FILE_LIMIT = 2_000_000


def export_script(name: str, definition: ScriptDefinition) -> str:
    """The file's text: JSON in UTF-8, readable by people."""
    content: dict[str, Any] = {"format": FORMAT, "version": VERSION, "name": name, "script": definition.to_dict()}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def import_script(content: bytes) -> tuple[str, ScriptDefinition]:
    """The name and the script of a file. Raises DefinitionError, also for what is no such file at all."""
    if len(content) > FILE_LIMIT:
        raise DefinitionError("", _("The file is too large to be a script."))
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise DefinitionError("", _("This file is not a script: it is no JSON in UTF-8.")) from None
    reader = Reader(data, "")
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise DefinitionError("format", _("This file is not a script of this system."))
    if data.get("version") != VERSION:
        raise DefinitionError("version", _("The file was written by a newer version of this system."))
    reader.only("format", "version", "name", "script")
    try:
        return reader.text("name"), ScriptDefinition.from_dict(data.get("script"))
    except DefinitionError as error:
        path = error.path if error.path == "name" else f"script.{error.path}".rstrip(".")
        raise DefinitionError(path, error.sentence) from None
