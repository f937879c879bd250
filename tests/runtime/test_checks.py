import pytest
from pytest_django import Settings

from answering.runtime.checks import check_settings

GOOD: dict[str, object] = {
    "DEBUG": False,
    "PUBLIC_URL": "https://alio.example",
    "LIVE_URL": "https://alio.example/live/",
    "SECRET_KEY": "x" * 50,
    "ICE_SERVERS": [],
    "ALLOWED_HOSTS": ["alio.example"],
}
TWILIO: dict[str, object] = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "TWILIO_API_KEY": "SK" + "0" * 32,
    "TWILIO_API_SECRET": "s" * 32,
    "TWILIO_APPLICATION_SID": "AP" + "0" * 32,
}
TURN = {"urls": ["turn:turn.example:3478", "stun:turn.example"], "username": "alio", "credential": "word"}


def found(settings: Settings, changes: dict[str, object]) -> list[str | None]:
    for name, value in (GOOD | changes).items():
        setattr(settings, name, value)
    messages = check_settings(None)
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


@pytest.fixture(autouse=True)
def mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"PUBLIC_URL": "http://127.0.0.1:8000", "LIVE_URL": "http://127.0.0.1:8001/live/"},
        {"ICE_SERVERS": [{"urls": "stun:stun.example"}, TURN]},
        {"DEBUG": True, "SECRET_KEY": "short", "ALLOWED_HOSTS": ["*"]},
        TWILIO,
        TWILIO | {"TWILIO_APPLICATION_SID": ""},
        TWILIO | {"TWILIO_APPLICATION_SID": "", "TWILIO_API_KEY": "", "TWILIO_API_SECRET": ""},
    ],
)
def test_good_settings_pass(settings: Settings, changes: dict[str, object]) -> None:
    assert found(settings, changes) == []


@pytest.mark.parametrize(
    ("changes", "id_"),
    [
        ({"LIVE_URL": "http://alio.example/live/"}, "answering.E001"),
        ({"SECRET_KEY": "x" * 49}, "answering.E002"),
        ({"ICE_SERVERS": {"urls": "stun:stun.example"}}, "answering.E003"),
        ({"ICE_SERVERS": ["stun:stun.example"]}, "answering.E003"),
        ({"ICE_SERVERS": [{"urls": []}]}, "answering.E003"),
        ({"ICE_SERVERS": [{"urls": "https://stun.example"}]}, "answering.E003"),
        ({"ICE_SERVERS": [{"url": "stun:stun.example"}]}, "answering.E003"),
        ({"ICE_SERVERS": [{"urls": "turn:turn.example", "username": "alio"}]}, "answering.E003"),
        ({"LIVE_URL": "https://alio.example/stream/"}, "answering.E004"),
        ({"ALLOWED_HOSTS": ["alio.example", "*"]}, "answering.E005"),
        ({"ALLOWED_HOSTS": [""]}, "answering.E005"),
        ({"TWILIO_ACCOUNT_SID": TWILIO["TWILIO_ACCOUNT_SID"]}, "answering.E007"),
        ({"TWILIO_AUTH_TOKEN": "t" * 32}, "answering.E007"),
        (TWILIO | {"TWILIO_API_SECRET": "", "TWILIO_APPLICATION_SID": ""}, "answering.E008"),
        (TWILIO | {"TWILIO_API_KEY": "", "TWILIO_APPLICATION_SID": ""}, "answering.E008"),
        (TWILIO | {"TWILIO_API_KEY": "", "TWILIO_API_SECRET": ""}, "answering.E009"),
        (TWILIO | {"TWILIO_ACCOUNT_SID": "", "TWILIO_AUTH_TOKEN": ""}, "answering.E009"),
    ],
)
def test_what_does_not_fit_together_is_told(settings: Settings, changes: dict[str, object], id_: str) -> None:
    assert found(settings, changes) == [id_]


def test_production_needs_a_mail_server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL")
    assert found(settings, {}) == ["answering.E006"]
    assert found(settings, {"DEBUG": True}) == []
