"""docs/commands.md names exactly the commands and addresses that there are."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import get_resolver

from answering.runtime.addresses import CHECKOUT

PAGE = (CHECKOUT / "docs" / "commands.md").read_text()
ELSEWHERE = {"dev", "live"}  # only with DEBUG; a process of its own
FOR_MAKE = {"setup"}


def in_tables(pattern: str) -> set[str]:
    return set(re.findall(rf"^\| `{pattern}", PAGE, re.MULTILINE))


def is_ours(app: object) -> bool:
    return isinstance(app, str) and apps.is_installed(app) and not app.startswith("django") and _lies_here(app)


def _lies_here(app: str) -> bool:
    return (CHECKOUT / app.replace(".", "/")).is_dir()


def first_parts(patterns: Iterable[URLPattern | URLResolver]) -> set[str]:
    """The first part of every address; an include without a prefix counts by its own."""
    parts: set[str] = set()
    for pattern in patterns:
        text = str(pattern.pattern)
        if not text and isinstance(pattern, URLResolver):
            parts |= first_parts(pattern.url_patterns)
        else:
            parts.add(text.partition("/")[0])
    return parts


def test_every_command_of_ours_is_documented() -> None:
    ours = {name for name, app in get_commands().items() if is_ours(app)}
    assert "seed_demo" in ours
    assert in_tables(r"manage\.py (\w+)") == ours


def test_every_target_of_make_is_documented() -> None:
    line = re.search(r"^\.PHONY: (.+)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    assert line is not None
    assert in_tables(r"make ([\w-]+)") == set(line[1].split()) - FOR_MAKE


def test_every_address_is_documented() -> None:
    documented = in_tables(r"/([a-z]*)")
    assert first_parts(get_resolver().url_patterns) - ELSEWHERE == documented - ELSEWHERE
    assert documented >= ELSEWHERE


@pytest.mark.parametrize(
    "path", [CHECKOUT / "README.md", *sorted(CHECKOUT.glob("docs/*.md"))], ids=lambda path: path.name
)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text())
    lost = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert lost == []


def test_files_named_on_the_developers_pages_are_there() -> None:
    for page in ("design.md", "developers.md"):
        named = re.findall(
            r"`((?:answering|calls|inquiries|billing|clients|tests|static|docs)/[\w/.-]+)`",
            (CHECKOUT / "docs" / page).read_text(),
        )
        lost = [name for name in named if not (CHECKOUT / name).exists()]
        assert lost == []
