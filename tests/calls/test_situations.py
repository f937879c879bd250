"""In hours, after hours, on a holiday, during a notice: what becomes of a call, and by which script."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.test import Client as Http

from answering.lib import clock as real_clock
from calls.carriers.base import Decision, InboundCall, RoutingDecision
from calls.errors import LineUnknown
from calls.models import Call
from calls.scripting import facts_of
from calls.services import receive_call
from calls.services.explain import explain_call
from calls.services.inbound import receive_failed_call
from calls.services.prepared import Prepared
from calls.states import EventKind
from clients.models import Calendar, Client, Handling, Line, Notice, Script, ScriptVersion, Situation
from tests.calls.conftest import Clock
from tests.cast import House, make_calendar, make_client, make_line, publish_script, ring, said

NUMBER = "+37126123456"
IN_HOURS = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVENING = datetime(2026, 11, 20, 18, tzinfo=UTC)
CHRISTMAS = datetime(2026, 12, 25, 10, tzinfo=UTC)
DAY_OFF = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture
def weekdays(house: House) -> Calendar:
    """Monday to Friday 9-17 in Riga, holidays of Latvia, a Wednesday off."""
    calendar = make_calendar(always=False, country="LV")
    calendar.days.create(date=DAY_OFF.date())
    calendar.refresh_from_db()
    return calendar


@pytest.fixture
def line(house: House, weekdays: Calendar) -> Line:
    return make_line(house.client, calendar=weekdays)


def own_script(line: Line, name: str) -> Script:
    """Another published script of the line's client."""
    script = Script.objects.create(client=line.client, name=name)
    publish_script(script, said("lv", f"{name}!"))
    return script


def arrive(line: Line) -> tuple[RoutingDecision, Call]:
    decision = receive_call(inbound(line))
    return decision, Call.objects.get(public_id=decision.call)


def inbound(line: Line) -> InboundCall:
    return InboundCall("browser", f"browser:{uuid4()}:inbound", line.slug, real_clock.now(), NUMBER)


def say(line: Line, clock: Clock, *, hours: float = 1, of_line: bool = False, **fields: object) -> Notice:
    """A notice in force from now on."""
    now = clock.now()
    values: dict[str, object] = {
        "text": "Atgriezīsimies 14.00",
        "starts_at": now,
        "ends_at": now + timedelta(hours=hours),
    }
    return Notice.objects.create(client=line.client, line=line if of_line else None, **(values | fields))


def usual_version(line: Line) -> ScriptVersion | None:
    return line.script.current_version()


@pytest.mark.parametrize(
    ("moment", "situation"),
    [
        (IN_HOURS, Situation.IN_HOURS),
        (EVENING, Situation.AFTER_HOURS),
        (CHRISTMAS, Situation.HOLIDAY),
        (DAY_OFF, Situation.HOLIDAY),
    ],
)
def test_the_hours_decide_the_situation_and_unless_told_otherwise_a_closed_line_calls_back(
    clock: Clock, line: Line, moment: datetime, situation: Situation
) -> None:
    clock.moment = moment
    decision, call = arrive(line)
    assert (call.situation, call.has_notice, call.script_version) == (situation, False, usual_version(line))
    assert decision.decision == (Decision.QUEUE if situation == Situation.IN_HOURS else Decision.CLOSED)


def test_a_line_answers_after_hours_and_on_holidays_with_scripts_of_their_own(clock: Clock, line: Line) -> None:
    night, holiday = own_script(line, "Night"), own_script(line, "Holiday")
    line.after_hours, line.after_hours_script = Handling.ANSWER, night
    line.on_holiday, line.holiday_script = Handling.ANSWER, holiday
    line.save()
    for moment, script in ((EVENING, night), (CHRISTMAS, holiday), (IN_HOURS, line.script)):
        clock.moment = moment
        decision, call = arrive(line)
        assert (decision.decision, call.script_version) == (Decision.QUEUE, script.current_version())
        assert explain_call(line, number=NUMBER, moment=moment).script_version == call.script_version


def test_a_situation_whose_own_script_is_not_published_reads_the_usual_one(clock: Clock, line: Line) -> None:
    line.notice_script = Script.objects.create(client=line.client, name="Unfinished")
    line.save()
    say(line, clock)
    _, call = arrive(line)
    assert (call.situation, call.script_version) == (Situation.NOTICE, usual_version(line))
    assert explain_call(line, number=NUMBER, moment=clock.now()).script_version == usual_version(line)


def test_a_notice_counts_within_the_hours_on_its_line_while_it_runs(clock: Clock, line: Line) -> None:
    other = make_line(line.client, calendar=line.calendar)
    line.notice_script = own_script(line, "Strike")
    line.save()
    say(line, clock, of_line=True)
    _, call = arrive(line)
    assert (call.situation, call.has_notice) == (Situation.NOTICE, True)
    assert call.script_version == line.notice_script.current_version()
    assert arrive(other)[1].situation == Situation.IN_HOURS
    clock.forward(3600)
    assert arrive(line)[1].situation == Situation.IN_HOURS
    clock.moment = EVENING
    say(line, clock)
    _, call = arrive(line)
    assert (call.situation, call.has_notice) == (Situation.AFTER_HOURS, True)


def test_a_line_may_call_back_during_a_notice_and_says_what_is_public_of_it(clock: Clock, line: Line) -> None:
    Line.objects.update(during_notice=Handling.CALL_BACK)
    notice = say(line, clock, is_public=True)
    say(line, clock, text="For agents only")
    decision, call = arrive(line)
    assert (decision.decision, decision.opens_at) == (Decision.CLOSED, notice.ends_at)
    assert decision.notices == ("Atgriezīsimies 14.00",)
    assert call.situation == Situation.NOTICE
    page = Http().get(f"/phone/{line.slug}/?language=en").text
    assert "We open again today at" in page
    Client.objects.update(language="en")
    assert arrive(line)[0].notices == (), "the voice speaks the line's language only"


def test_a_closed_line_opens_after_a_notice_during_which_nobody_answers(clock: Clock, line: Line) -> None:
    clock.moment = EVENING
    say(line, clock, hours=65)  # till Monday, 13:00 in Riga; the week begins at nine
    assert arrive(line)[0].opens_at == datetime(2026, 11, 23, 7, tzinfo=UTC)
    Line.objects.update(during_notice=Handling.CALL_BACK)
    assert arrive(line)[0].opens_at == datetime(2026, 11, 23, 11, tzinfo=UTC)


def test_the_page_calls_at_night_where_agents_answer_then(clock: Clock, line: Line) -> None:
    clock.moment = EVENING
    assert "We open again" in Http().get(f"/phone/{line.slug}/?language=en").text
    Line.objects.update(after_hours=Handling.ANSWER)
    assert "We open again" not in Http().get(f"/phone/{line.slug}/?language=en").text
    assert ring(line).state == "queued"


def test_a_call_that_failed_has_the_situation_in_which_it_came(clock: Clock, line: Line) -> None:
    came = inbound(line)
    clock.moment = EVENING
    call = receive_failed_call(came)
    assert call.situation == Situation.IN_HOURS
    assert call.events.filter(kind=EventKind.FAILED).exists()


def test_a_script_may_ask_for_the_situation_in_which_its_call_began(clock: Clock, line: Line) -> None:
    Line.objects.update(after_hours=Handling.ANSWER, on_holiday=Handling.ANSWER)
    asked = []
    for moment in (IN_HOURS, EVENING, CHRISTMAS):
        clock.moment = moment
        call = arrive(line)[1]
        clock.forward(86400)
        facts = facts_of(call)
        asked.append((facts.is_open, facts.is_holiday, facts.has_notice))
    assert asked == [(True, False, False), (False, False, False), (False, True, False)]
    say(line, clock)
    assert facts_of(arrive(line)[1]).has_notice
    Call.objects.update(situation="")
    assert [facts_of(call).is_open for call in Call.objects.order_by("started_at")[:2]] == [True, False]


def test_a_line_reads_no_script_of_another_client(line: Line) -> None:
    foreign = make_line(make_client("Baltė")).script
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS line_holiday_script_same_client IMMEDIATE")
    with pytest.raises(IntegrityError, match="line_holiday_script_same_client"):
        Line.objects.filter(pk=line.pk).update(holiday_script=foreign)


@pytest.mark.parametrize("handling", Handling)
def test_a_notice_till_the_end_of_time_keeps_no_call_away(clock: Clock, line: Line, handling: Handling) -> None:
    Line.objects.update(during_notice=handling)
    notice = say(line, clock)
    Notice.objects.filter(pk=notice.pk).update(ends_at=datetime(9999, 12, 31, tzinfo=UTC))
    decision, call = arrive(line)
    assert (call.situation, decision.opens_at) == (Situation.NOTICE, None)
    verdict = explain_call(line, number=NUMBER, moment=clock.now()).verdict
    assert verdict is not None
    assert verdict.standing.opens_at is None


def test_hours_of_a_country_that_is_not_known_are_closed_and_the_call_is_taken(clock: Clock, line: Line) -> None:
    Calendar.objects.filter(pk=line.calendar_id).update(holiday_country="XX")
    assert arrive(line)[0].decision == Decision.CLOSED


def test_a_call_that_came_while_we_were_away_has_the_notices_of_then(clock: Clock, line: Line) -> None:
    came = inbound(line)
    clock.forward(60)
    say(line, clock)
    clock.forward(60)
    failed = receive_failed_call(replace(came, occurred_at=clock.now() - timedelta(seconds=120)))
    assert (failed.situation, failed.has_notice) == (Situation.IN_HOURS, False)


def test_a_line_switched_off_just_now_is_unknown(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Prepared.rows

    def rows(query: Prepared, **values: object) -> object:
        found = real(query, **values)
        Line.objects.filter(pk=line.pk).update(is_active=False)
        return found

    monkeypatch.setattr(Prepared, "rows", rows)
    with pytest.raises(LineUnknown):
        receive_call(inbound(line))
