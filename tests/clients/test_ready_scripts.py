import pytest

from answering.accounts.models import Language
from clients.scripts import check
from clients.scripts.ready import TRADES, ReadyScript, ready_scripts


def test_there_is_one_for_each_trade() -> None:
    assert [ready.trade for ready in ready_scripts()] == ["health", "retail", "services", "law", "trades"]


@pytest.mark.parametrize("ready", ready_scripts(), ids=TRADES)
def test_a_ready_script_could_be_published_in_every_language(ready: ReadyScript) -> None:
    for language in Language.values:
        definition = ready.definition_for(language)
        assert check(definition, languages=Language.values) == []
        assert ready.title_in(language)
        assert all(ask.name == ready.names[ask.key][language] for ask in definition.asks())


@pytest.mark.parametrize("ready", ready_scripts(), ids=TRADES)
def test_no_language_of_a_ready_script_repeats_another(ready: ReadyScript) -> None:
    for step in ready.definition.steps:
        texts = list(getattr(step, "text", {}).values())
        assert len(set(texts)) == len(texts)
