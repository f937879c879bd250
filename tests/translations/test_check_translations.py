from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests import check_translations
from tests.check_translations import add_code, add_template, problems_of, read_catalogue, texts_in_scripts, update

TEMPLATE = """{% load i18n %}
    <p>{% translate "Caller" %} {{ _("Line") }} {% translate "May" context "month" %}</p>
  {% blocktranslate count n=calls trimmed with who=agent.name %}
        {{ n }} call of {{ who }}
    {% plural %}
        {{ n }} calls of {{ who }}
  {% endblocktranslate %}
{% comment %}{% translate "Never" %}{% endcomment %}
"""
CODE = """
label = _("Hold")
other = ngettext_lazy("%(n)s call", "%(n)s calls", "n")
third = pgettext("verb", "Hold")
plain = "Not a text"
"""
SCRIPT = """
say("The call is over");
throw new Error("No such call");
// "This is a comment"
send("Enter", "two words");
"""


def texts(*given: str) -> Catalog:
    catalog = Catalog()
    for text in given:
        catalog.add(text)
    return catalog


def translated(text: str = "Aizturēt", flags: tuple[str, ...] = ()) -> Catalog:
    catalog = Catalog(locale="lv", fuzzy=False)
    catalog.add("Hold", text, flags=flags)
    return catalog


def test_texts_of_a_template_are_found_whatever_its_indents() -> None:
    catalog = Catalog()
    add_template(catalog, TEMPLATE, "page.html")
    plural = ("%(n)s call of %(who)s", "%(n)s calls of %(who)s")
    assert {message.id for message in catalog if message.id} == {"Caller", "Line", "May", plural}
    assert catalog.get("May", "month") is not None


def test_texts_of_code_are_found() -> None:
    catalog = Catalog()
    add_code(catalog, CODE, "views.py")
    found = {(message.context, message.id) for message in catalog if message.id}
    assert found == {(None, "Hold"), (None, ("%(n)s call", "%(n)s calls")), ("verb", "Hold")}


def test_a_complete_catalogue_has_no_problems() -> None:
    assert list(problems_of(translated(), texts("Hold"))) == []


@pytest.mark.parametrize(
    ("catalogue", "wanted", "problem"),
    [
        (translated(), texts("Hold", "End"), "missing: 'End'"),
        (translated(), texts(), "stale: 'Hold'"),
        (translated(flags=("fuzzy",)), texts("Hold"), "fuzzy: 'Hold'"),
        (translated(""), texts("Hold"), "not translated: 'Hold'"),
    ],
)
def test_each_lack_of_a_catalogue_is_told(catalogue: Catalog, wanted: Catalog, problem: str) -> None:
    assert list(problems_of(catalogue, wanted)) == [problem]


def test_a_translation_with_another_placeholder_is_told() -> None:
    catalogue = Catalog(locale="lv", fuzzy=False)
    catalogue.add("Since %(time)s", "Kopš %(laiks)s", flags=("python-format",))
    found = list(problems_of(catalogue, texts("Since %(time)s")))
    assert len(found) == 1
    assert "Since" in found[0]


def test_a_plural_without_all_its_forms_is_told() -> None:
    catalogue = Catalog(locale="lv", fuzzy=False)
    catalogue.add(("call", "calls"), ("zvans", "", "zvani"))
    wanted = Catalog()
    wanted.add(("call", "calls"))
    assert list(problems_of(catalogue, wanted)) == ["not translated: 'call'"]


def test_an_update_keeps_translations_drops_what_is_gone_and_repeats_itself_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_translations, "ROOT", tmp_path)
    assert update("lv", texts("Hold", "Gone")) == 2
    path = check_translations.catalogue_path("lv")
    path.write_text(path.read_text().replace('msgid "Hold"\nmsgstr ""', 'msgid "Hold"\nmsgstr "Aizturēt"'))
    assert update("lv", texts("Hold", "End")) == 1
    first = path.read_bytes()
    assert update("lv", texts("Hold", "End")) == 1
    assert path.read_bytes() == first
    catalogue = read_catalogue("lv")
    assert {message.id: message.string for message in catalogue if message.id} == {"Hold": "Aizturēt", "End": ""}
    assert b"Gone" not in first
    assert str(tmp_path).encode() not in first
    assert catalogue.num_plurals == 3


def test_sentences_in_scripts_are_found_and_messages_for_developers_are_not(tmp_path: Path) -> None:
    script = tmp_path / "page.js"
    script.write_text(SCRIPT)
    assert list(texts_in_scripts([script])) == ["static/js/page.js:2: 'The call is over'"]
