"""The program that holds us to Twilio's document sees what is wrong: shown on a document of our own."""

from typing import Any

import pytest

from tests.twilio.check_contract import problems_of
from tests.twilio.openapi import Document
from tests.twilio.shapes import Told
from tests.twilio.standin import Recorded

SID = {"type": "string", "pattern": "^CA[0-9a-f]{4}$", "minLength": 6, "maxLength": 6}
CALL = {
    "type": "object",
    "properties": {
        "sid": SID,
        "seconds": {"type": "integer", "nullable": True},
        "is_over": {"type": "boolean"},
        "begun": {"type": "string", "format": "date-time-rfc-2822", "nullable": True},
        "events": {"type": "array", "items": {"$ref": "#/components/schemas/event"}},
    },
}
FORM = {
    "type": "object",
    "required": ["To"],
    "properties": {
        "To": {"type": "string", "format": "phone-number"},
        "Timeout": {"type": "integer", "minimum": 5, "maximum": 60},
        "Muted": {"type": "boolean"},
        "Callback": {"type": "string", "format": "uri"},
        "Method": {"type": "string", "format": "http-method"},
        "Event": {"type": "array", "items": {"$ref": "#/components/schemas/event"}},
    },
}
ANSWER = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/call"}}}}
IN_PATH = {"name": "Sid", "in": "path", "required": True, "schema": SID}
DOCUMENT = Document(
    {
        "components": {"schemas": {"call": CALL, "event": {"type": "string", "enum": ["start", "end"]}}},
        "paths": {
            "/Calls/{Sid}.json": {
                "get": {"parameters": [IN_PATH], "responses": {"200": ANSWER}},
                "delete": {"parameters": [IN_PATH], "responses": {"204": {"description": "gone"}}},
            },
            "/Calls.json": {
                "get": {
                    "parameters": [{"name": "Page", "in": "query", "required": True, "schema": {"type": "integer"}}],
                    "responses": {"200": ANSWER},
                },
                "post": {
                    "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": FORM}}},
                    "responses": {"201": ANSWER},
                },
            },
        },
    }
)
GOOD: dict[str, Any] = {"sid": "CA00ff", "seconds": None, "is_over": True, "begun": None, "events": ["start"]}


def fetched(document: Any, *, status: int = 200, path: str = "/Calls/CA00ff.json", method: str = "GET") -> Recorded:
    return Recorded(method, path, {}, {}, "", "", Told(status, document))


def posted(**form: list[str]) -> Recorded:
    return Recorded("POST", "/Calls.json", {}, {"To": ["+37126123456"]} | form, "", "", Told(201, GOOD))


@pytest.mark.parametrize(
    "recorded",
    [
        fetched(GOOD),
        fetched(GOOD | {"seconds": 5, "begun": "Tue, 24 Nov 2026 06:11:00 +0000", "events": []}),
        fetched(None, status=204, method="DELETE"),
        fetched({"code": 20404}, status=404),
        posted(),
        posted(
            Timeout=["5"], Muted=["false"], Callback=["https://a.example/x"], Method=["POST"], Event=["start", "end"]
        ),
    ],
)
def test_what_is_documented_is_right(recorded: Recorded) -> None:
    assert list(problems_of(DOCUMENT, recorded)) == []


@pytest.mark.parametrize(
    ("recorded", "problem"),
    [
        (fetched(GOOD, path="/Cars.json"), "no such operation"),
        (fetched(GOOD, method="PUT"), "no such operation"),
        (fetched(GOOD, path="/Calls/CA00.json"), "not like"),
        (fetched(GOOD, status=202), "status 202"),
        (fetched(GOOD, status=204, method="DELETE"), "a body where none"),
        (fetched({}), "sid is left out"),
        (fetched(GOOD | {"mood": "good"}), "mood is not documented"),
        (fetched(GOOD | {"seconds": "5"}), "no integer"),
        (fetched(GOOD | {"seconds": True}), "no integer"),
        (fetched(GOOD | {"is_over": None}), "null"),
        (fetched(GOOD | {"begun": "yesterday"}), "date-time-rfc-2822"),
        (fetched(GOOD | {"events": ["pause"]}), "none of"),
        (fetched([]), "no object"),
        (fetched(GOOD, path="/Calls.json"), "Page is missing"),
        (posted(To=["2612"]), "phone-number"),
        (posted(Mood=["good"]), "Mood is not documented"),
        (posted(Timeout=["soon"]), "no number"),
        (posted(Timeout=["4"]), "out of range"),
        (posted(Timeout=["5", "6"]), "2 times"),
        (posted(Muted=["no"]), "no boolean"),
        (posted(Callback=["status"]), "no uri"),
        (posted(Method=["PUT"]), "no http-method"),
        (posted(Event=["start", "pause"]), "none of"),
        (Recorded("POST", "/Calls.json", {}, {}, "", "", Told(201, GOOD)), "To is missing"),
    ],
)
def test_what_is_not_is_told(recorded: Recorded, problem: str) -> None:
    assert any(problem in told for told in problems_of(DOCUMENT, recorded))
