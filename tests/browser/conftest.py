"""Browser tests: a real Chromium if there is one, skipped with a reason if not (a failure with CI=true)."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.house import Door, RunningHouse, dispatcher_thread, free_port, live_process
from tests.cast import make_house

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Sound between two pages of one machine without a network, frames of made-up sites.
WITHOUT = ["WebRtcHideLocalIpsWithMdns", "LocalNetworkAccessChecks"]
# What no test comes to see and each window costs more than our page in it: a process in reserve, and two pages of
# the browser's own for what its address bar would suggest.
WITHOUT += ["SpareRendererForSitePerProcess", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup"]
# A microphone that hums.
SOUND = (
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    f"--disable-features={','.join(WITHOUT)}",
    "--autoplay-policy=user-gesture-required",
)
PERMIT = "--use-fake-ui-for-media-stream"
NewPage = Callable[..., Page]
LivePort = Callable[[str, str], int]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Known as browser tests to tests/conftest.py; which share a worker, tests/scheduling.py says."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def find_chromium(playwright: Playwright) -> str:
    """The program to drive; skips the test when there is none."""
    own = playwright.chromium.executable_path
    found = [os.environ.get("CHROMIUM", ""), *(shutil.which(name) or "" for name in PROGRAMS)]
    found += [own] if Path(own).exists() else []
    program = next((path for path in found if path), None)
    if program is None:
        pytest.skip("No Chromium found (Debian: apt-get install chromium, or set CHROMIUM).")
    return program


@pytest.fixture(scope="session")
def browser_type_launch_args(playwright: Playwright) -> dict[str, Any]:
    return {"executable_path": find_chromium(playwright), "args": ["--no-sandbox", *SOUND, PERMIT]}


@pytest.fixture(scope="session", autouse=True)
def _let_the_main_thread_query() -> Iterator[None]:
    """Playwright runs an event loop in it, which Django takes for asynchronous code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=15_000)
        yield


@pytest.fixture
def house_redis_url(settings: Any) -> str:
    """Where hints go; a module whose tests stop it has its own."""
    return str(settings.REDIS_URL)


@pytest.fixture(scope="session")
def live_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePort]:
    """The port of a live process for one origin and one Redis, started when first asked for."""
    ports: dict[tuple[str, str], int] = {}
    with ExitStack() as running:

        def port_for(page_url: str, redis_url: str) -> int:
            if (page_url, redis_url) not in ports:
                port, log = free_port(), tmp_path_factory.mktemp("live") / "live.log"
                running.enter_context(live_process(port, page_url, redis_url, log))
                ports[page_url, redis_url] = port
            return ports[page_url, redis_url]

        yield port_for


@pytest.fixture(scope="session")
def door(live_server: LiveServer) -> Door:
    return Door(live_server)


@pytest.fixture
def running_house(
    live_server: LiveServer, door: Door, live_port: LivePort, settings: Any, house_redis_url: str
) -> Iterator[RunningHouse]:
    """A client's house that browsers can open: web, live and dispatcher run, data is committed."""
    port = live_port(live_server.url, house_redis_url)
    settings.REDIS_URL = house_redis_url
    settings.PUBLIC_URL = live_server.url
    settings.LIVE_URL = f"http://127.0.0.1:{port}/live/"
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy | {"connect-src": ["'self'", f"http://127.0.0.1:{port}"]}}
    with door.opened(), dispatcher_thread():
        yield RunningHouse(live_server.url, make_house())


@pytest.fixture
def open_page(running_house: RunningHouse, new_context: Callable[..., BrowserContext]) -> Iterator[NewPage]:
    """Make pages in browsers of their own; what their scripts or their content policy complain of fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def open_one(url: str = "", context: BrowserContext | None = None, **options: Any) -> Page:
        page = (context or new_context(**options)).new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", note)
        if url:
            page.goto(url)
        return page

    yield open_one
    assert complaints == []
