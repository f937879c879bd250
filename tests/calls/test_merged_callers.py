"""One person with several numbers: merged, recognised by each of them, separated again; never across clients."""

from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from answering.accounts.models import User
from answering.lib import clock
from calls.errors import CallerOfAnother, ChangedSince, MergedOn, NotYourCall, NumberKnown, SeparatedAlready
from calls.models import Call, Caller, CallerChange, CallerChangeKind
from calls.scripting import facts_of
from calls.services import identify_caller
from calls.services.caller_records import CALLER_FIELDS, link_call, merge_callers, save_caller, separate_callers
from calls.services.callers import recognise
from calls.services.explain import explain_call
from calls.services.screening import Screening, screen_caller, screened_callers
from calls.states import CallOutcome
from clients.errors import ChangedMeanwhile
from clients.models import Line
from tests.calls.test_bad_input import inbound
from tests.calls.threads import all_at_once, kinds
from tests.cast import House, make_agent, make_client, make_line, make_user, ring, talk
from tests.waiting import wait_until

HOME, MOBILE, WORK = "+37167123456", "+37126123456", "+37129999999"


def caller_of(house: House, number: str, **fields: Any) -> Caller:
    return Caller.objects.create(client=house.client, number=number, **({"name": "Ilze Ozola"} | fields))


def merge(kept: Caller, *others: Caller, by: User | None = None, **values: object) -> CallerChange:
    seen = {each.pk: each.revision for each in (kept, *others)}
    change = merge_callers(kept, others, values=values, seen=seen, by=by or make_user("Sandra Liepa"))
    for each in (kept, *others):
        each.refresh_from_db()
    return change


def rows(*callers: Caller) -> list[tuple[object, ...]]:
    """All that is stored of them, but how often it was."""
    return list(
        Caller.objects.filter(pk__in=[each.pk for each in callers])
        .order_by("pk")
        .values_list("pk", "number", "merged_into", "search_key", *CALLER_FIELDS)
    )


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def calls_of(caller: Caller) -> set[Call]:
    return set(Call.objects.of_caller(Caller.objects.numbers_of(caller.pk)))


def test_a_caller_is_recognised_by_each_number_with_name_and_history(house: House) -> None:
    kept, other = caller_of(house, HOME), caller_of(house, MOBILE, name="Ilze O.", note="Evenings")
    before = ring(house.line, number=MOBILE)
    merge(kept, other, note="Evenings")
    after = ring(house.line, number=MOBILE)
    assert after.caller is not None
    assert (after.caller.kept, after.caller_name, after.caller_number) == (kept, "Ilze Ozola", MOBILE)
    assert calls_of(kept) == {before, after}
    assert kept.note == "Evenings"


@pytest.mark.parametrize(("flag", "is_open"), [("is_blocked", True), ("is_always_connected", False)])
def test_flags_of_the_kept_caller_hold_for_each_number(house: House, flag: str, is_open: bool) -> None:
    kept, other = caller_of(house, HOME, **{flag: True}), caller_of(house, MOBILE)
    merge(kept, other)
    if not is_open:
        house.client.calendar.intervals.all().delete()
    arrival = inbound(house.line.slug, caller_number=MOBILE)
    assert (ring(house.line, number=MOBILE).outcome == CallOutcome.BLOCKED) == is_open
    verdict = explain_call(house.line, number=arrival.caller_number, moment=clock.now()).verdict
    assert verdict is not None
    assert verdict.ground == ("blocked" if is_open else "always_connected")


def test_a_call_from_a_merged_number_costs_no_statement_more(house: House) -> None:
    kept, other = caller_of(house, HOME), caller_of(house, MOBILE)
    ring(house.line, number=MOBILE)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            ring(house.line, number=MOBILE)
        costs.append(len(queries))
        if not other.merged_into_id:
            merge(kept, other)
    assert costs[0] == costs[1]


def test_a_flag_given_by_number_is_the_kept_caller_s(house: House) -> None:
    kept, other = caller_of(house, HOME), caller_of(house, MOBILE, is_always_connected=True)
    merge(kept, other)
    assert not screened_callers(house.client)
    screen_caller(house.client, MOBILE, Screening.BLOCKED)
    assert list(screened_callers(house.client)) == [kept]


def test_a_name_that_a_caller_gives_is_kept_once_for_all_numbers(house: House) -> None:
    kept, other = caller_of(house, HOME, name=""), caller_of(house, MOBILE, name="")
    merge(kept, other)
    call = identify_caller(ring(house.line, number="").pk, name="Ilze Ozola", number=MOBILE)
    kept.refresh_from_db()
    assert (kept.name, call.caller_name) == ("Ilze Ozola", "Ilze Ozola")
    with pytest.raises(ChangedMeanwhile):  # of a form in which there was no name yet
        save_caller(kept, seen=2, by=make_user())


def test_a_name_that_somebody_has_just_written_is_not_overwritten(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, call, by = caller_of(house, HOME, name=""), ring(house.line, number=""), make_user()

    def recognise_before_somebody_saves(line: Line, number: str, name: str) -> Caller | None:
        found = recognise(line, number, name)
        caller.name = "Ilze Kalna"
        save_caller(caller, seen=1, by=by)
        return found

    monkeypatch.setattr("calls.services.callers.recognise", recognise_before_somebody_saves)
    identify_caller(call.pk, name="Ilze", number=HOME)
    caller.refresh_from_db()
    assert (caller.name, caller.search_key, caller.revision) == ("Ilze Kalna", "ilze kalna", 2)


def test_a_script_knows_a_caller_by_each_number(house: House) -> None:
    kept, other = caller_of(house, HOME, language="lt"), caller_of(house, MOBILE)
    Caller.objects.filter(pk=other.pk).update(created_at=clock.now() - timedelta(hours=1))
    merge(kept, other)
    call = ring(house.line, number=MOBILE)
    assert (facts_of(call).is_known, facts_of(call).caller_language) == (True, "lt")


def test_separating_gives_back_exactly_what_was_there(house: House) -> None:
    until = clock.now() + timedelta(days=3)
    kept = caller_of(house, HOME, note="Home", language="lv", is_blocked=True)
    other = caller_of(house, MOBILE, name="Ilze O.", care_reason="Lost a relative", care_until=until)
    further = caller_of(house, WORK, note="Work")
    merge(other, further)
    was, calls = rows(kept, other, further), {each: ring(house.line, number=each) for each in (HOME, MOBILE, WORK)}
    by = make_user("Zane Kļava")
    chosen = {"name": "Ilze", "note": "All", "is_blocked": False, "care_reason": "Lost a relative", "care_until": until}
    change = merge(kept, other, by=by, **chosen)
    assert calls_of(kept) == set(calls.values())
    assert (change.user, change.kind, change.before["name"], change.after["name"]) == (
        by,
        "merged",
        "Ilze Ozola",
        "Ilze",
    )
    undone = separate_callers(change, by=by)
    assert rows(kept, other, further) == was
    assert calls_of(kept) == {calls[HOME]}
    assert calls_of(other) == {calls[MOBILE], calls[WORK]}
    assert (undone.kind, undone.user, undone.undoes) == (CallerChangeKind.SEPARATED, by, change)
    with pytest.raises(SeparatedAlready):
        separate_callers(change, by=by)


def test_what_was_changed_since_is_said_and_stays_when_separated_all_the_same(house: House) -> None:
    kept, other = caller_of(house, HOME, note="Home", name="Ilze"), caller_of(house, MOBILE)
    change, by = merge(kept, other, note="Both", name="Ilze Ozola"), make_user()
    kept.note = "Written since"
    save_caller(kept, seen=kept.revision, by=by)
    was = rows(kept, other)
    with pytest.raises(ChangedSince) as refused:
        separate_callers(change, by=by)
    assert (refused.value.fields, rows(kept, other)) == (("note",), was)
    separate_callers(change, by=by, leaves_changes=True)
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.note, kept.name, other.merged_into) == ("Written since", "Ilze", None)


def test_what_is_said_together_stays_together_when_separated_all_the_same(house: House) -> None:
    until = clock.now() + timedelta(days=3)
    kept = caller_of(house, HOME, is_blocked=True, care_reason="Lost a relative", care_until=until)
    change = merge(kept, caller_of(house, MOBILE), is_blocked=False, care_reason="Ill", care_until=None)
    kept.is_always_connected, kept.care_reason, by = True, "", make_user()
    save_caller(kept, seen=kept.revision, by=by)
    separate_callers(change, by=by, leaves_changes=True)
    kept.refresh_from_db()
    assert (kept.is_blocked, kept.is_always_connected, kept.care_reason, kept.care_until) == (False, True, "", None)


def test_a_merge_is_undone_before_the_one_that_it_went_into(house: House) -> None:
    first, second, third = (caller_of(house, number) for number in (HOME, MOBILE, WORK))
    early, by = merge(second, first), make_user()
    late = merge(third, second)
    assert set(Caller.objects.numbers_of(third.pk)) == {first, second, third}
    with pytest.raises(MergedOn):
        separate_callers(early, by=by)
    separate_callers(late, by=by)
    separate_callers(early, by=by)
    assert Caller.objects.kept().count() == 3


def test_callers_of_two_clients_are_never_merged(house: House) -> None:
    kept = caller_of(house, HOME)
    stranger = Caller.objects.create(client=make_client("Baltė"), number=HOME, name="Ilze Ozola")
    with pytest.raises(CallerOfAnother):
        merge(kept, stranger)

    def point_across() -> None:
        Caller.objects.filter(pk=stranger.pk).update(merged_into=kept)
        connection.check_constraints()

    with pytest.raises(IntegrityError), transaction.atomic():
        point_across()
    assert not CallerChange.objects.exists()


def test_the_database_refuses_chains_circles_and_changes_of_the_log(house: House) -> None:
    kept, other, third = (caller_of(house, number) for number in (HOME, MOBILE, WORK))
    change = merge(kept, other)
    for row, into in ((third, other), (kept, third), (third, third)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Caller.objects.filter(pk=row.pk).update(merged_into=into)
    with pytest.raises(IntegrityError), transaction.atomic():
        CallerChange.objects.filter(pk=change.pk).update(user=make_user())


def test_a_merge_of_what_somebody_has_changed_since_is_refused(house: House) -> None:
    kept, other, third = (caller_of(house, number) for number in (HOME, MOBILE, WORK))
    seen, by = {each.pk: each.revision for each in (kept, other, third)}, make_user()
    merge(kept, other)
    was = rows(kept, other, third)
    for keeper, given in ((third, other), (kept, third), (other, third)):
        with pytest.raises(ChangedMeanwhile):
            merge_callers(keeper, [given], values={}, seen=seen, by=by)
    with pytest.raises(ChangedMeanwhile):
        merge_callers(third, [other], values={}, seen=seen | {other.pk: other.revision}, by=by)
    assert rows(kept, other, third) == was


def test_a_call_that_arrives_during_a_merge_is_the_kept_caller_s(live_house: House) -> None:
    by = make_user()
    for round_ in range(6):
        kept, other = caller_of(live_house, f"+3716710000{round_}"), caller_of(live_house, f"+3716720000{round_}")
        number = str(other.number)
        _merged, *calls = all_at_once(
            partial(merge_callers, kept, [other], values={}, seen={kept.pk: 1, other.pk: 1}, by=by),
            *[partial(ring, live_house.line, number=number)] * 3,
            partial(identify_caller, ring(live_house.line, number="").pk, number=number),
        )
        assert kinds(calls) == ["Call"] * 4
        assert len(calls_of(kept)) == 4
        assert Call.objects.latest("pk").caller_number == number


def test_a_flag_that_is_given_during_a_merge_is_the_kept_caller_s(live_house: House) -> None:
    kept, other, by = caller_of(live_house, HOME), caller_of(live_house, MOBILE), make_user()

    def block() -> None:
        screen_caller(live_house.client, MOBILE, Screening.BLOCKED)
        connection.close()

    blocking = Thread(target=block)
    with transaction.atomic():
        merge(kept, other, by=by)
        blocking.start()
        assert wait_until(somebody_waits)
    blocking.join(10)
    assert list(Caller.objects.filter(is_blocked=True)) == [kept]


def test_of_two_who_merge_crosswise_one_is_told(live_house: House) -> None:
    by = make_user()
    for round_ in range(6):
        one, two, three = (caller_of(live_house, f"+371671{part}000{round_}") for part in (1, 2, 3))
        seen = {each.pk: 1 for each in (one, two, three)}
        results = all_at_once(
            partial(merge_callers, one, [two], values={}, seen=seen, by=by),
            partial(merge_callers, two, [one, three], values={}, seen=seen, by=by),
        )
        assert kinds(results) == ["CallerChange", "ChangedMeanwhile"]


def test_of_two_who_undo_one_merge_at_once_one_is_told(live_house: House) -> None:
    by = make_user()
    change = merge(caller_of(live_house, HOME, note="Home"), caller_of(live_house, MOBILE), note="Both")
    results = all_at_once(*[partial(separate_callers, change, by=by)] * 2)
    assert kinds(results) == ["CallerChange", "SeparatedAlready"]


@pytest.mark.parametrize("number", [WORK, ""])
def test_a_call_is_linked_to_the_caller_whom_the_agent_names(house: House, number: str) -> None:
    caller = caller_of(house, HOME)
    call = link_call(talk(ring(house.line, number=number), house.agent), caller, agent=house.agent)
    assert (call.caller, call.caller_name, call.caller_number) == (caller, "Ilze Ozola", number)
    change = CallerChange.objects.get()
    assert (change.kind, change.user, change.call, change.caller) == ("linked", house.agent.user, call, caller)
    again = ring(house.line, number=WORK)
    assert again.caller != caller


def test_the_number_is_kept_with_whom_it_was_linked_to(house: House) -> None:
    caller = caller_of(house, HOME, note="Hard of hearing")
    call = talk(ring(house.line, number=WORK, name="Ozola"), house.agent)
    link_call(call, caller, agent=house.agent, keeps_number=True)
    again = ring(house.line, number=WORK)
    assert again.caller is not None
    assert again.caller.kept == caller
    separate_callers(CallerChange.objects.get(kind="merged"), by=make_user())
    assert ring(house.line, number=WORK).caller_name == "Ozola"


def test_a_call_is_linked_to_a_caller_as_they_are_now(house: House) -> None:
    caller, other = caller_of(house, HOME), caller_of(house, MOBILE)
    as_found = Caller.objects.get(pk=caller.pk)
    caller.name = "Ilze Kalna"
    save_caller(caller, seen=1, by=make_user())
    call = talk(ring(house.line, number=WORK), house.agent)
    assert link_call(call, as_found, agent=house.agent, keeps_number=True).caller_name == "Ilze Kalna"
    caller.refresh_from_db()
    merge(other, caller)
    with pytest.raises(CallerOfAnother):
        link_call(call, as_found, agent=house.agent, keeps_number=True)


def test_the_number_of_somebody_known_is_not_taken_from_them(house: House) -> None:
    caller, husband = caller_of(house, HOME), caller_of(house, WORK, name="Juris Ozols")
    ring(house.line, number=WORK)
    call = talk(ring(house.line, number=WORK), house.agent)
    with pytest.raises(NumberKnown):
        link_call(call, caller, agent=house.agent, keeps_number=True)
    call.refresh_from_db()
    assert call.caller == husband
    assert not CallerChange.objects.exists()


def test_only_the_agent_of_the_call_links_it_and_only_within_the_client(house: House) -> None:
    call, caller = talk(ring(house.line, number=WORK), house.agent), caller_of(house, HOME)
    other = make_agent("Rita Liepa", clients=(house.client,))
    with pytest.raises(NotYourCall):
        link_call(call, caller, agent=other)
    foreign = ring(make_line(make_client("Baltė")), number=HOME).caller
    assert foreign is not None
    with pytest.raises(CallerOfAnother):
        link_call(call, foreign, agent=house.agent)
