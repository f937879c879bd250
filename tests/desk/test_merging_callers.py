"""One person under several numbers, at the desk: suggested, merged field by field, undone."""

from typing import Any

import pytest
from django.urls import reverse

from calls.models import Caller, CallerChange
from tests.cast import House, make_client, make_line, ring, talk
from tests.desk.house_desk import supervisor, those_kept_out

HOME, MOBILE, WORK = "+37167123456", "+37126123456", "+37129999999"


@pytest.fixture
def pair(house: House) -> tuple[Caller, Caller]:
    """The same name, written differently; they differ in all else."""
    first = Caller.objects.create(client=house.client, number=HOME, name="Kristīne Ozoliņa", language="lv", note="Home")
    more = {"language": "en", "note": "Mobile", "care_reason": "Lost a relative", "is_always_connected": True}
    return first, Caller.objects.create(client=house.client, number=MOBILE, name="Kristine Ozolina", **more)


def page(name: str, house: House, *args: object) -> str:
    return reverse(f"desk:{name}", args=[house.client.public_id, *args])


def merging(house: House, *callers: Caller) -> str:
    return page("merge_callers", house) + "?" + "&".join(f"caller={each.pk}" for each in callers)


def choice(*callers: Caller, **chosen: Any) -> dict[str, Any]:
    """The form as it comes, with these choices."""
    revisions = {f"revision-{each.pk}": each.revision for each in callers}
    return revisions | {"kept": callers[0].pk} | {name: getattr(each, "pk", each) for name, each in chosen.items()}


def test_the_same_full_name_is_suggested_whatever_its_accents(house: House, pair: tuple[Caller, Caller]) -> None:
    for number, name in ((WORK, "Anna"), ("+37129999998", "Anna"), ("+37129999997", "Juris Ozols")):
        Caller.objects.create(client=house.client, number=number, name=name)
    stranger = Caller.objects.create(client=make_client("Baltė"), number=HOME, name="Juris Ozols")
    browser = supervisor()
    assert browser.get(page("duplicate_callers", house)).context["groups"] == [list(pair)]
    assert "The same name under another number" in browser.get(page("caller", house, pair[0].pk)).text
    assert browser.get(merging(house, pair[0], stranger)).status_code == 302


def test_each_difference_is_chosen_and_what_is_the_same_is_not_asked(house: House, pair: tuple[Caller, Caller]) -> None:
    first, second = pair
    browser = supervisor()
    shown = browser.get(merging(house, *pair)).context["form"]
    assert [each.name for each in shown.parts] == ["name", "language", "screening", "note"]
    chosen = choice(*pair, kept=second, name=first, language=second, screening=first, note="all")
    answer = browser.post(merging(house, *pair), chosen, follow=True)
    assert "Merged." in answer.text
    second.refresh_from_db()
    first.refresh_from_db()
    kept = (second.name, second.language, second.is_always_connected, second.note, second.care_reason)
    assert kept == ("Kristīne Ozoliņa", "en", False, "Home\nMobile", "Lost a relative")
    assert first.merged_into == second
    assert answer.redirect_chain[-1][0] == page("caller", house, second.pk)
    listed = browser.get(page("callers", house), {"q": "67123"})
    assert list(listed.context["callers"]) == [second]
    assert browser.get(page("caller", house, first.pk)).url == page("caller", house, second.pk)  # type: ignore[attr-defined]


def test_a_merge_shows_in_the_history_and_is_undone_there(house: House, pair: tuple[Caller, Caller]) -> None:
    browser, (first, second) = supervisor(), pair
    talk(ring(house.line, number=MOBILE), house.agent)
    browser.post(merging(house, *pair), choice(*pair, name=first, language=first, screening=first, note=first))
    merged = browser.get(page("caller", house, first.pk))
    assert len(merged.context["calls"]) == 1
    assert "+371 26 123 456" in merged.text
    undo = page("separate_callers", house, CallerChange.objects.get().pk)
    answer = browser.post(undo, follow=True)
    assert "Separated." in answer.text
    assert "Undo the merge" not in answer.text
    assert not answer.context["calls"]
    second.refresh_from_db()
    assert second.merged_into is None
    assert "separated already" in browser.post(undo, follow=True).text


def test_what_was_changed_since_is_said_before_it_is_undone(house: House, pair: tuple[Caller, Caller]) -> None:
    browser, (first, second) = supervisor(), pair
    browser.post(merging(house, *pair), choice(*pair, name=first, language=first, screening=first, note=first))
    undo = page("separate_callers", house, CallerChange.objects.get().pk)
    first.refresh_from_db()
    form = {"name": first.name, "language": "lv", "note": "Written since", "revision": first.revision}
    browser.post(page("caller", house, first.pk), form | {"care_reason": first.care_reason})
    told = browser.post(undo)
    assert (told.status_code, told.context["names"]) == (409, ["Note"])
    browser.post(undo, {"leave": "on"})
    for caller in pair:
        caller.refresh_from_db()
    assert (first.note, second.note, second.merged_into) == ("Written since", "Mobile", None)


def test_bad_input_merges_nothing(house: House, pair: tuple[Caller, Caller]) -> None:
    browser, (first, second) = supervisor(), pair
    good = choice(*pair, name=first, language=first, screening=first, note=first)
    stranger = Caller.objects.create(client=make_client("Baltė"), number=HOME, name="Kristīne Ozoliņa")
    wrong: list[dict[str, Any]] = [{"kept": stranger.pk}, {"kept": ""}, {"note": "none"}, {f"revision-{second.pk}": 0}]
    for each in wrong:
        assert browser.post(merging(house, *pair), good | each).status_code == 422
    for address in (merging(house, first), merging(house, first, stranger), merging(house) + "caller=x&caller=²"):
        assert browser.post(address, good).status_code == 302
    assert not Caller.objects.exclude(merged_into=None).exists()


def test_somebody_who_has_saved_a_caller_meanwhile_is_not_overwritten(
    house: House, pair: tuple[Caller, Caller]
) -> None:
    browser, (first, second) = supervisor(), pair
    good = choice(*pair, name=first, language=first, screening=first, note=first)
    form = {"name": second.name, "language": "en", "note": "Newer", "revision": second.revision}
    assert browser.post(page("caller", house, second.pk), form).status_code == 302
    assert "Somebody else has saved this" in browser.post(merging(house, *pair), good).text
    assert not Caller.objects.exclude(merged_into=None).exists()


def test_an_edit_at_the_desk_is_written_down(house: House, pair: tuple[Caller, Caller]) -> None:
    browser, (first, _second) = supervisor(), pair
    form = {"name": first.name, "language": "lv", "note": "Speaks softly", "revision": first.revision}
    browser.post(page("caller", house, first.pk), form)
    assert "Note: Home → Speaks softly" in browser.get(page("caller", house, first.pk)).text
    change = CallerChange.objects.get()
    assert (change.before, change.after, str(change.user)) == (
        {"note": "Home"},
        {"note": "Speaks softly"},
        "Sandra Liepa",
    )


def test_nobody_else_merges_or_separates(house: House, pair: tuple[Caller, Caller]) -> None:
    first, _second = pair
    good = choice(*pair, name=first, language=first, screening=first, note=first)
    other = make_line(make_client("Baltė")).client
    supervisor().post(merging(house, *pair), good)
    change = CallerChange.objects.get()
    undo = page("separate_callers", house, change.pk)
    for browser in those_kept_out(house):
        assert browser.get(page("duplicate_callers", house)).status_code == 404
        assert browser.post(merging(house, *pair), good).status_code == 404
        assert browser.post(undo).status_code == 404
    elsewhere = reverse("desk:separate_callers", args=[other.public_id, change.pk])
    assert supervisor().post(elsewhere).status_code == 404
