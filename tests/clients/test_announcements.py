"""Changes of the terms: who is told, when, in which words, and what is kept of it."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext

from answering.accounts.models import User
from answering.lib import clock
from answering.outbox.models import Delivery
from clients.announcement_text import Wording, digest_of
from clients.errors import ChangedMeanwhile, ConsultantNeeded, NothingChanges, NoticeTooShort, TextUnknown
from clients.models import Acknowledgement, Announcement, AnnouncementCopy, AnnouncementKind, Client, Membership
from clients.services.announcements import Announced, acknowledge, announce, earliest_effect
from clients.services.contracts import Terms, announce_terms, figures_of_terms, put_terms_in_force, terms_at
from clients.tasks import put_terms_in_force as put_terms_in_force_task
from clients.tasks import tell_of_changes
from tests.calls.threads import all_at_once
from tests.cast import House, make_calendar, make_client, make_house, make_member, make_user

RIGA = ZoneInfo("Europe/Riga")
NOON = datetime(2026, 11, 24, 12, tzinfo=RIGA)  # a Tuesday
NEW_YEAR = datetime(2027, 1, 1, tzinfo=RIGA)
IN_WORDS = Wording(notes={"lv": "Turpmāk atbildam arī sestdienās."})


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOON)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def owner(house: House) -> User:
    return make_member(house.client)


def announced(client: Client, effective_at: datetime = NEW_YEAR, *, reason: str = "") -> Announcement:
    said = Announced(effective_at, None, IN_WORDS, reason)
    return announce(client, AnnouncementKind.CONTRACT, said)


def confirmed(announcement: Announcement, user: User) -> Acknowledgement:
    return acknowledge(announcement, user=user, digest=announcement.text_for(user.language).digest)


def letters() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("recipient", "subject"))


def test_every_owner_is_told_in_their_language_and_nobody_else(house: House, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(language="lv")
    second = make_member(house.client, "Eleni")
    make_member(house.client, role="member")
    gone = make_member(house.client, "Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    make_member(make_client("Svešais"))
    announcement = announced(house.client)
    assert [to for to, _subject in letters()] == [owner.email, second.email]
    letter = Delivery.objects.get(recipient=owner.email)
    assert letter.language == "lv"
    assert "Turpmāk atbildam arī sestdienās." in letter.body
    assert "2027. gada 1. janvāris" in letter.body
    assert f"/portal/terms/{announcement.public_id}/" in letter.body
    assert announcement.texts.count() == 4


def test_an_owner_who_comes_before_it_takes_effect_is_told_once_and_one_who_comes_later_is_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    announcement = announced(house.client)
    assert letters() == []
    new = make_member(house.client)
    tell_of_changes()
    tell_of_changes()
    assert [to for to, _subject in letters()] == [new.email]
    assert list(Announcement.objects.waiting_for(new)) == [announcement]
    at(monkeypatch, NEW_YEAR)
    late = make_member(house.client, "Late")
    tell_of_changes()
    assert len(letters()) == 1
    assert list(Announcement.objects.waiting_for(late)) == []


def test_the_notice_agreed_is_counted_in_whole_days_of_the_client(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert earliest_effect(house.client) == datetime(2026, 12, 25, tzinfo=RIGA)
    at(monkeypatch, datetime(2026, 11, 24, 22, 30, tzinfo=ZoneInfo("UTC")))  # the 25th in Riga
    assert earliest_effect(house.client) == datetime(2026, 12, 26, tzinfo=RIGA)
    house.client.notice_days = 0
    assert earliest_effect(house.client) == datetime(2026, 11, 26, tzinfo=RIGA)


def test_short_notice_needs_a_reason_which_the_owners_read(house: House, owner: User) -> None:
    soon = datetime(2026, 12, 24, tzinfo=RIGA)
    with pytest.raises(NoticeTooShort) as refusal:
        announced(house.client, soon)
    assert refusal.value.earliest == datetime(2026, 12, 25, tzinfo=RIGA)
    assert not Announcement.objects.exists()
    assert letters() == []
    announcement = announced(house.client, soon, reason="Tas ir jūsu labā.")
    assert announcement.is_short
    assert "Tas ir jūsu labā." in Delivery.objects.get().body
    with pytest.raises(IntegrityError, match="short_notice_has_reason"), transaction.atomic():
        Announcement.objects.create(
            client=house.client, kind="contract", effective_at=soon, notice_days=30, is_short=True
        )
    assert not announced(house.client, NEW_YEAR, reason="Not needed").reason


def test_a_reminder_goes_once_to_who_has_not_confirmed(
    house: House, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, left = make_member(house.client, "Quick"), make_member(house.client, "Left")
    house.client.calendar = make_calendar(always=False, country="LV")
    announcement = announced(house.client)
    confirmed(announcement, quick)
    assert announcement.remind_at == datetime(2026, 12, 28, 9, tzinfo=RIGA), "the 31st is a holiday in Latvia"
    at(monkeypatch, announcement.remind_at - timedelta(seconds=1))
    tell_of_changes()
    assert len(letters()) == 3
    Membership.objects.filter(user=left).delete()
    at(monkeypatch, announcement.remind_at)
    tell_of_changes()
    tell_of_changes()
    assert letters()[3:] == [(owner.email, f"Reminder: {announcement.text_for('en').subject}")]
    assert AnnouncementCopy.objects.get(user=owner).reminder == Delivery.objects.latest("pk")


def test_what_begins_too_soon_for_a_reminder_has_none(house: House) -> None:
    announcement = announced(house.client, NOON + timedelta(days=1), reason="At once")
    assert announcement.remind_at is None


def test_an_acknowledgement_keeps_who_when_and_the_very_words(
    house: House, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    announcement = announced(house.client)
    at(monkeypatch, NOON + timedelta(hours=1))
    row = confirmed(announcement, owner)
    assert (row.user, row.acknowledged_at) == (owner, NOON + timedelta(hours=1))
    assert row.digest == digest_of(row.text.subject, row.text.body)
    at(monkeypatch, NOON + timedelta(hours=2))
    assert acknowledge(announcement, user=owner, digest=announcement.text_for("lv").digest) == row, "the first counts"
    assert list(Announcement.objects.waiting_for(owner)) == []
    other = announced(house.client, NEW_YEAR + timedelta(days=1))
    with pytest.raises(TextUnknown):
        acknowledge(announcement, user=make_user(), digest=other.text_for("en").digest)


GUARDED = [
    "UPDATE clients_acknowledgement SET acknowledged_at = now()",
    "DELETE FROM clients_acknowledgement",
    "UPDATE clients_announcementtext SET body = 'other'",
    "UPDATE clients_announcement SET effective_at = now()",
    "DELETE FROM clients_announcement",
]


def test_nothing_of_it_can_be_changed_afterwards(house: House, owner: User) -> None:
    confirmed(announced(house.client), owner)
    for statement in GUARDED:
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_of_acknowledgements_at_the_same_moment_one_is_kept_and_beats_at_once_tell_once() -> None:
    client = make_house().client
    announcement = announced(client)
    owner = make_member(client)
    results = all_at_once(tell_of_changes, tell_of_changes, tell_of_changes)
    assert [to for to, _subject in letters()] == [owner.email], results
    results = all_at_once(*[lambda: confirmed(announcement, owner)] * 3)
    assert len({getattr(each, "pk", each) for each in results}) == 1
    assert Acknowledgement.objects.count() == 1


def test_new_terms_hold_from_their_day_on(house: House, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    new = Terms("standard", ("messages", "orders"), timedelta(hours=4), 60)
    announcement = announce_terms(house.client, new, Announced(NEW_YEAR, owner, Wording()), seen=1)
    body = announcement.text_for("en").body
    for words in ("Services: Messages → Messages · Orders", "8 working hours → 4 working hours", "30 days → 60 days"):
        assert words in body
    assert "Plan" not in body
    put_terms_in_force_task()
    assert Terms.of(Client.objects.get(pk=house.client.pk)).notice_days == 30
    at(monkeypatch, NEW_YEAR)
    assert [put_terms_in_force_task(), put_terms_in_force_task()] == [1, 0]
    house.client.refresh_from_db()
    assert Terms.of(house.client) == new
    assert house.client.revision == 3


def test_what_cannot_be_agreed_is_refused_and_nobody_is_told(house: House, owner: User) -> None:
    old, said = Terms.of(house.client), Announced(NEW_YEAR, owner, Wording())
    vip = Terms("vip", old.services, old.response_target, old.notice_days)
    for terms, error in ((old, NothingChanges), (vip, ConsultantNeeded)):
        with pytest.raises(error):
            announce_terms(Client.objects.get(pk=house.client.pk), terms, said, seen=1)
    later = Terms(old.plan, old.services, old.response_target, 90)
    with pytest.raises(ChangedMeanwhile):
        announce_terms(house.client, later, said, seen=7)
    assert letters() == []
    assert Client.objects.get(pk=house.client.pk).revision == 1


def test_terms_that_the_database_refuses_stay_due_and_do_not_stop_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_client("Baltė", provider=house.client.provider)
    Client.objects.filter(pk=house.client.pk).update(consultant=house.agent)
    house.client.refresh_from_db()
    old = Terms.of(house.client)
    said = Announced(NEW_YEAR, None, Wording())
    vip = Terms("vip", old.services, old.response_target, old.notice_days)
    announcement = announce_terms(house.client, vip, said, seen=1)
    announce_terms(other, Terms(old.plan, old.services, old.response_target, 90), said, seen=1)
    Client.objects.filter(pk=house.client.pk).update(consultant=None)
    at(monkeypatch, NEW_YEAR)
    assert put_terms_in_force() == 1
    announcement.refresh_from_db()
    assert announcement.is_overdue
    Client.objects.filter(pk=house.client.pk).update(consultant=house.agent)
    assert put_terms_in_force() == 1


def hours_agreed(client: Client, hours: int, effective_at: datetime, *, plan: str = "standard") -> Announcement:
    """Announced: a reply within so many hours from then on, all else as it is then."""
    client.refresh_from_db()
    new = replace(terms_at(client, effective_at), plan=plan, response_target=timedelta(hours=hours))
    return announce_terms(client, new, Announced(effective_at, None, Wording()), seen=client.revision)


def test_a_change_is_told_against_what_was_announced_before_it(house: House) -> None:
    told = [hours_agreed(house.client, hours, NEW_YEAR + timedelta(days=30 * at)) for at, hours in enumerate((4, 6, 8))]
    told += [hours_agreed(house.client, 7, NEW_YEAR + timedelta(days=15)), hours_agreed(house.client, 3, NEW_YEAR)]
    steps = [re.search(r"(\d+) working hours → (\d+)", each.text_for("en").body) for each in told]
    assert [step.groups() for step in steps if step] == [("8", "4"), ("4", "6"), ("6", "8"), ("4", "7"), ("4", "3")]
    with pytest.raises(NothingChanges):
        hours_agreed(house.client, 3, NEW_YEAR)


HOURS = {
    "en": ["1.5 working hours", "1 working hour", "21 working hours"],
    "lv": ["1.5 h darba laika", "1 h darba laika", "21 h darba laika"],
    "lt": ["1.5 darbo val.", "1 darbo val.", "21 darbo val."],
    "el": ["1.5 εργάσιμες ώρες", "1 εργάσιμη ώρα", "21 εργάσιμες ώρες"],
}


def test_hours_are_told_as_each_language_counts() -> None:
    terms = [Terms("standard", (), timedelta(hours=hours), 30) for hours in (1.5, 1, 21)]
    for language, told in HOURS.items():
        with translation.override(language):
            figures = [figures_of_terms(each)[gettext("Reply within")] for each in terms]
        assert [figure.replace("\xa0", " ") for figure in figures] == told


def test_what_was_held_up_leaves_what_was_agreed_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    Client.objects.filter(pk=house.client.pk).update(consultant=house.agent)
    hours_agreed(house.client, 4, NEW_YEAR, plan="vip")
    hours_agreed(house.client, 2, NEW_YEAR + timedelta(days=30), plan="vip")
    Client.objects.filter(pk=house.client.pk).update(consultant=None)
    at(monkeypatch, NEW_YEAR + timedelta(days=31))
    assert put_terms_in_force() == 1, "no consultant, no VIP"
    house.client.refresh_from_db()
    coming = terms_at(house.client, clock.now())
    Client.objects.filter(pk=house.client.pk).update(consultant=house.agent)
    assert put_terms_in_force() == 1
    house.client.refresh_from_db()
    assert Terms.of(house.client) == coming
    assert (house.client.plan, house.client.response_target) == ("vip", timedelta(hours=2))


def test_only_owners_see_announcements(house: House, owner: User) -> None:
    announced(house.client)
    member = make_member(house.client, role="member")
    stranger = make_member(make_client("Svešais"))
    seen = [Announcement.objects.visible_to(user).count() for user in (owner, member, stranger, house.agent.user)]
    assert seen == [1, 0, 0, 0]
