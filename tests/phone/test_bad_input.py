import json
import uuid
from typing import Any

import pytest
from django.conf import LazySettings

from calls.models import BrowserCall, Call, CallEvent, CallLeg, CallOffer, MediaExchange
from calls.services import claim_call, offer_media
from tests.cast import House, make_line
from tests.phone.caller import SDP, CallersPage, new_key


@pytest.fixture
def page(house: House) -> CallersPage:
    return CallersPage(house.line.slug)


def everything() -> list[Any]:
    """All rows that a caller's page can change, to compare before and after."""
    tables: tuple[Any, ...] = (Call, BrowserCall, CallLeg, CallOffer, CallEvent, MediaExchange)
    return [list(table.objects.order_by("pk").values()) for table in tables]


WRONG_CALLS = {
    "no key": {"key": ""},
    "a short key": {"key": "abc"},
    "a key that is no hexadecimal number": {"key": "g" * 32},
    "a key that is a number": {"key": 12345678901234567890123456789012},
    "a name of 201 letters": {"name": "ā" * 201},
    "a name that is a list": {"name": ["Anna"]},
    "a name that is an object": {"name": {"first": "Anna"}},
    "a number of 33 digits": {"number": "1" * 33},
    "a number nobody has": {"number": "+371 12"},
    "a number of letters": {"number": "call me"},
    "a number as JSON number": {"number": 26123456},
}


@pytest.mark.parametrize("wrong", WRONG_CALLS.values(), ids=WRONG_CALLS.keys())
def test_a_call_with_wrong_values_is_refused_and_changes_nothing(page: CallersPage, wrong: dict[str, Any]) -> None:
    page.dial(**({"key": new_key()} | wrong))
    assert page.status == 400
    assert page.said["error"] == "invalid"
    assert page.said["message"]
    assert list(page.said["fields"]) == list(wrong)
    assert not Call.objects.exists()


NOT_JSON = {
    "nothing": "",
    "words": "hello",
    "half an object": '{"key":',
    "a list": "[]",
    "a number": "1",
    "null": "null",
    "brackets without end": "[" * 8000,
    "a number without end": '{"generation": ' + "9" * 6000 + "}",
    "bytes that are no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_a_json_object_is_refused(page: CallersPage, body: str | bytes) -> None:
    page.dial()
    before = everything()
    for path in (f"/phone/{page.slug}/calls", f"/phone/calls/{page.call}/heartbeat"):
        assert page.post(path, body).status == 400
        assert page.said["message"]
    assert everything() == before


WRONG_FACTS: dict[str, list[dict[str, Any]]] = {
    "heartbeat": [
        {},
        {"generation": -1, "packets": 1},
        {"generation": 0, "packets": -1},
        {"generation": 0, "packets": 2**63},
        {"generation": 2**31, "packets": 1},
        {"generation": "0", "packets": "1"},
        {"generation": 0.5, "packets": 1},
        {"generation": True, "packets": 1},
        {"generation": None, "packets": 1},
        {"generation": 0, "packets": []},
    ],
    "media/1/answer": [
        {},
        {"sdp": ""},
        {"sdp": "hello"},
        {"sdp": 0},
        {"sdp": "v=0\r\n" + "a=x\r\n" * 7000},
        {"sdp": "v=0\r\na=\u0000\r\n"},
        {"sdp": "v=0\r\na=\ud800\r\n"},
    ],
    "hang-up": [
        {},
        {"key": "a b", "ago_ms": 0},
        {"key": "a", "ago_ms": -1},
        {"key": "a", "ago_ms": 10**12},
        {"key": "a"},
    ],
    "details": [
        {},
        {"name": "Anna", "number": ""},
        {"name": "Anna", "number": "0"},
        {"name": "x" * 201, "number": "26123456"},
    ],
    "leaving": [{}, {"token": 5}, {"token": "f" * 65}],
}


@pytest.mark.parametrize(("what", "wrong"), [(what, wrong) for what, all_ in WRONG_FACTS.items() for wrong in all_])
def test_wrong_facts_are_refused_and_change_nothing(house: House, page: CallersPage, what: str, wrong: Any) -> None:
    page.dial()
    offer_media(claim_call(page.row.pk, agent=house.agent), generation=1, sdp=SDP)
    before = everything()
    assert page.tell(what, wrong).status == 400
    assert page.said["message"]
    assert everything() == before


def test_a_body_that_is_too_large_is_not_read(page: CallersPage) -> None:
    page.dial()
    before = everything()
    for what, size in (("heartbeat", 9_000), ("details", 9_000), ("media/1/answer", 70_000), ("leaving", 1_000_000)):
        assert page.tell(what, {"sdp": "v=0" + "x" * size}).status == 413
        assert page.said["error"] == "too_large"
    assert page.post(f"/phone/{page.slug}/calls", {"key": new_key(), "name": "x" * 300_000}).status == 413
    assert everything() == before


NAMES = {
    "emoji": ("👩‍⚕️ Anna 🇱🇻", "👩‍⚕️ Anna 🇱🇻"),
    "right to left": ("שלום עולם", "שלום עולם"),
    "arabic": ("محمد علي", "محمد علي"),
    "overridden direction": ("Anna\u202e!etirW", "Anna!etirW"),
    "isolated direction": ("\u2066Anna\u2069", "Anna"),
    "control characters": ("An\u0000na\u0007\u001b[31m", "Anna[31m"),
    "several lines": ("Anna\r\nOzola\tkundze", "Anna Ozola kundze"),
    "half a pair": ("Anna\ud83d", "Anna"),
    "parts of one letter": ("A\u0304na", "Āna"),
    "only blanks": (" \u00a0\u2003 ", ""),
    "as long as allowed": ("🙂" * 200, "🙂" * 200),
}


@pytest.mark.parametrize(("typed", "kept"), NAMES.values(), ids=NAMES.keys())
def test_names_of_all_scripts_are_kept_without_what_could_harm(page: CallersPage, typed: str, kept: str) -> None:
    page.dial(name=typed)
    assert page.status == 201
    assert page.row.caller_name == kept


def test_a_refusal_is_said_in_the_page_s_language(page: CallersPage, settings: LazySettings) -> None:
    settings.CALLS_PER_ADDRESS = 0
    page.http.cookies[settings.LANGUAGE_COOKIE_NAME] = "lt"
    page.language = "el"
    page.dial()
    from django.utils import translation  # noqa: PLC0415

    from calls.errors import TooManyCalls  # noqa: PLC0415

    with translation.override("el"):
        assert page.said["message"] == str(TooManyCalls.message)


def test_an_unknown_line_is_not_found(page: CallersPage) -> None:
    page.slug = "nobody-here"
    page.dial()
    assert (page.status, page.said["error"]) == (404, "line_unknown")
    assert page.http.get("/phone/nobody-here/").status_code == 404


def test_a_line_that_is_switched_off_and_the_reserved_name_are_not_found(house: House, page: CallersPage) -> None:
    make_line(house.client, slug="calls")
    off = make_line(house.client, is_active=False)
    for slug in ("calls", off.slug):
        page.slug = slug
        assert page.dial().status == 404
        assert page.http.get(f"/phone/{slug}/").status_code == 404
    assert not Call.objects.exists()


def test_other_methods_are_not_allowed(page: CallersPage) -> None:
    page.dial()
    assert page.http.get(f"/phone/{page.slug}/calls").status_code == 405
    assert page.http.post(f"/phone/calls/{page.call}/").status_code == 405
    assert page.http.get(f"/phone/calls/{page.call}/hang-up").status_code == 405
    assert page.http.post(f"/phone/{page.slug}/").status_code == 405


FOREIGN = {
    "another site, by fetch metadata": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour's host": {"Sec-Fetch-Site": "same-site"},
    "another site, by its origin": {"Origin": "https://evil.example"},
    "an origin that hides itself": {"Origin": "null"},
    "our host by another scheme": {"Origin": "ftp://testserver"},
    "our host with a longer name": {"Origin": "http://testserver.evil.example"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
def test_pages_of_other_sites_cannot_call(page: CallersPage, headers: dict[str, str]) -> None:
    page.post(f"/phone/{page.slug}/calls", {"key": new_key()}, **headers)
    assert (page.status, page.said["error"]) == (403, "foreign_page")
    assert not Call.objects.exists()


@pytest.mark.parametrize("origin", ["http://testserver", "http://localhost"])
def test_our_own_pages_can_call_by_the_public_address_and_by_the_one_they_were_opened_with(
    page: CallersPage, origin: str
) -> None:
    body = json.dumps({"key": new_key(), "name": "", "number": ""})
    page.post(f"/phone/{page.slug}/calls", body, Origin=origin)
    assert page.status == 201


def test_a_call_of_another_carrier_is_not_found(house: House, page: CallersPage) -> None:
    page.dial()
    BrowserCall.objects.all().delete()
    assert page.ask().status == 404
    page.call = str(uuid.uuid4())
    assert page.beat().status == 404
