import re

import pytest
from django.conf import LazySettings
from django.test import Client as Http
from django.utils import translation

from answering.lib import clock
from calls.models import Call
from tests.cast import House, make_calendar, make_line
from tests.phone.caller import CallersPage


@pytest.fixture
def http() -> Http:
    return Http()


def language_of(http: Http, path: str, **headers: str) -> str:
    answer = http.get(path, headers=headers)
    found = re.search(r'<html lang="(\w+)"', answer.content.decode())
    assert found
    assert answer.headers["Content-Language"] == found[1]
    return found[1]


def test_the_page_speaks_the_line_s_language_unless_told_otherwise(
    house: House, http: Http, settings: LazySettings
) -> None:
    path = f"/phone/{house.line.slug}/"
    assert language_of(http, path) == "lv"
    assert language_of(http, path, **{"Accept-Language": "el,en;q=0.8"}) == "lv"
    http.cookies[settings.LANGUAGE_COOKIE_NAME] = "lt"
    assert language_of(http, path) == "lt"
    assert language_of(http, f"{path}?language=el") == "el"
    assert language_of(http, f"{path}?language=xx") == "lt"
    http.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx"
    assert language_of(http, path) == "lv"


def test_the_page_names_its_client_and_offers_one_button(house: House, http: Http) -> None:
    page = http.get(f"/phone/{house.line.slug}/?language=en").content.decode()
    assert "<title>Klīnika Sirds" in page
    assert "Call Klīnika Sirds" in page


def test_the_client_s_name_cannot_bring_markup(house: House, http: Http) -> None:
    house.client.name = '<img src=x onerror="alert(1)">'
    house.client.save()
    page = http.get(f"/phone/{house.line.slug}/").content.decode()
    assert "<img src=x" not in page


def test_nobody_may_frame_the_page_unless_the_line_says_so(house: House, http: Http) -> None:
    answer = http.get(f"/phone/{house.line.slug}/")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_line_s_sites_may_frame_the_page_and_nothing_else_may_slip_in(house: House, http: Http) -> None:
    house.line.frame_ancestors = (
        "https://sirds.example http://localhost:8080 https://*.sirds.example *  javascript:alert(1) "
        "https://a.example; script-src * 'self' data: https://a.example/path"
    )
    house.line.save()
    answer = http.get(f"/phone/{house.line.slug}/")
    policy = {part.split(" ")[0]: part for part in answer.headers["Content-Security-Policy"].split("; ")}
    expected = "frame-ancestors 'self' https://sirds.example http://localhost:8080 https://*.sirds.example"
    assert policy["frame-ancestors"] == expected
    assert policy["script-src"] == "script-src 'self'"
    assert "X-Frame-Options" not in answer.headers


def closed_line(house: House, *, weekday: int, language: str = "lv", zone: str = "Europe/Athens") -> str:
    calendar = make_calendar(zone=zone)
    calendar.intervals.all().delete()
    calendar.intervals.create(weekday=weekday, opens_minute=545, closes_minute=1020)
    return make_line(house.client, calendar=calendar, language=language).slug


def test_a_closed_line_says_on_its_page_and_in_its_refusal_when_it_opens(house: House, http: Http) -> None:
    slug = closed_line(house, weekday=(clock.now().weekday() + 3) % 7, language="el")
    page = http.get(f"/phone/{slug}/").content.decode()
    assert "09:05" in page
    refused = CallersPage(slug, language="el").dial()
    assert (refused.status, refused.said["error"]) == (409, "line_closed")
    assert refused.said["message"] in page
    with translation.override("el"):
        weekday = page[page.index("09:05") - 60 : page.index("09:05")]
    assert any(name in weekday for name in ("Δευτέρα", "Τρίτη", "Τετάρτη", "Πέμπτη", "Παρασκευή", "Σάββατο", "Κυριακή"))
    assert not Call.objects.exists()


def test_a_line_without_any_hours_does_not_promise_an_opening(house: House, http: Http) -> None:
    calendar = make_calendar()
    calendar.intervals.all().delete()
    slug = make_line(house.client, calendar=calendar).slug
    assert "not known yet" in http.get(f"/phone/{slug}/?language=en").content.decode()
    refused = CallersPage(slug, language="en").dial()
    assert refused.said["message"] == "It is not known yet when we open again."


def test_no_script_or_style_is_in_the_page_itself(house: House, http: Http) -> None:
    page = http.get(f"/phone/{house.line.slug}/").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\sstyle=|<style|\son\w+=", page)
