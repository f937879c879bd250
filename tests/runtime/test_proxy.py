"""A real Caddy with our Caddyfile in front of real pages and a real stream."""

import http.client
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer as Pages

from answering.accounts.network import client_ip
from answering.push.channels import agent_channel, redis_channel
from answering.push.publisher import Publisher
from answering.push.tickets import make_ticket
from answering.urls import urlpatterns as production
from tests.browser.house import free_port
from tests.live.server import SECRET, LiveServer, StreamClient, live_server
from tests.runtime.proxy import Proxy, proxy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

OF_DJANGO = {"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"}
OF_ALL = {"Strict-Transport-Security", "X-Content-Type-Options"}


CONTACTS = "/desk/clients/018f/contacts/import/"


@csrf_exempt
def echo(request: HttpRequest) -> JsonResponse:
    """What Alio believes about a request."""
    facts = {"ip": client_ip(request), "is_secure": request.is_secure(), "host": request.get_host()}
    return JsonResponse(facts | {"length": len(request.read())})


urlpatterns = [path("echo", echo), path(CONTACTS.strip("/") + "/", echo), *production]


@pytest.fixture(scope="module")
def stream_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    port = free_port()
    with live_server(os.environ["REDIS_URL"], tmp_path_factory.mktemp("live"), port=port) as server:
        yield server


@pytest.fixture
def house_address(live_server: Pages, stream_server: LiveServer, settings: Settings, tmp_path: Path) -> Iterator[Proxy]:
    """Everything behind one origin, with the settings that its https brings about."""
    settings.IS_HTTPS = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    with proxy(tmp_path, web=live_server.url.partition("//")[2], live=stream_server.address) as running:
        settings.PUBLIC_URL, settings.ALLOWED_HOSTS = running.url, ["localhost"]
        yield running


def test_pages_and_stream_are_one_origin_and_each_header_is_there_once(house_address: Proxy) -> None:
    page, text = house_address.ask("/accounts/login/")
    assert (page.status, "<form" in text) == (200, True)
    stream, _ = house_address.ask("/live/")
    assert stream.status == 401, "no ticket"
    nothing, _ = house_address.ask("/metrics")
    for response, expected in ((page, OF_DJANGO | OF_ALL), (stream, OF_ALL), (nothing, OF_ALL)):
        names = [name.title() for name, _ in response.getheaders()]
        assert {name: names.count(name.title()) for name in expected} == dict.fromkeys(expected, 1)
        assert "Via" not in names
        assert "Caddy" not in response.headers.get("Server", "")


@pytest.mark.parametrize("target", ["/metrics", "/metrics/", "/METRICS", "/%6detrics", "//metrics", "/x/../metrics"])
def test_metrics_are_for_the_inner_network_only(house_address: Proxy, live_server: Pages, target: str) -> None:
    response, text = house_address.ask(target)
    assert response.status == 404
    assert "python_info" not in text


@pytest.mark.parametrize("claimed", ["", "6.6.6.6", "127.0.0.7, 6.6.6.6"])
def test_where_a_caller_is_and_how_they_came_is_what_caddy_saw_and_not_what_they_say(
    house_address: Proxy, claimed: str
) -> None:
    headers = {"X-Forwarded-For": claimed, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    _, text = house_address.ask("/echo", headers=headers if claimed else {})
    facts = json.loads(text)
    assert facts["ip"] in ("127.0.0.1", "::1")
    assert (facts["is_secure"], facts["host"]) == (True, house_address.name)


@pytest.mark.parametrize("name", ["web", "evil.example"])
def test_who_asks_for_another_name_does_not_reach_alio(house_address: Proxy, settings: Settings, name: str) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "web"]
    assert house_address.ask("/echo", headers={"Host": name})[1] == ""


def test_a_hint_reaches_the_browser_while_the_stream_stays_open(house_address: Proxy) -> None:
    redis_url = os.environ["REDIS_URL"]
    target = f"/live/?ticket={make_ticket([agent_channel(7)], secret=SECRET)}"
    with StreamClient(house_address.connect(), target, {"Accept-Encoding": "gzip, zstd"}) as stream:
        assert stream.response.headers.get("Content-Encoding") is None
        assert stream.next_event() == ("ready", "{}")
        for number in ("1", "2"):
            publisher = Publisher(redis_url)
            publisher.put(redis_channel(agent_channel(7), redis_url), json.dumps({"call": number}))
            assert publisher.flush(10)
            assert stream.next_hint() == json.dumps({"call": number})


def test_a_page_is_compressed(house_address: Proxy) -> None:
    connection = house_address.connect()
    connection.request("GET", "/accounts/login/", headers={"Accept-Encoding": "gzip"})
    assert connection.getresponse().headers["Content-Encoding"] == "gzip"
    connection.close()


def test_a_body_that_nobody_needs_is_refused_before_it_has_been_read(house_address: Proxy) -> None:
    assert house_address.ask("/echo", "POST", body=b"x" * 9_000_000)[1].endswith('"length": 9000000}')
    assert house_address.ask("/echo", "POST", body=b"x" * 10_500_000)[0].status == 413
    assert house_address.ask(CONTACTS, "POST", body=b"x" * 10_500_000)[1].endswith('"length": 10500000}')


def test_plain_http_is_led_to_https(house_address: Proxy) -> None:
    connection = http.client.HTTPConnection("localhost", house_address.http_port, timeout=20)
    connection.request("GET", "/phone/sirds/?language=lv")
    response = connection.getresponse()
    assert (response.status, response.headers["Location"]) == (308, "https://localhost/phone/sirds/?language=lv")
    connection.close()


def test_no_ticket_no_token_and_no_address_is_written_to_the_log(house_address: Proxy) -> None:
    ticket = make_ticket([agent_channel(7)], secret=SECRET)
    with StreamClient(house_address.connect(), f"/live/?ticket={ticket}") as stream:
        assert stream.next_event() == ("ready", "{}")
    house_address.ask("/echo?word=geheim", headers={"X-Call-Token": "a-token-of-a-call"})
    written = house_address.log.read_text()
    assert '"uri":"/echo?"' in written
    for secret in (ticket, "a-token-of-a-call", "geheim", "127.0.0.1:", '"::1"', '"127.0.0.1"'):
        assert secret not in written.partition('"uri":')[2], secret


def test_webhooks_go_to_a_process_of_their_own_and_to_web_while_it_is_away(
    live_server: Pages, tmp_path: Path, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    pages, nobody = live_server.url.partition("//")[2], f"127.0.0.1:{free_port()}"
    with proxy(tmp_path, web=nobody, carriers=pages, live=nobody) as running:
        assert running.ask("/carriers/twilio/voice")[0].status == 405  # nothing but POST
        assert running.ask("/accounts/login/")[0].status in (502, 503)
    with proxy(tmp_path, web=pages, carriers=nobody, live=nobody) as running:
        assert running.ask("/carriers/twilio/voice")[0].status == 405


def test_nobody_behind_the_proxy_is_told_as_such(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with proxy(tmp_path, web=nobody, live=nobody) as running:
        response, _ = running.ask("/accounts/login/")
    assert response.status in (502, 503)
    assert response.headers["Retry-After"] == "5"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" in response.headers
