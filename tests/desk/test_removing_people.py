"""Somebody leaves the client: every use is listed, all are replaced in one step, the past stays."""

from datetime import date, datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.urls import reverse

from answering.lib import clock
from answering.outbox.models import Delivery
from calls.models import Call
from clients.duty import timetable_of
from clients.models import Contact, FaqEntry, MembershipRole, Rota, ScriptVersion
from clients.scripts import Act, Say, ScriptDefinition
from clients.services.contacts import ContactFields, NumberFields, add_contact
from clients.services.rota import ShiftFields, add_override, add_rota, add_shifts
from clients.services.scripts import open_draft
from inquiries.departures import remove_person
from inquiries.models import Inquiry
from inquiries.services import take_message
from tests.cast import House, make_client, make_member, publish_script, ring, talk
from tests.desk.house_desk import supervisor, those_kept_out
from tests.inquiries.stories import fields
from tests.inquiries.test_changed_hours import somebody_waits
from tests.waiting import wait_until

RIGA = ZoneInfo("Europe/Riga")
NOON = datetime(2026, 11, 24, 12, tzinfo=RIGA)  # a Tuesday
MONDAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)


@pytest.fixture
def leaver(house: House) -> Contact:
    """The default contact, with an address."""
    return house.client.contacts.get()


@pytest.fixture
def successor(house: House) -> Contact:
    return add_contact(
        house.client, ContactFields("Jānis", "lv", email="janis@example.test", numbers=(NumberFields("+37129123456"),))
    )


@pytest.fixture
def rota(house: House, leaver: Contact, monkeypatch: pytest.MonkeyPatch) -> Rota:
    """The leaver is on duty every day from 8 to 20; it is noon on a Tuesday."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    made = add_rota(house.client, name="On call")
    add_shifts(made, ShiftFields(leaver, tuple(range(7)), MONDAY, 480, 1200))
    return made


def remove(leaver: Contact, successor: Contact | None, **more: Any) -> Any:
    leaver.refresh_from_db()
    chosen = {"replacement": str(successor.public_id) if successor else "", "revision": leaver.revision}
    address = reverse("desk:remove_contact", args=[leaver.client.public_id, leaver.public_id])
    return supervisor().post(address, chosen | more)


def message_for(house: House, contact: Contact, call: Call | None = None) -> Inquiry:
    call = call or talk(ring(house.line), house.agent)
    return take_message(call, agent=house.agent, fields=fields(contact=contact))


def test_every_use_is_listed_before_anything_happens(house: House, leaver: Contact, rota: Rota) -> None:
    message_for(house, leaver)
    add_override(rota, leaver, NOON + HOUR, NOON + 2 * HOUR)
    member = make_member(house.client)
    Contact.objects.filter(pk=leaver.pk).update(email=member.email.upper())
    address = reverse("desk:remove_contact", args=[house.client.public_id, leaver.public_id])
    page = supervisor().get(address).text
    for said in ("Default contact", "1 open message is for", "On call: Monday 08:00–20:00", "Signs in to the portal"):
        assert said in page
    leaver.refresh_from_db()
    assert leaver.left_at is None


def test_all_is_replaced_in_one_step_and_the_past_stays(
    house: House, leaver: Contact, successor: Contact, rota: Rota
) -> None:
    inquiry = message_for(house, leaver)
    answered = message_for(house, leaver, inquiry.call)
    Inquiry.objects.filter(pk=answered.pk).update(state="answered", answered_at=NOON)
    assert remove(leaver, successor).status_code == 302
    for row in (leaver, successor, inquiry, answered, rota):
        row.refresh_from_db()
    assert (leaver.left_at, leaver.is_default, successor.is_default) == (NOON, False, True)
    assert (inquiry.contact, answered.contact) == (successor, leaver)
    assert Delivery.objects.filter(recipient="janis@example.test").count() == 1
    table = timetable_of(rota)
    on_duty = [table.on_duty(moment) for moment in (NOON - HOUR, NOON, NOON + 7 * HOUR, NOON + 24 * HOUR)]
    assert on_duty == [(leaver.pk,), (successor.pk,), (successor.pk,), (successor.pk,)]
    assert table.on_duty(NOON + 9 * HOUR) == ()  # the shift ends at 20:00, also for who took it over
    assert rota.changes.filter(kind="replaced", summary="Līga Bērziņa → Jānis").count() == 1


def test_a_substitute_passes_what_they_took_over_on(
    leaver: Contact, successor: Contact, house: House, rota: Rota
) -> None:
    other = add_contact(house.client, ContactFields("Zane", "lv"))
    for day in (0, 2):
        start = NOON + timedelta(days=day) - HOUR
        add_override(rota, other, start, start + 3 * HOUR, reason="ill")
    remove(other, successor)
    rota.refresh_from_db()
    table = timetable_of(rota)
    moments = [NOON - HOUR / 2, NOON, NOON + HOUR, NOON + 2 * HOUR, NOON + 48 * HOUR]
    assert [table.on_duty(moment)[0] for moment in moments] == [
        other.pk,
        successor.pk,
        successor.pk,
        leaver.pk,
        successor.pk,
    ]


def test_who_was_to_come_instead_later_today_still_does(
    house: House, leaver: Contact, successor: Contact, rota: Rota
) -> None:
    other = add_contact(house.client, ContactFields("Zane", "lv"))
    add_override(rota, other, NOON + 2 * HOUR, NOON + 4 * HOUR)
    remove(leaver, successor)
    rota.refresh_from_db()
    duties = [timetable_of(rota).on_duty(NOON + hour * HOUR)[0] for hour in (1, 3, 5)]
    assert duties == [successor.pk, other.pk, successor.pk]


def test_without_a_replacement_shifts_end_and_messages_go_to_the_default_contact(
    house: House, leaver: Contact, successor: Contact, rota: Rota
) -> None:
    add_shifts(rota, ShiftFields(successor, (2,), MONDAY, 1260, 1320))
    inquiry = message_for(house, successor)
    assert remove(successor, None).status_code == 302
    inquiry.refresh_from_db()
    assert inquiry.contact == leaver
    rota.refresh_from_db()
    assert not rota.shifts.filter(contact=successor).exists()


def test_the_default_contact_needs_a_successor(leaver: Contact, rota: Rota) -> None:
    answer = remove(leaver, None)
    assert answer.status_code == 422
    leaver.refresh_from_db()
    assert (leaver.left_at, rota.shifts.filter(contact=leaver).count()) == (None, 7)


def test_a_shift_that_the_successor_has_already_is_not_doubled(leaver: Contact, successor: Contact, rota: Rota) -> None:
    add_shifts(rota, ShiftFields(successor, (2,), MONDAY, 480, 1200))
    remove(leaver, successor)
    assert rota.shifts.filter(contact=successor, first_day=MONDAY + timedelta(days=2)).count() == 1


def test_portal_access_ends_only_if_asked_and_never_for_the_last_owner(
    house: House, leaver: Contact, successor: Contact
) -> None:
    owner = make_member(house.client)
    Contact.objects.filter(pk=leaver.pk).update(email=owner.email)
    answer = remove(leaver, successor, ends_login="on")
    assert "only owner" in answer.text
    leaver.refresh_from_db()
    assert (leaver.left_at, leaver.is_default) == (None, True)
    make_member(house.client, role=MembershipRole.OWNER)
    assert remove(leaver, successor, ends_login="on").status_code == 302
    assert not owner.memberships.exists()


def test_portal_access_stays_unless_asked(house: House, leaver: Contact, successor: Contact) -> None:
    owner = make_member(house.client)
    Contact.objects.filter(pk=leaver.pk).update(email=owner.email)
    remove(leaver, successor)
    assert owner.memberships.exists()


@pytest.fixture
def named(house: House, leaver: Contact) -> FaqEntry:
    """The leaver stands in the script in force, in one text as she is called, in another in the accusative."""
    says = (Say("a", {"lv": f"Par to lemj {leaver.name}."}), Say("b", {"lv": "Savienošu ar Līgu Bērziņu."}))
    publish_script(house.line.script, ScriptDefinition({"lv": "Labdien!"}, (*says, Act("finish", "end"))))
    return FaqEntry.objects.create(
        client=house.client, language="lv", question="Kas lemj?", answer=f"{leaver.name}, darbdienās."
    )


def test_texts_that_name_the_person_are_listed_and_get_the_new_name_in_a_new_version(
    house: House, leaver: Contact, successor: Contact, named: FaqEntry
) -> None:
    script = house.line.script
    before, draft = script.current_version(), open_draft(script, user=None)
    page = supervisor().get(reverse("desk:remove_contact", args=[house.client.public_id, leaver.public_id])).text
    assert page.count("<q>") == 3
    assert page.count("in other words here") == 1
    answer = remove(leaver, successor, renames="on")
    messages = [str(message) for message in answer.wsgi_request._messages]
    assert "still named in: Main." in messages[-1]
    current = script.current_version()
    assert current is not None
    said = [step.text["lv"] for step in current.read().steps if isinstance(step, Say)]
    assert said == ["Par to lemj Jānis.", "Savienošu ar Līgu Bērziņu."]
    assert (current.note, current.edited_by is not None) == ("Līga Bērziņa → Jānis", True)
    assert ScriptVersion.objects.get(pk=before.pk if before else 0).definition == draft.definition
    assert script.versions.get(published_at=None).revision == draft.revision + 1
    named.refresh_from_db()
    assert (named.answer, named.revision) == ("Jānis, darbdienās.", 2)


def test_texts_stay_as_they_are_unless_the_new_name_is_wanted(
    house: House, leaver: Contact, successor: Contact, named: FaqEntry
) -> None:
    before = house.line.script.current_version()
    assert remove(leaver, successor).status_code == 302
    assert house.line.script.current_version() == before


def test_a_stranger_and_somebody_gone_cannot_come_instead(house: House, leaver: Contact) -> None:
    gone = add_contact(house.client, ContactFields("Gone", "lv"))
    Contact.objects.filter(pk=gone.pk).update(left_at=clock.now())
    for wrong in (make_client("Svešais").contacts.get(), gone, leaver):
        answer = remove(leaver, wrong)
        assert answer.status_code == 422
        assert "no contact of this client any more" in answer.text


def test_who_was_changed_meanwhile_is_not_removed_unawares(leaver: Contact, successor: Contact) -> None:
    answer = remove(leaver, successor, revision=leaver.revision + 1)
    assert answer.status_code == 422
    assert "Somebody else has saved this" in answer.text


def test_nobody_else_removes_people(house: House, leaver: Contact, successor: Contact) -> None:
    address = reverse("desk:remove_contact", args=[house.client.public_id, leaver.public_id])
    for browser in those_kept_out(house):
        assert browser.post(address, {"replacement": successor.public_id, "revision": 1}).status_code == 404
    assert not Contact.objects.exclude(left_at=None).exists()


def test_open_messages_are_locked_as_the_sweep_of_deadlines_locks_them(live_house: House) -> None:
    leaver = live_house.client.contacts.get()
    successor = add_contact(live_house.client, ContactFields("Jānis", "lv"))
    first = message_for(live_house, leaver)
    last = message_for(live_house, leaver, first.call)
    Inquiry.objects.filter(pk=last.pk).update(due_at=first.due_at - HOUR)

    def let_go() -> None:
        remove_person(leaver, successor, revision=leaver.revision)
        connection.close()

    removal = Thread(target=let_go)
    with transaction.atomic():
        Inquiry.objects.select_for_update().get(pk=first.pk)
        removal.start()
        assert wait_until(somebody_waits)
        Inquiry.objects.select_for_update(nowait=True).get(pk=last.pk)
    removal.join(10)
    assert not Inquiry.objects.filter(contact=leaver).exists()
