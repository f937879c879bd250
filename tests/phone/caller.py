"""A caller's page without a browser: what it sends, as it sends it."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.test import Client as Http

from calls.models import Call

SDP = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def new_key() -> str:
    return secrets.token_hex(16)


@dataclass
class CallersPage:
    """One page on one line. `answer` is the last answer, `said` its JSON."""

    slug: str
    address: str = "203.0.113.7"
    language: str = "lv"
    http: Http = field(default_factory=Http)
    call: str = ""
    token: str = ""
    status: int = 0
    said: dict[str, Any] = field(default_factory=dict)

    def dial(self, key: str | None = None, **details: Any) -> "CallersPage":
        """Press the button."""
        self.post(
            f"/phone/{self.slug}/calls", {"key": new_key() if key is None else key, "name": "", "number": ""} | details
        )
        self.call, self.token = self.said.get("call", ""), self.said.get("token", "")
        return self

    def tell(self, what: str, values: Any = None) -> "CallersPage":
        """Post something about the call."""
        return self.post(f"/phone/calls/{self.call}/{what}", {} if values is None else values)

    def ask(self, what: str = "") -> "CallersPage":
        """Get something about the call."""
        return self._take(self.http.get(f"/phone/calls/{self.call}/{what}", headers=self._headers()))

    def beat(self, *, generation: int = 0, packets: int = 0) -> "CallersPage":
        """A heartbeat."""
        return self.tell("heartbeat", {"generation": generation, "packets": packets})

    def post(self, path: str, values: Any, **headers: str) -> "CallersPage":
        """Post JSON, or a string as it is."""
        body = values if isinstance(values, (str, bytes)) else json.dumps(values)
        answer = self.http.post(
            path, body, content_type="application/json", headers=self._headers() | headers, REMOTE_ADDR=self.address
        )
        return self._take(answer)

    @property
    def row(self) -> Call:
        """The call as it is stored now."""
        return Call.objects.get(public_id=self.call)

    def _headers(self) -> dict[str, str]:
        return {"X-Call-Token": self.token, "Accept-Language": self.language, "Sec-Fetch-Site": "same-origin"}

    def _take(self, answer: Any) -> "CallersPage":
        self.status = answer.status_code
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        self.said = answer.json() if is_json else {}
        return self
