"""The portal through HTTP: an owner, a colleague without the right, a stranger, staff, nobody."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import User
from answering.lib import clock
from answering.portal.ledger_view import ledger_view
from billing.services import rate_call
from calls.models import Call, Disposition, Party, ScriptAnswer
from calls.services import close_call, end_call, hear_agent, note_heartbeat, renew_audio, run_due_timers, save_answer
from clients.models import Membership
from clients.scripts import Act, Ask, ScriptDefinition
from inquiries.models import Urgency
from inquiries.services import MessageFields, take_message
from tests.cast import House, make_agent, make_client, make_line, make_member, publish_script, ring, talk


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def owner(house: House) -> User:
    return make_member(house.client)


def answered_call(house: House, monkeypatch: pytest.MonkeyPatch, *, seconds: int) -> Call:
    """A call whose talk lasted so many seconds, closed and priced."""
    call = talk(ring(house.line), house.agent)
    later = clock.now() + timedelta(seconds=seconds)
    monkeypatch.setattr(clock, "now", lambda: later)
    end_call(call.pk, agent=house.agent)
    close_call(call.pk, agent=house.agent, disposition=Disposition.MESSAGE)
    rate_call(call.pk)
    call.refresh_from_db()
    return call


def test_the_owner_sees_the_calls_of_the_company(house: House, owner: User) -> None:
    call = ring(house.line, name="Kristīne Ozoliņa")
    page = signed_in(owner).get(reverse("portal:calls"))
    assert page.status_code == 200
    assert "Kristīne Ozoliņa" in page.text
    assert reverse("portal:call", args=[call.public_id]) in page.text


def test_what_the_caller_answered_stands_on_the_call_s_page_and_is_found(house: House, owner: User) -> None:
    ask = Ask("district", "Apkaime", {"lv": "No kuras apkaimes zvanāt?"})
    publish_script(house.line.script, ScriptDefinition({"lv": "Labdien!"}, (ask, Act("finish", "end"))))
    call = talk(ring(house.line), house.agent)
    save_answer(call, agent=house.agent, step_key="district", given="Āgenskalns", revision=1)
    page = signed_in(owner).get(reverse("portal:call", args=[call.public_id]))
    assert "Apkaime" in page.text
    assert "Āgenskalns" in page.text
    listed = reverse("portal:call", args=[call.public_id])
    assert listed in signed_in(owner).get(reverse("portal:calls"), {"number": "agenskal"}).text
    assert listed not in signed_in(owner).get(reverse("portal:calls"), {"number": "purvciems"}).text
    stranger = make_member(make_client("Svešais"))
    assert not ScriptAnswer.objects.visible_to(stranger).exists()


def test_a_call_shows_its_message_its_seconds_and_its_price(house: House, owner: User) -> None:
    call = talk(ring(house.line, name="Kristīne Ozoliņa"), house.agent)
    fields = MessageFields("Kristīne Ozoliņa", "+37126123456", "Lūdzu pārcelt vizīti.", Urgency.URGENT, None)
    take_message(call, agent=house.agent, fields=fields)
    end_call(call.pk, agent=house.agent)
    close_call(call.pk, agent=house.agent, disposition=Disposition.MESSAGE)
    record = rate_call(call.pk)
    assert record is not None
    page = signed_in(owner).get(reverse("portal:call", args=[call.public_id])).text
    assert "Lūdzu pārcelt vizīti." in page
    assert "Timeline" in page
    assert "Total without VAT" in page or "waiting costs you nothing" in page


@pytest.mark.parametrize("name", ["portal:home", "portal:calls"])
def test_staff_and_strangers_find_no_portal(house: House, name: str) -> None:
    assert signed_in(house.agent.user).get(reverse(name)).status_code == 404


def test_another_company_gets_404_for_a_call(house: House) -> None:
    stranger = make_member(make_client("Baltė"), "Rūta Kazlauskienė")
    call = ring(house.line)
    assert signed_in(stranger).get(reverse("portal:call", args=[call.public_id])).status_code == 404
    assert str(call.public_id) not in signed_in(stranger).get(reverse("portal:calls")).text


def test_a_colleague_without_the_right_gets_404(house: House) -> None:
    colleague = make_member(house.client, "Jānis Liepa", role="member", may_see_calls=False)
    call = ring(house.line)
    browser = signed_in(colleague)
    assert browser.get(reverse("portal:calls")).status_code == 404
    assert browser.get(reverse("portal:call", args=[call.public_id])).status_code == 404
    assert browser.post(reverse("portal:ticket")).status_code == 404


def test_a_member_without_prices_sees_none(house: House) -> None:
    member = make_member(house.client, "Jānis Liepa", role="member")
    call = ring(house.line)
    browser = signed_in(member)
    assert "Price" not in browser.get(reverse("portal:calls")).text
    assert "Price" not in browser.get(reverse("portal:call", args=[call.public_id])).text


def test_who_is_not_signed_in_is_sent_to_sign_in(house: House) -> None:
    answer = Browser().get(reverse("portal:calls"))
    assert answer.status_code == 302
    assert reverse("account_login") in answer["Location"]


def test_calls_are_filtered_by_number_name_line_outcome_and_day(house: House, owner: User) -> None:
    other_line = make_line(house.client, name="Vakcinācija")
    ring(house.line, number="+37126111111", name="Māris Šķēle")
    ring(other_line, number="+37129222222", name="Inese Kalniņa")
    browser = signed_in(owner)

    def found(**asked: str) -> tuple[bool, bool]:
        text = browser.get(reverse("portal:calls"), asked).text
        return "Māris" in text, "Inese" in text

    assert found(number="6111") == (True, False)
    assert found(number="skele") == (True, False)
    assert found(line=other_line.slug) == (False, True)
    assert found(outcome="answered") == (False, False)
    today = clock.now().date()
    assert found(since=str(today - timedelta(days=2)), until=str(today + timedelta(days=1))) == (True, True)
    assert found(until=str(today - timedelta(days=3))) == (False, False)


def test_a_wrong_filter_says_so_and_finds_nothing(house: House, owner: User) -> None:
    ring(house.line, name="Māris Šķēle")
    browser = signed_in(owner)
    page = browser.get(reverse("portal:calls"), {"since": "2026-11-20", "until": "2026-11-01"}).text
    assert "The last day is before the first." in page
    assert "Māris" not in page
    assert (
        browser.get(reverse("portal:calls"), {"since": "yesterday", "line": "nowhere", "before": "x"}).status_code
        == 200
    )


def test_pages_are_turned_without_losing_or_repeating_a_call(house: House, owner: User) -> None:
    begin = clock.now() - timedelta(days=1)
    expected = {str(ring(house.line, at=begin + timedelta(seconds=n // 2)).public_id) for n in range(65)}
    browser = signed_in(owner)
    seen: list[str] = []
    mark: dict[str, str] = {}
    while True:
        page = browser.get(reverse("portal:calls"), mark).context["page"]
        seen += [str(call.public_id) for call in page.rows]
        if page.older is None:
            break
        mark = {"before": str(page.older)}
    assert len(seen) == 65
    assert set(seen) == expected
    newest = browser.get(reverse("portal:calls"), {"after": seen[30]}).context["page"]
    assert [str(call.public_id) for call in newest.rows] == seen[:30]


def test_the_list_costs_the_same_queries_however_many_calls(
    house: House, owner: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for _ in range(30):
        ring(house.line)
    browser = signed_in(owner)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        browser.get(reverse("portal:calls"))


def test_a_member_of_two_companies_chooses_between_them(house: House, owner: User) -> None:
    other = make_client("Baltė", provider=house.client.provider, language="lt")
    Membership.objects.create(client=other, user=owner, role="owner")
    shown = ring(make_line(other), name="Rūta Žemaitytė")
    ring(house.line, name="Māris Šķēle")
    browser = signed_in(owner)
    assert "Rūta" in browser.get(reverse("portal:calls")).text
    browser.post(reverse("portal:company"), {"company": str(house.client.public_id)})
    text = browser.get(reverse("portal:calls")).text
    assert "Māris" in text
    assert "Rūta" not in text
    letters_link = reverse("portal:call", args=[shown.public_id])
    assert "Rūta" in browser.get(letters_link, follow=True).text
    stranger = make_client("Svetima", provider=house.client.provider)
    assert browser.post(reverse("portal:company"), {"company": str(stranger.public_id)}).status_code == 404


def test_the_price_can_be_read_as_seconds_times_rate(
    house: House, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = answered_call(house, monkeypatch, seconds=67)
    record = call.usage.get()
    assert record.billable_seconds == call.talk_seconds >= 66
    assert record.exact_amount == Decimal(call.talk_seconds) * Decimal("0.0150")
    page = signed_in(owner).get(reverse("portal:call", args=[call.public_id])).text
    assert f"{call.talk_seconds} s × 0.0150\xa0€/s" in page.replace("0.0150 €", "0.0150\xa0€")


def test_each_stretch_of_talk_names_who_spoke(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_agent("Pēteris Zars", clients=(house.client,))
    moment = clock.now()

    def after(seconds: int) -> None:
        nonlocal moment
        moment += timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda: moment)

    after(0)
    call = talk(ring(house.line), house.agent)
    after(30)
    renew_audio(call.pk, party=Party.AGENT, agent=house.agent)
    after(20)
    note_heartbeat(call, party=Party.CALLER, generation=1, packets_received=90)
    run_due_timers()
    call.refresh_from_db()
    hear_agent(other, other.console_id)  # type: ignore[arg-type]
    talk(call, other)
    after(10)
    end_call(call.pk, agent=other)
    notes = [(row.part, row.note) for row in ledger_view(call).rows if row.part == "talk"]
    assert [note for _part, note in notes][-1] == "with Pēteris Zars"
    assert {note for _part, note in notes[:-1]} <= {"with Nora Kalna"}
