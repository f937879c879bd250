"""Every text in every language: `python -m tests.check_translations [--update]`, part of `make lint`.

Texts are collected from code and templates with Babel and Django's `templatize`, so nobody
needs the gettext programs. Scripts have no texts of their own: pages hand them theirs.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = {"lv": "Latvian", "lt": "Lithuanian", "el": "Greek"}
CODE = ("answering", "clients", "calls", "inquiries", "billing", "appointments", "orders", "surveys", "quality")
TEMPLATES, DEVELOPERS_PAGES, SCRIPTS = ROOT / "templates", ROOT / "templates" / "dev", ROOT / "static" / "js"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)  # a date that changes would change the file at every update
WORDS_IN_SCRIPT = re.compile(r"""(?:"|'|`)([A-Z][a-z]+(?: [a-z]+)+[^"'`]*)(?:"|'|`)""")

FOR_DEVELOPERS = re.compile(r"throw |Error\(|super\(|console\.")


def code_files(root: Path = ROOT) -> Iterator[Path]:
    """Python files that may have texts."""
    for directory in CODE:
        yield from sorted((root / directory).rglob("*.py"))


def template_files() -> Iterator[Path]:
    """Templates that somebody other than a developer sees."""
    for path in sorted(TEMPLATES.rglob("*")):
        if path.suffix in (".html", ".txt") and DEVELOPERS_PAGES not in path.parents:
            yield path


def add_code(catalog: Catalog, source: str, place: str) -> None:
    """Add the texts of Python code."""
    found = extract("python", BytesIO(source.encode()), KEYWORDS, comment_tags=("Translators:",))
    for line, message, comments, context in found:
        catalog.add(message, locations=[(place, line)], auto_comments=comments, context=context)


def add_template(catalog: Catalog, source: str, place: str) -> None:
    """Add the texts of a template: as the code that Django makes of it, in one line, since its indents mean nothing.

    A comment of the template comes out as one of Python, which would hide the rest of that line.
    """
    code = (line for line in templatize(source).split("\n") if not line.lstrip().startswith("#"))
    add_code(catalog, " ".join(code).strip(), place)


def collect() -> Catalog:
    """All texts of the code and the templates, with the files they are in."""
    catalog = Catalog(project="Alio", charset="utf-8", fuzzy=False)
    for path in code_files():
        add_code(catalog, path.read_text(), path.relative_to(ROOT).as_posix())
    for path in template_files():
        add_template(catalog, path.read_text(), path.relative_to(ROOT).as_posix())
    return catalog


def catalogue_path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalogue(language: str) -> Catalog:
    """The catalogue of a language; empty if there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, project="Alio", charset="utf-8", fuzzy=False, creation_date=LONG_AGO)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def problems_of(catalogue: Catalog, texts: Catalog) -> Iterator[str]:
    """What keeps a catalogue from saying every text, one line each."""
    for wanted in texts:
        if wanted.id:
            message = catalogue.get(wanted.id, wanted.context)
            if message is None:
                yield f"missing: {_shown(wanted.id)}"
            elif message.fuzzy:
                yield f"fuzzy: {_shown(wanted.id)}"
            elif not all(_forms(message.string)):
                yield f"not translated: {_shown(wanted.id)}"
            else:
                yield from (f"{error}: {_shown(wanted.id)}" for error in message.check(catalogue))
    for message in catalogue:
        if message.id and texts.get(message.id, message.context) is None:
            yield f"stale: {_shown(message.id)}"
    yield from (f"obsolete: {_shown(message.id)}" for message in catalogue.obsolete.values())


def _forms(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ("",))  # type: ignore[arg-type]


def _shown(text: object) -> str:
    return repr(_forms(text)[0])


def update(language: str, texts: Catalog) -> int:
    """Write the catalogue with every text, what is translated kept, what is gone removed; gives the number to do."""
    catalogue = read_catalogue(language)
    made = catalogue.creation_date
    catalogue.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = f"# {LANGUAGES[language]} texts of Alio."
    catalogue.creation_date = catalogue.revision_date = made
    catalogue.version = catalogue.msgid_bugs_address = ""
    catalogue.last_translator = catalogue.language_team = "Alio"
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, sort_by_file=True, include_lineno=False)
    return sum(1 for message in catalogue if message.id and not all(_forms(message.string)))


def texts_in_scripts(paths: Iterable[Path]) -> Iterator[str]:
    """Sentences found in scripts, where there must be none."""
    for path in paths:
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            code = line.split("//")[0]
            if not code.lstrip().startswith("*") and not FOR_DEVELOPERS.search(code):
                yield from (f"static/js/{path.name}:{number}: {text!r}" for text in WORDS_IN_SCRIPT.findall(code))


def main(arguments: list[str]) -> int:
    """Check, or update and say what is left to do; gives the exit status."""
    say = sys.stdout.write
    texts = collect()
    if "--update" in arguments:
        for language in LANGUAGES:
            say(f"{language}: {len(texts)} texts, {update(language, texts)} to translate\n")
        return 0
    found = list(texts_in_scripts(sorted(SCRIPTS.glob("*.js"))))
    for language in LANGUAGES:
        found += [f"{language}: {problem}" for problem in problems_of(read_catalogue(language), texts)]
    say("".join(f"{problem}\n" for problem in found))
    say(f"{len(texts)} texts, {len(found)} problems\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
