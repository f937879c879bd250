from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import StaffRole
from answering.lib import clock
from clients.models import Notice
from tests.cast import House, make_client, make_line, make_member, publish_script, ring, said, talk
from tests.console.conftest import open_console_of
from tests.desk.office import administrator, filled_in, signed_in_as


def put_up(house: House, text: str = "Bojārs atpakaļ 14:00", **fields: Any) -> Notice:
    now = clock.now()
    values = {"client": house.client, "starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)}
    return Notice.objects.create(text=text, **values | fields)


def test_a_running_notice_stands_beside_the_call(house: House) -> None:
    other = make_line(house.client, name="Vaccines")
    elsewhere = make_client("Baltė")
    now = clock.now()
    put_up(house)
    put_up(house, "Only vaccines", line=other)
    put_up(house, "Over", starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1))
    put_up(house, "Later", starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    put_up(house, "Of another", client=elsewhere)
    console = open_console_of(house.agent)
    call = ring(house.line)
    for board in (console.board(), console.board() if talk(call, house.agent) else ""):
        assert "Bojārs atpakaļ 14:00" in board
        assert not [text for text in ("Only vaccines", "Over<", "Later", "Of another") if text in board]


def test_a_script_can_read_the_notice_out(house: House) -> None:
    put_up(house)
    put_up(house, "Streiks piektdien.")
    publish_script(house.line.script, said("lv", "Labdien!", words="Ievērojiet: {notice}"))
    console = open_console_of(house.agent)
    talk(ring(house.line), house.agent)
    assert "Ievērojiet: Bojārs atpakaļ 14:00 Streiks piektdien." in console.board().replace("</mark>", "").replace(
        "<mark>", ""
    )


def test_callers_read_what_is_public_and_nothing_else(house: House) -> None:
    put_up(house, "For agents")
    put_up(house, "Streiks & svētki", is_public=True)
    page = Browser().get(f"/phone/{house.line.slug}/").text
    assert "Streiks &amp; svētki" in page
    assert "For agents" not in page


def test_a_notice_is_written_in_the_time_of_its_client(house: House) -> None:
    house.client.time_zone = "Europe/Athens"
    house.client.save()
    browser = administrator()
    new = reverse("desk:new-notice", args=[house.client.public_id])
    values = filled_in(browser.get(new), text="Απεργία", starts_at="2031-03-24T09:00", ends_at="2031-03-24T17:00")
    assert browser.post(new, values).status_code == 302
    notice = Notice.objects.get()
    assert notice.starts_at.isoformat() == "2031-03-24T07:00:00+00:00"
    edit = reverse("desk:edit-notice", args=[house.client.public_id, notice.public_id])
    assert 'value="2031-03-24T09:00"' in browser.get(edit).text
    assert "Απεργία" in browser.get(reverse("desk:notices", args=[house.client.public_id])).text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "This field is required."),
        ({"text": "x" * 401}, "at most 400 characters"),
        ({"ends_at": "2031-03-24T08:00"}, "The notice ends before it begins."),
        ({"ends_at": "9999-12-31T00:00"}, "A notice ends within ten years."),
        ({"starts_at": "2001-03-24T08:00", "ends_at": "2001-03-25T08:00"}, "nobody would see the notice"),
        ({"starts_at": "2031-02-30T08:00"}, "Enter a valid date/time."),
        ({"starts_at": "2031-03-30T03:30"}, "couldn’t be interpreted in time zone"),
        ({"line": "0"}, "not one of the available choices"),
    ],
)
def test_impossible_notices_are_told_and_not_kept(house: House, fields: dict[str, object], sentence: str) -> None:
    browser = administrator()
    new = reverse("desk:new-notice", args=[house.client.public_id])
    values = {"text": "Streiks", "starts_at": "2031-03-24T09:00", "ends_at": "2031-03-31T17:00"} | fields
    answer = browser.post(new, values)
    assert (answer.status_code, Notice.objects.count()) == (422, 0)
    assert sentence in answer.text.replace("&#x27;", "’")


def test_lines_of_others_are_neither_offered_nor_stored(house: House) -> None:
    line = make_line(make_client("Baltė"), name="Foreign")
    assert "Foreign" not in administrator().get(reverse("desk:new-notice", args=[house.client.public_id])).text
    put_up(house, line=line)
    with pytest.raises(IntegrityError, match="notice_line_same_client"), transaction.atomic():
        connection.check_constraints()
    Notice.objects.all().delete()


def test_a_notice_is_ended_or_withdrawn_by_whoever_is_first(house: House) -> None:
    browser = administrator()
    running, coming = put_up(house), put_up(house, starts_at=clock.now() + timedelta(minutes=30))
    end = [reverse("desk:end-notice", args=[house.client.public_id, each.public_id]) for each in (running, coming)]
    edit = reverse("desk:edit-notice", args=[house.client.public_id, running.public_id])
    before = browser.get(edit)
    for address in end:
        assert "The notice is over." in browser.post(address, {"revision": 1}, follow=True).text
    running.refresh_from_db()
    assert running.is_over
    assert not Notice.objects.filter(pk=coming.pk).exists()
    assert "Somebody else" in browser.post(end[0], {"revision": 1}, follow=True).text
    assert browser.post(edit, filled_in(before, text="Later")).status_code == 422
    assert browser.post(end[0], {"revision": ""}).status_code == 404


def test_only_administrators_find_notices_and_only_under_their_client(house: House) -> None:
    notice, other = put_up(house), make_client("Baltė")
    known = [house.client.public_id]
    pages = [reverse(name, args=known) for name in ("desk:notices", "desk:new-notice")]
    pages += [reverse("desk:edit-notice", args=[*known, notice.public_id])]
    owner = Browser()
    owner.force_login(make_member(house.client))
    for page in pages:
        assert administrator().get(page).status_code == 200
        assert signed_in_as(StaffRole.SUPERVISOR).get(page).status_code == 404
        assert owner.get(page).status_code == 404
    wrong = reverse("desk:edit-notice", args=[other.public_id, notice.public_id])
    assert administrator().get(wrong).status_code == 404
