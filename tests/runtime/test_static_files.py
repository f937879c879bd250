import json
import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client as Browser
from django.test import override_settings

from answering.runtime.addresses import CHECKOUT

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "answering.runtime.static_storage.HashedStaticFiles"},
}
TAG = re.compile(r"""{%\s*static\s+["']([^"']+)["']""")
IN_PAGES = re.compile(r"""(?:src|href)="/static/([^"#?]+)""")
IN_FILES = {
    ".css": re.compile(r"""url\(["']?(?!data:|#)([^"')]+)["']?\)"""),
    ".js": re.compile(r"""(?:\bfrom|\bimport|new URL\()\s*\(?"(\.[^"]+)\""""),
}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The static files as a production installation has them."""
    root = tmp_path_factory.mktemp("static")
    with override_settings(STORAGES=STORAGES, STATIC_ROOT=str(root), DEBUG=False):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield root


def hashed_names(root: Path) -> dict[str, str]:
    """Name to hashed name of every file, from the manifest."""
    names: dict[str, str] = json.loads((root / "staticfiles.json").read_text())["paths"]
    return names


def references(root: Path, name: str) -> list[str]:
    """What a collected file of ours refers to, as names from the root."""
    pattern = IN_FILES.get(Path(name).suffix)
    if pattern is None:
        return []
    found = pattern.findall((root / name).read_text())
    return [normpath(join(dirname(name), reference.partition("#")[0])) for reference in found]


def reached_from(root: Path, names: set[str]) -> set[str]:
    """These files and all that they lead to."""
    reached: set[str] = set()
    while names:
        reached |= names
        names = {found for name in names for found in references(root, name)} - reached
    return reached


def named_in_templates() -> set[str]:
    pages = (CHECKOUT / "templates").rglob("*.html")
    return {name for page in pages for name in TAG.findall(page.read_text())}


def test_every_script_and_style_sheet_leads_only_to_hashed_files(collected: Path) -> None:
    hashed = hashed_names(collected)
    reached = reached_from(collected, {hashed[name] for name in named_in_templates()})
    assert reached <= set(hashed.values())
    assert all((collected / name).is_file() for name in reached)
    names = {name for name, stored in hashed.items() if stored in reached}
    modules = {path.relative_to(CHECKOUT / "static").as_posix() for path in (CHECKOUT / "static/js").glob("*.js")}
    assert modules <= names, "a module that no page reaches"
    assert "css/tokens.css" in names


def test_a_page_names_only_files_that_are_there(collected: Path, db: None) -> None:
    page = Browser().get("/accounts/login/").content.decode()
    named = IN_PAGES.findall(page)
    assert len(named) >= 3
    for name in named:
        assert (collected / name).is_file()
        assert name in hashed_names(collected).values()


def test_production_uses_these_names() -> None:
    source = Path(settings.BASE_DIR / "answering" / "settings.py").read_text()
    assert STORAGES["staticfiles"]["BACKEND"] in source
