from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from answering.accounts.models import StaffRole
from answering.desk import editing
from answering.desk.clients.line_test import sentences
from answering.lib import clock
from calls.carriers.base import Decision, InboundCall
from calls.models import Call, Caller
from calls.services.explain import explain_call
from calls.services.inbound import receive_call
from calls.services.screening import Screening, screen_caller
from calls.states import CallOutcome, EventKind
from clients.models import Handling, Line, Notice, Script
from clients.services.revisions import save_revised
from tests.cast import House, make_calendar, make_client, make_house, make_line, make_member
from tests.desk.office import administrator, filled_in, signed_in_as

NUMBER = "+37126123456"


def new_line(house: House) -> str:
    return reverse("desk:new-line", args=[house.client.public_id])


def edit_line(line: Line) -> str:
    return reverse("desk:edit-line", args=[line.client.public_id, line.public_id])


def asked_of(line: Line, **asked: str) -> str:
    address = reverse("desk:test-line", args=[line.client.public_id, line.public_id])
    page = administrator().get(address, asked)
    assert page.status_code == 200
    return page.text


def test_only_administrators_find_lines_and_only_under_their_client(house: House) -> None:
    owner = Browser()
    owner.force_login(make_member(house.client))
    known = [house.client.public_id]
    pages = [reverse("desk:lines", args=known), new_line(house), edit_line(house.line)]
    pages.append(reverse("desk:test-line", args=[*known, house.line.public_id]))
    for page in pages:
        assert administrator().get(page).status_code == 200
        assert signed_in_as(StaffRole.SUPERVISOR).get(page).status_code == 404
        assert owner.get(page).status_code == 404
    screen = reverse("desk:screen-caller", args=known)
    assert owner.post(screen, {"number": NUMBER, "screening": "blocked"}).status_code == 404
    other = make_client("Baltė")
    for name in ("desk:edit-line", "desk:test-line"):
        assert administrator().get(reverse(name, args=[other.public_id, house.line.public_id])).status_code == 404


def test_a_line_begins_a_script_of_its_own_or_takes_one_of_the_client(house: House) -> None:
    browser = administrator()
    values = filled_in(browser.get(new_line(house)), name="Vakcinācija", slug="vakcinacija", waiting_limit="45")
    assert browser.post(new_line(house), values).status_code == 302
    line = Line.objects.get(slug="vakcinacija")
    assert (line.script.name, line.script.client, line.number) == ("Vakcinācija", house.client, None)
    assert (line.waiting_limit, line.is_active) == (timedelta(seconds=45), True)
    values = filled_in(browser.get(new_line(house)), name="Third", slug="third", script=house.line.script_id)
    browser.post(new_line(house), values)
    assert Line.objects.get(slug="third").script == house.line.script
    assert Script.objects.count() == 2
    assert Browser().get("/phone/vakcinacija/").status_code == 200


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"slug": "calls"}, "taken by the system"),
    ({"slug": "two words"}, "letters, numbers, underscores or hyphens"),
    ({"slug": "taken"}, "This address belongs to another line already."),
    ({"number": "+37167000002"}, "This number belongs to another line already."),
    ({"number": "12"}, "Enter a valid phone number"),
    ({"waiting_limit": "0"}, "At least 10."),
    ({"waiting_limit": "9" * 30}, "less than or equal to"),
    ({"offer_interval": "soon"}, "Enter a whole number."),
    ({"wrap_up_limit": ""}, "This field is required."),
    ({"frame_ancestors": "https://a.lv javascript:alert(1)"}, "“javascript:alert(1)” is not the address of a web site"),
    ({"script": "0"}, "not one of the available choices"),
]


@pytest.mark.parametrize(("fields", "sentence"), WRONG)
def test_wrong_lines_are_told_and_nothing_is_written(house: House, fields: dict[str, Any], sentence: str) -> None:
    make_line(house.client, slug="taken", number="+37167000002")
    browser = administrator()
    values = filled_in(browser.get(new_line(house)), name="New", slug="new") | fields
    answer = browser.post(new_line(house), values)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert (Line.objects.count(), Script.objects.count()) == (2, 2)


def test_scripts_of_another_client_are_not_to_be_had(house: House) -> None:
    foreign = make_line(make_client("Baltė")).script
    browser = administrator()
    answer = browser.post(edit_line(house.line), filled_in(browser.get(edit_line(house.line)), script=foreign.pk))
    assert "not one of the available choices" in answer.text


def test_the_second_editor_of_a_line_is_told(house: House) -> None:
    browser = administrator()
    seen = browser.get(edit_line(house.line))
    assert browser.post(edit_line(house.line), filled_in(seen, name="First")).status_code == 302
    assert "Somebody else has saved this" in browser.post(edit_line(house.line), filled_in(seen, name="Second")).text
    house.line.refresh_from_db()
    assert house.line.name == "First"


def dial(line: Line, number: str = NUMBER) -> Decision:
    return receive_call(InboundCall("browser", f"browser:{uuid4()}:inbound", line.slug, clock.now(), number)).decision


def test_numbers_are_put_on_and_off_the_lists_and_the_next_call_obeys(house: House) -> None:
    closed = make_line(house.client, calendar=make_closed())
    browser = administrator()
    screen, other = reverse("desk:screen-caller", args=[house.client.public_id]), make_line(make_client("Baltė"))
    browser.post(screen, {"number": "26 123 456", "screening": "blocked"})
    assert [dial(line) for line in (house.line, closed, other)] == [Decision.REJECT, Decision.REJECT, Decision.QUEUE]
    page = browser.post(screen, {"number": NUMBER, "screening": "always"}, follow=True).text
    assert "+371 26 123 456" in page
    assert [dial(house.line), dial(closed), dial(closed, "+37126999999")] == [
        Decision.QUEUE,
        Decision.QUEUE,
        Decision.CLOSED,
    ]
    browser.post(screen, {"number": NUMBER, "screening": "none"})
    assert dial(closed) == Decision.CLOSED
    for wrong in ({"number": "soon", "screening": "blocked"}, {"number": NUMBER, "screening": "x"}, {}):
        assert browser.post(screen, wrong).status_code == 422


def make_closed() -> Any:
    """Open only on another weekday than today."""
    calendar = make_calendar()
    today = clock.now().astimezone(ZoneInfo("Europe/Riga")).weekday()
    calendar.intervals.exclude(weekday=(today + 3) % 7).delete()
    calendar.refresh_from_db()
    return calendar


def test_nobody_is_on_both_lists(house: House) -> None:
    screen_caller(house.client, NUMBER, Screening.BLOCKED)
    with pytest.raises(IntegrityError, match="caller_blocked_or_always_connected"), transaction.atomic():
        Caller.objects.update(is_always_connected=True)


def test_the_test_explains_a_closed_evening_before_christmas(house: House) -> None:
    line = make_line(house.client, name="Vārdi", calendar=make_calendar(always=False, country="LV"))
    page = asked_of(line, moment="2031-12-23T16:30", number=NUMBER)
    assert "is within the hours" in page
    assert "has not called before" in page
    assert "1 agent is cleared for the client" in page
    assert "version 1 of the script" in page
    page = asked_of(line, moment="2031-12-24T11:00")
    assert "that day is a holiday" in page
    assert "Monday, December 29, 2031, 09:00" in page
    assert "withheld" in page
    screen_caller(house.client, NUMBER, Screening.ALWAYS)
    assert "always to be connected" in asked_of(line, moment="2031-12-24T19:00", number="26123456")
    screen_caller(house.client, NUMBER, Screening.BLOCKED)
    assert "The call is rejected." in asked_of(line, moment="2031-12-23T16:30", number=NUMBER)
    assert not Call.objects.exists(), "nobody is called"


def test_the_test_says_which_situation_it_is_and_which_script_is_read(house: House) -> None:
    line = make_line(house.client, calendar=make_calendar(always=False, country="LV"))
    night = make_line(house.client).script
    Script.objects.filter(pk=night.pk).update(name="Night")
    browser = administrator()
    values = filled_in(browser.get(edit_line(line)), after_hours="answer", after_hours_script=night.pk)
    assert browser.post(edit_line(line), values).status_code == 302
    page = asked_of(line, moment="2031-12-23T19:30")
    assert "is outside the hours" in page
    assert "On this line agents answer in this situation." in page
    assert "version 1 of the script “Night”" in page
    ends_at = datetime(2031, 12, 23, 10, tzinfo=ZoneInfo("Europe/Riga"))
    notice = Notice.objects.create(client=house.client, text="Streiks", starts_at=clock.now(), ends_at=ends_at)
    assert "a notice is in force: Streiks" in asked_of(line, moment="2031-12-23T09:30")
    notice.delete()
    begun = Script.objects.create(client=house.client, name="Begun")
    Line.objects.filter(pk=line.pk).update(after_hours_script=begun)
    page = asked_of(line, moment="2031-12-23T19:30")
    assert "“Begun”, has no published version: the usual one is read." in page
    assert "version 1 of the script “Main”" in page


def test_the_test_tells_of_lines_that_are_not_in_use(house: House) -> None:
    Line.objects.update(is_active=False)
    assert "is not in use" in asked_of(house.line, moment="2031-12-23T16:30")
    house.client.closed_at = clock.now()
    house.client.save()
    assert "is closed, so its lines are not answered" in asked_of(house.line, moment="2031-12-23T16:30")


@pytest.mark.parametrize("moment", ["", "soon", "2031-02-30T10:00", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_impossible_moments_are_told(house: House, moment: str) -> None:
    page = asked_of(house.line, moment=moment)
    assert "errorlist" in page
    assert "is in use" not in page


@pytest.mark.django_db
@settings(max_examples=20, deadline=None)
@given(st.sampled_from(Screening), st.booleans(), st.booleans(), st.booleans(), st.sampled_from(Handling))
def test_the_router_does_what_the_test_said(
    screening: Screening, is_open: bool, is_known: bool, has_notice: bool, handling: Handling
) -> None:
    house = make_house()
    calendar = house.line.calendar if is_open else make_closed()
    line = make_line(house.client, calendar=calendar, after_hours=handling, during_notice=handling)
    if has_notice:
        Notice.objects.create(client=house.client, text="Streiks", ends_at=clock.now() + timedelta(hours=1))
    if is_known:
        screen_caller(house.client, NUMBER, screening)
    explained = explain_call(line, number=NUMBER, moment=clock.now())
    said = explained.verdict
    assert said is not None
    assert sentences(explained)
    receive_call(InboundCall("browser", f"browser:{uuid4()}:inbound", line.slug, clock.now(), NUMBER))
    call = Call.objects.latest("pk")
    assert list(call.events.order_by("pk").values_list("kind", flat=True))[-1] == said.kind
    assert (call.situation, call.has_notice) == (said.standing.situation, has_notice)
    assert call.script_version == explained.script_version
    outcome = {EventKind.BLOCKED: CallOutcome.BLOCKED, EventKind.LINE_CLOSED: CallOutcome.MISSED}.get(said.kind)
    assert call.outcome == outcome


def test_moments_are_those_of_the_line(house: House) -> None:
    line = make_line(house.client, calendar=make_calendar(always=False, zone="Europe/Athens"))
    explained = explain_call(line, number="", moment=datetime(2031, 12, 23, 9, 30, tzinfo=ZoneInfo("Europe/Athens")))
    assert explained.verdict is not None
    assert explained.verdict.kind == EventKind.QUEUED
    assert "is within the hours" in asked_of(line, moment="2031-12-23T09:30")


def test_a_script_that_is_deleted_while_its_line_is_saved_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = Script.objects.create(client=house.client, name="Night")
    page = administrator().get(edit_line(house.line))

    def save_too_late(line: Line, *, seen: int | None) -> None:
        Script.objects.filter(pk=night.pk).update(deleted_at=clock.now())
        save_revised(line, seen=seen)

    monkeypatch.setattr(editing, "save_revised", save_too_late)
    fields = filled_in(page, name="Night desk", notice_script=night.pk)
    answer = administrator().post(edit_line(house.line), fields)
    assert answer.status_code == 422
    assert "Somebody else has saved this" in answer.text
    assert 'value="Night desk"' in answer.text
    house.line.refresh_from_db()
    assert house.line.notice_script is None
