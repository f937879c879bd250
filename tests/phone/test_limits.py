from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.db import connections
from django.test import RequestFactory

from answering.lib import clock
from calls.carriers.browser.limits import ADDRESS_WINDOW, client_address
from calls.models import BrowserCall, Call
from tests.cast import House, make_line
from tests.phone.caller import CallersPage, new_key


def dial(slug: str, address: str, key: str | None = None) -> CallersPage:
    """One call from a thread of its own."""
    try:
        return CallersPage(slug, address=address).dial(key)
    finally:
        connections.close_all()


def flood(slugs: list[str], addresses: list[str], key: str | None = None) -> list[CallersPage]:
    """One call from each address on each line's turn, all at once."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(dial, slugs, addresses, [key] * len(slugs)))


def test_an_address_makes_so_many_calls_and_no_more_however_fast(live_house: House, settings: LazySettings) -> None:
    settings.CALLS_PER_ADDRESS = 3
    lines = [live_house.line.slug, make_line(live_house.client).slug]
    pages = flood(lines * 10, ["203.0.113.7"] * 20)
    assert sorted(page.status for page in pages) == [201] * 3 + [429] * 17
    assert Call.objects.count() == 3
    refused = next(page for page in pages if page.status == 429)
    assert refused.said["error"] == "too_many_calls"
    assert refused.said["message"]


def test_a_line_keeps_so_many_waiting_and_no_more_however_many_call(live_house: House, settings: LazySettings) -> None:
    settings.WAITING_PER_LINE = 4
    pages = flood([live_house.line.slug] * 24, [f"203.0.113.{number}" for number in range(24)])
    assert sorted(page.status for page in pages) == [201] * 4 + [429] * 20
    assert Call.objects.waiting().count() == 4
    assert {page.said["error"] for page in pages if page.status == 429} == {"line_busy"}


def test_a_full_line_does_not_close_the_others(live_house: House, settings: LazySettings) -> None:
    settings.WAITING_PER_LINE = 1
    other = make_line(live_house.client)
    assert dial(live_house.line.slug, "203.0.113.1").status == 201
    assert dial(live_house.line.slug, "203.0.113.2").status == 429
    assert dial(other.slug, "203.0.113.3").status == 201


def test_one_key_pressed_many_times_at_once_is_one_call(live_house: House) -> None:
    pages = flood([live_house.line.slug] * 8, ["203.0.113.7"] * 8, new_key())
    assert {page.status for page in pages} == {201}
    assert len({(page.call, page.token) for page in pages}) == 1
    assert Call.objects.count() == 1


def test_a_repeat_of_a_known_key_is_answered_beyond_the_limit(house: House, settings: LazySettings) -> None:
    settings.CALLS_PER_ADDRESS = 1
    key = new_key()
    page = CallersPage(house.line.slug).dial(key)
    first = page.call
    assert page.dial(key).call == first
    assert page.dial().status == 429


def test_calls_of_long_ago_do_not_count(house: House, settings: LazySettings) -> None:
    settings.CALLS_PER_ADDRESS = 1
    page = CallersPage(house.line.slug)
    assert page.dial().status == 201
    BrowserCall.objects.update(created_at=clock.now() - ADDRESS_WINDOW)
    assert page.dial().status == 201


def test_no_address_is_stored(house: House) -> None:
    CallersPage(house.line.slug, address="203.0.113.77").dial()
    assert "203.0.113" not in str(BrowserCall.objects.values().get())


ADDRESSES = [
    ("203.0.113.7", "", False, "203.0.113.7"),
    ("203.0.113.7", "10.9.8.7", False, "203.0.113.7"),  # nobody in front of us: the header is the caller's own word
    ("10.0.0.2", "6.6.6.6, 198.51.100.4", True, "198.51.100.4"),
    ("10.0.0.2", "nonsense", True, "unknown"),
    ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
    ("2001:db8:1:2:ffff::1", "", False, "2001:db8:1:2::/64"),
    ("::ffff:203.0.113.7", "", False, "203.0.113.7"),
    ("", "", False, "unknown"),
]


@pytest.mark.parametrize(("remote", "forwarded", "is_https", "expected"), ADDRESSES)
def test_who_calls_is_told_from_the_connection_or_our_own_proxy(
    settings: LazySettings, remote: str, forwarded: str, is_https: bool, expected: str
) -> None:
    settings.IS_HTTPS = is_https
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)
    assert client_address(request) == expected
