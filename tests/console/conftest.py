"""A console over HTTP: the agent's page with its id, as the script of the page would use it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as HttpClient

from answering.accounts.models import Agent
from calls.models import Call
from calls.services import caller_hung_up
from inquiries.models import Inquiry
from inquiries.services import request_call_back
from tests.cast import House


@dataclass
class Console:
    """One window of one agent."""

    http: HttpClient
    agent: Agent
    console_id: uuid.UUID

    def open(self) -> Any:
        """What the page does first: hold the agent."""
        return self.post("open")

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        return self.http.post(f"/console/{path}", data or {}, headers={"X-Console": str(self.console_id)})

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(f"/console/{path}", query, headers={"X-Console": str(self.console_id)})

    def on(self, call: Call, verb: str, **data: Any) -> Any:
        return self.post(f"calls/{call.public_id}/{verb}", data)

    def board(self, **query: Any) -> str:
        answer = self.get("board", **query)
        assert answer.status_code == 200
        return str(answer.content.decode())


def open_console_of(agent: Agent) -> Console:
    """A window of this agent, signed in and in charge."""
    http = HttpClient()
    http.force_login(agent.user)
    console = Console(http, agent, uuid.uuid4())
    assert console.open().status_code == 200
    agent.refresh_from_db()
    return console


def lose(call: Call) -> Inquiry:
    """The caller hangs up while waiting; as after the commit, a call-back is owed."""
    caller_hung_up(call, key=str(uuid.uuid4()), ago=timedelta(0))
    inquiry = request_call_back(call.pk)
    assert inquiry is not None
    return inquiry


@pytest.fixture
def console(house: House) -> Console:
    return open_console_of(house.agent)
