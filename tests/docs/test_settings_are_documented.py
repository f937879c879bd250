"""docs/settings.md names exactly the variables that the code reads."""

import ast
import re
from collections.abc import Iterator

from answering.runtime.addresses import CHECKOUT

NOT_OURS = {"DJANGO_SETTINGS_MODULE"}  # fixed, not a choice
ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]*)` \|([^|]*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, str, str]]:
    """Variable to default, example, meaning."""
    page = (CHECKOUT / "docs" / "settings.md").read_text()
    return {
        name: (default.strip(), example.strip(), meaning.strip())
        for name, default, example, meaning in ROW.findall(page)
    }


def read_by(source: str) -> set[str]:
    """The environment variables that this code reads."""
    return {name for node in ast.walk(ast.parse(source)) for name in _names(node)} - NOT_OURS


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = ast.unparse(node.func.value)
        if owner == "env" or owner.endswith("environ"):
            yield from _constant(node.args[:1])
    elif isinstance(node, ast.Call) and ast.unparse(node.func) == "_count":
        yield from _constant(node.args[1:2])
    elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]).endswith("environ"):
        yield from _constant([node.left])
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
        yield from _constant([node.slice])


def _constant(nodes: list[ast.expr]) -> Iterator[str]:
    yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    read = {name for path in (CHECKOUT / "answering").rglob("*.py") for name in read_by(path.read_text())}
    assert {"SECRET_KEY", "DATABASE_URL", "WEB_WORKERS", "PORT", "NO_COLOR"} <= read
    assert set(documented()) == read


def test_every_variable_has_a_default_an_example_and_a_meaning() -> None:
    lacking = [name for name, cells in documented().items() if not all(cells)]
    assert lacking == []


def test_reading_a_variable_is_noticed_however_it_is_written() -> None:
    source = """
A = env.int("A", default=1)
B = os.environ.get("B", "")
C = os.environ["C"]
D = "D" in os.environ
E = _count(given, "E", 2)
F = environ.get("F")
other = mapping.get("G")
"""
    assert read_by(source) == set("ABCDEF")
