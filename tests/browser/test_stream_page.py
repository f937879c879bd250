"""`static/js/stream.js` in a real browser, between a page of its own and a real live process."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from playwright.sync_api import Page

from answering.push.channels import redis_channel
from answering.push.publisher import Publisher
from answering.push.tickets import make_ticket
from tests.browser.house import free_port
from tests.live.server import SECRET, live_server
from tests.servers import dedicated_valkey
from tests.waiting import wait_until

STREAM_JS = Path(__file__).parents[2] / "static" / "js" / "stream.js"
PAGE = """<!doctype html><title>page</title><link rel="icon" href="data:,">
<input type="hidden" name="csrfmiddlewaretoken" value="the-token">
<script type="module" src="/page.js"></script>"""
STORM = """() => { for (let n = 0; n < 20; n += 1) {
    dispatchEvent(new Event("online")); document.dispatchEvent(new Event("visibilitychange")); } }"""
PAGE_JS = """
import { connectStream } from "./stream.js";
window.seen = { reads: 0, hints: [], states: [] };
window.stream = connectStream({
  ticketUrl: "/ticket",
  onReady: async () => { seen.reads += 1; },
  onHint: (hint) => seen.hints.push(hint),
  onState: (state) => seen.states.push(state),
});
"""


class PageHandler(BaseHTTPRequestHandler):
    """The page, its scripts, and tickets for it."""

    live_url: ClassVar[str] = ""
    tickets: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        files = {
            "/": ("text/html", PAGE),
            "/page.js": ("text/javascript", PAGE_JS),
            "/stream.js": ("text/javascript", STREAM_JS.read_text()),
        }
        if self.path in files:
            self._say(200, *files[self.path])
        else:
            self._say(404, "text/plain", "")

    def do_POST(self) -> None:
        if self.path != "/ticket" or self.headers["X-CSRFToken"] != "the-token":
            self._say(403, "text/plain", "")
            return
        ticket = make_ticket(["agent:1"], secret=SECRET)
        self.tickets.append(ticket)
        self._say(200, "application/json", json.dumps({"url": f"{self.live_url}?ticket={ticket}"}))

    def _say(self, status: int, content_type: str, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def page_server(live_port: int) -> Iterator[str]:
    handler = type("Handler", (PageHandler,), {"live_url": f"http://127.0.0.1:{live_port}/live/", "tickets": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def seen(page: Page) -> Any:
    return page.evaluate("window.seen")


def test_a_page_lives_on_hints_polls_without_a_stream_and_returns_to_it(tmp_path: Path, page: Page) -> None:
    port = free_port()
    with (
        dedicated_valkey(tmp_path) as valkey,
        page_server(port) as address,
        live_server(valkey.url, tmp_path, page_url=address, port=port) as live,
    ):
        publisher = Publisher(valkey.url)

        def publish(kind: str) -> None:
            publisher.put(redis_channel("agent:1", valkey.url), json.dumps({"kind": kind, "call": "5"}))
            assert publisher.flush(10)

        page.goto(address)
        page.wait_for_function("seen.states.at(-1) === 'live' && seen.reads >= 1")

        publish("offer")
        page.wait_for_function("seen.hints.length === 1")
        assert seen(page)["hints"] == [{"kind": "offer", "call": "5"}]

        # Whatever wakes a page at once, it has one stream: a hint arrives once.
        page.evaluate(STORM)
        publish("one")
        publish("two")
        page.wait_for_function("seen.hints.at(-1).kind === 'two'")
        assert [hint["kind"] for hint in seen(page)["hints"]] == ["offer", "one", "two"]

        valkey.kill()
        page.wait_for_function("seen.states.at(-1) === 'polling'")
        page.evaluate("window.readsBefore = seen.reads")
        page.wait_for_function("seen.reads >= readsBefore + 2")
        page.evaluate(STORM)

        valkey.start()
        wait_until(live.is_up)
        page.wait_for_function("seen.states.at(-1) === 'live'")
        publish("back")
        publish("last")
        page.wait_for_function("seen.hints.at(-1).kind === 'last'")
        assert [hint["kind"] for hint in seen(page)["hints"]] == ["offer", "one", "two", "back", "last"]
        assert seen(page)["states"] == ["live", "polling", "live"]

        page.evaluate("stream.close()")
        publish("unheard")
        page.evaluate("window.readsBefore = seen.reads; stream.open()")
        page.wait_for_function("seen.reads > readsBefore")
        assert seen(page)["hints"][-1]["kind"] == "last"
