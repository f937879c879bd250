from babel.messages.catalog import Catalog

from tests.check_translations import add_template, collect


def texts_of(source: str) -> set[str]:
    catalog = Catalog()
    add_template(catalog, source, "made_up.html")
    return {str(message.id) for message in catalog if message.id}


def test_a_comment_hides_no_text_after_it() -> None:
    source = '{% comment %}What this is for.{% endcomment %}\n{# and how #}\n<p>{% translate "Hang up" %}</p>'
    assert texts_of(source) == {"Hang up"}


def test_a_text_over_several_lines_is_one_text() -> None:
    assert texts_of("{% blocktranslate trimmed %}\n  one\n  two\n{% endblocktranslate %}") == {"one two"}


def test_the_callers_page_is_among_the_texts() -> None:
    assert collect().get("Hang up") is not None
