"""Who is named in a text, in whatever case; and somebody else named instead."""

import pytest

from clients.scripts import Act, Ask, Choice, Say, ScriptDefinition
from clients.scripts.naming import names, with_name


@pytest.mark.parametrize(
    ("name", "text", "is_named"),
    [
        ("Līga Bērziņa", "Savienošu ar Līgu Bērziņu.", True),
        ("Dr. Jānis Kalniņš", "Ārstam Kalniņam ir pieņemšana.", True),
        ("Rasa Petrauskienė", "Perduosiu Petrauskienei.", True),
        ("Σπύρος Αντωνίου", "Ο κ. ΑΝΤΩΝΙΟΥ λείπει.", True),
        ("Νίκος Παπαδόπουλος", "Θα σας καλέσει ο κ. Παπαδόπουλο.", True),
        ("Kristīne Liepa", "Adrese: Liepājas iela 5.", False),
        ("Dr. Anna Ozola", "Dr. Bērziņa pieņem otrdienās.", False),
        ("…", "Labdien!", False),
    ],
)
def test_a_person_is_named_by_their_last_name_in_any_case(name: str, text: str, is_named: bool) -> None:
    assert names(text, name) is is_named


def test_only_the_name_as_it_is_is_replaced_and_no_text_gets_too_long() -> None:
    long = "Anna " + "a" * 1_995
    choices = (Choice("a", {"lv": "Anna Ozola"}), Choice("b", {"lv": "Annai Ozolai"}))
    script = ScriptDefinition(
        {"lv": long}, (Ask("who", "Kam", {"lv": "?"}, choices=choices), Say("x"), Act("y", "end"))
    )
    renamed = with_name(with_name(script, "Anna Ozola", "Jana Kalna"), "Anna", "Jekaterina")
    asked = renamed.steps[0]
    assert isinstance(asked, Ask)
    assert [choice.label["lv"] for choice in asked.choices] == ["Jana Kalna", "Annai Ozolai"]
    assert renamed.greeting == {"lv": long}
