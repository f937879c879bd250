"""How requests reach Twilio: one pool of connections for the process, every wait bounded, every failure named."""

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
import urllib3
from django.conf import settings
from twilio.http import HttpClient
from twilio.http.response import Response

from answering.lib import clock
from answering.twilio.clocks import note_answer
from answering.twilio.connections import bounded_pools
from answering.twilio.errors import BadCredentials, Busy, NotFound, Refused, TwilioError, Unreachable

log = structlog.get_logger(__name__)

TIME_LIMIT_SECONDS = 5.0
BODY_LIMIT = 2 * 1024 * 1024
CHUNK = 64 * 1024
POOL_SIZE = 16
LONGEST_RETRY_AFTER = 3600
# Twilio's numbers from here on speak of what was asked; those below it of who asks, e.g. 20003, 20005.
CODES_OF_CONTENT = 21000

_NEVER_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
_FAILURES = (urllib3.exceptions.HTTPError, OSError)


class BoundedClient(HttpClient):  # type: ignore[misc]
    """The twilio package's way out. Gives 2xx answers only; everything else is raised as a TwilioError.

    Only what reads (GET) is asked once more, at once, when the connection failed or the server did. Safe to
    share among threads. Not within the limit: looking up the server's name, which is the system's affair.
    """

    def __init__(self) -> None:
        super().__init__(log, is_async=False)

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        ends = time.monotonic() + TIME_LIMIT_SECONDS
        head = {**(headers or {}), **urllib3.make_headers(basic_auth=":".join(auth) if auth else None)}
        url, body = _address(uri, params), _form(data)
        try:
            return _ask(method, url, body, head, ends)
        except Unreachable:
            if method != "GET" or time.monotonic() >= ends:
                raise
        return _ask(method, url, body, head, ends)


def _ask(method: str, url: str, body: str | None, headers: Mapping[str, str], ends: float) -> Response:
    try:
        status, answer_headers, text = _exchange(method, url, body, headers, ends)
    except _NEVER_SENT as error:
        raise Unreachable(f"Twilio cannot be reached ({type(error).__name__}).", was_sent=False) from error
    except _FAILURES as error:
        raise Unreachable(f"No usable answer from Twilio ({type(error).__name__}).") from error
    if not 200 <= status < 300:
        raise _error_of(status, answer_headers, text)
    return Response(status, text, answer_headers)


def _exchange(
    method: str, url: str, body: str | None, headers: Mapping[str, str], ends: float
) -> tuple[int, Mapping[str, str], str]:
    left, asked_at = max(ends - time.monotonic(), 0.001), clock.now()
    answer = _pool().request(
        method,
        url,
        body=body,
        headers=headers,
        timeout=urllib3.Timeout(total=left),
        retries=False,
        redirect=False,
        preload_content=False,
    )
    note_answer(answer.headers.get("Date", ""), asked_at, clock.now())
    try:
        text = _read(answer, ends)
    except BaseException:
        answer.close()
        raise
    answer.release_conn()
    return answer.status, answer.headers, text


def _read(answer: urllib3.BaseHTTPResponse, ends: float) -> str:
    """The body, neither longer nor later than allowed: `read1` gives what is there, `read` would wait for more."""
    parts, size = [], 0
    while chunk := answer.read1(CHUNK):
        size += len(chunk)
        if size > BODY_LIMIT or time.monotonic() > ends:
            raise Unreachable("Twilio's answer is too long or too slow.")
        parts.append(chunk)
    return b"".join(parts).decode(errors="replace")


@cache
def _pool() -> urllib3.PoolManager:
    return bounded_pools(POOL_SIZE)


def _address(uri: str, params: Mapping[str, object] | None) -> str:
    """The same resource under TWILIO_API_BASE, whatever host the package or a page of results named."""
    parts = urlsplit(uri)
    query = "&".join(filter(None, [parts.query, _form(params)]))
    return f"{settings.TWILIO_API_BASE.rstrip('/')}{parts.path}{'?' if query else ''}{query}"


def _form(values: Mapping[str, object] | None) -> str | None:
    if not values:
        return None
    return urlencode({name: value for name, value in values.items() if value is not None}, doseq=True)


def _error_of(status: int, headers: Mapping[str, str], text: str) -> TwilioError:
    code, message = _told(text)
    said = f"Twilio: {message} (HTTP {status}{f', error {code}' if code else ''})"
    if status == 429:
        return Busy(said, code=code, retry_after=_retry_after(headers))
    if status == 404:
        return NotFound(said, code=code)
    if status == 401 or (status == 403 and (code or 0) < CODES_OF_CONTENT):
        return BadCredentials(said, code=code)
    if 400 <= status < 500:
        return Refused(said, code=code)
    return Unreachable(said, code=code)


def _told(text: str) -> tuple[int | None, str]:
    """Twilio's error number and words, if its error document can be read."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return None, "no error document"
    code: Any = told.get("code")
    return (code if isinstance(code, int) else None), str(told.get("message", ""))[:300]


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    seconds = headers.get("Retry-After", "")
    return (
        timedelta(seconds=min(int(seconds), LONGEST_RETRY_AFTER)) if seconds.isascii() and seconds.isdigit() else None
    )
