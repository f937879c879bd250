from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from answering.push.channels import agent_channel, call_channel, client_channel, redis_channel
from answering.push.errors import TicketExpired, TicketInvalid
from answering.push.streams import stream_url
from answering.push.tickets import MAX_TICKET_LENGTH, make_ticket, read_ticket

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CALL = "0192f0c1-2345-7abc-8def-0123456789ab"


def test_a_ticket_opens_the_channels_it_was_made_for() -> None:
    channels = (agent_channel(5), call_channel(CALL), client_channel(7), "agents", "desk")
    ticket = make_ticket(channels, secret="s", now=NOW)
    assert read_ticket(ticket, secret="s", now=NOW) == channels


def test_a_ticket_expires_with_the_second_of_its_lifetime() -> None:
    ticket = make_ticket(["desk"], secret="s", now=NOW, lifetime_seconds=60)
    assert read_ticket(ticket, secret="s", now=NOW + timedelta(seconds=59)) == ("desk",)
    with pytest.raises(TicketExpired):
        read_ticket(ticket, secret="s", now=NOW + timedelta(seconds=60))


def test_a_ticket_of_another_installation_is_refused() -> None:
    ticket = make_ticket(["desk"], secret="theirs", now=NOW)
    with pytest.raises(TicketInvalid):
        read_ticket(ticket, secret="ours", now=NOW)


def test_a_payload_with_the_signature_of_another_is_refused() -> None:
    cheap = make_ticket(["agent:1"], secret="s", now=NOW)
    payload = urlsafe_b64encode(b'{"c":["desk"],"e":9999999999}').decode().rstrip("=")
    with pytest.raises(TicketInvalid):
        read_ticket(f"{payload}.{cheap.partition('.')[2]}", secret="s", now=NOW)


def test_what_django_signs_with_the_same_secret_is_not_a_ticket() -> None:
    signed = signing.TimestampSigner(key="s").sign("desk")
    with pytest.raises(TicketInvalid):
        read_ticket(signed, secret="s", now=NOW)


def test_an_oversized_ticket_is_refused_before_it_is_read() -> None:
    with pytest.raises(TicketInvalid, match="too long"):
        read_ticket("a" * (MAX_TICKET_LENGTH + 1), secret="s", now=NOW)


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}", fullmatch=True))
def test_whatever_somebody_sends_is_a_ticket_error_at_worst(text: str) -> None:
    with pytest.raises(TicketInvalid):
        read_ticket(text, secret="s", now=NOW)


@given(st.data())
def test_one_changed_character_spoils_a_ticket(data: st.DataObject) -> None:
    ticket = make_ticket(["agent:1", "desk"], secret="s", now=NOW)
    # The last character of each part carries bits that base64 ignores.
    place = data.draw(st.sampled_from([n for n in range(len(ticket) - 1) if "." not in ticket[n : n + 2]]))
    other = data.draw(st.sampled_from("ABCDEFabcdef0123456789-_").filter(lambda c: c != ticket[place]))
    with pytest.raises(TicketInvalid):
        read_ticket(ticket[:place] + other + ticket[place + 1 :], secret="s", now=NOW)


@pytest.mark.parametrize("channels", [[], ["desk"] * 33, ["Desk"], ["a:b:c"], ["desk\n"], [""], ["agent:" + "9" * 65]])
def test_a_ticket_for_no_real_channel_is_not_made(channels: list[str]) -> None:
    with pytest.raises(ValueError, match="channel"):
        make_ticket(channels, secret="s", now=NOW)


def test_the_largest_ticket_fits() -> None:
    ticket = make_ticket([f"call:{'a' * 64}"] * 32, secret="s", now=NOW)
    assert len(read_ticket(ticket, secret="s", now=NOW)) == 32


def test_a_stream_url_carries_a_ticket_for_its_channels(settings: Settings) -> None:
    settings.SECRET_KEY = "s" * 50
    settings.LIVE_URL = "https://alio.example/live/"
    url = urlsplit(stream_url(["agent:1", "agents"]))
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://alio.example/live/"
    [ticket] = parse_qs(url.query)["ticket"]
    assert read_ticket(ticket, secret="s" * 50, now=datetime.now(UTC)) == ("agent:1", "agents")


def test_redis_databases_do_not_hear_each_other() -> None:
    names = {redis_channel("desk", url) for url in ("redis://h/1", "redis://h/2", "unix:///s.sock?db=3", "redis://h")}
    assert names == {"alio1:desk", "alio2:desk", "alio3:desk", "alio0:desk"}
