"""What people search for is found, and lists are in the order of their language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answering.lib.text import search_key, sort_key


def in_order(names: list[str], language: str) -> list[str]:
    backwards = names[::-1]  # so that a key equal for all would show
    return sorted(backwards, key=lambda name: sort_key(name, language))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Čakare ĢĶĻŅŠŽ āēīū", "cakare gklnsz aeiu"),
        ("Šiauliai ĄČĘĖĮŠŲŪŽ", "siauliai aceeisuuz"),
        ("Ρήγας Φεραίος", "ρηγασ φεραιοσ"),
        ("ΡΉΓΑΣ ΦΕΡΑΊΟΣ", "ρηγασ φεραιοσ"),
        ("ϊ ΐ Ϋ", "ι ι υ"),
        ("  Anna\t\n Liepa\u00a0 ", "anna liepa"),
        ("Łódź Straße Ærø", "lodz strasse aero"),
        ("so\u00adft\u200bly", "softly"),
        ("", ""),
    ],
)
def test_a_search_ignores_case_accents_and_spacing(text: str, key: str) -> None:
    assert search_key(text) == key


@given(st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("ΆςΣĀčė İßŁ\u0301\u0345"))))
@settings(deadline=None, max_examples=500)
def test_a_search_key_is_its_own_search_key(text: str) -> None:
    assert search_key(search_key(text)) == search_key(text)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        # The alphabet of each language, letters that differ in accent only between words that differ later.
        ("lv", "a ā b c č d e ē f g ģ h i ī y j k ķ l ļ m n ņ o p r ŗ s š t u ū v z ž"),
        ("lv", "Abava Āboliņš abols Ābols Abolss Cēsis Czz Čakste Dagda Gzz Ģibuļi Ilga Īrisa Ivars Kzz Ķekava Žanis"),
        ("lt", "a ą b c č d e ę ė f g h i į y j k l m n o p r s š t u ų ū v z ž"),
        ("lt", "Aa Azuolas Ąžuolas Czz Čia Ea Ęa Ėa Eb Ylakiai Įrankis Išlaužas Jonas Szz Šiauliai Zzz Žemė"),
        ("el", "α ά β γ δ ε έ ζ η ή θ ι ί ϊ ΐ κ λ μ ν ξ ο ό π ρ σ τ υ ύ ϋ ΰ φ χ ψ ω ώ"),
        ("el", "αλφα Άλφα Αλφαβ Βήτα όμηρος Ομήρου Ωμέγα Alpha Zeta"),
        ("en", "10 Adam émile Emilea Zoe Zoë Zof Ωmega Яна"),
        ("en-GB", "a b c"),
        ("ru", "Adam анна яна"),
    ],
)
def test_a_list_is_in_the_order_of_its_language(language: str, names: str) -> None:
    expected = names.split()

    assert in_order(expected, language) == expected


def test_the_final_sigma_and_its_other_form_are_one_letter() -> None:
    assert sort_key("Ρήγας", "el") == sort_key("Ρήγασ", "el")


def test_case_decides_last_and_small_letters_come_first() -> None:
    names = ["anna", "Anna", "ANNA", "ānna", "Annab"]

    assert in_order(names, "lv") == names


def test_quotes_do_not_count_and_other_signs_count_as_a_space() -> None:
    names = ["SIA “Alfa”", "SIA Beta", "SIA-Gamma", "SIAD"]

    assert in_order(names, "lv") == names


def test_composed_and_decomposed_letters_have_one_key() -> None:
    assert sort_key("c\u030cakste", "lv") == sort_key("čakste", "lv")


@given(st.text(), st.text(), st.sampled_from(["lv", "lt", "el", "en"]))
@settings(deadline=None)
def test_a_key_can_be_stored_and_no_word_comes_after_a_longer_one(text: str, more: str, language: str) -> None:
    key = sort_key(text, language)

    assert "\x00" not in key
    assert key <= sort_key(text + " a" + more, language)
