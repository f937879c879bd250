import os
import subprocess
import sys

import pytest

from answering.runtime.addresses import CHECKOUT


def manage(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` with these variables beside those of the tests."""
    arguments = [sys.executable, str(CHECKOUT / "manage.py"), command]
    return subprocess.run(arguments, env=os.environ | variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgresql://[half"),
        ("DATABASE_URL", "sqlite:///alio.db"),
        ("DATABASE_POOL_SIZE", "-1"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("EMAIL_URL", "mail.example"),
        ("PUBLIC_URL", "alio.example"),
        ("ICE_SERVERS", "{half"),
        ("CALLS_PER_ADDRESS", "0"),
        ("TWILIO_ACCOUNT_SID", "SK" + "0" * 32),
        ("TWILIO_AUTH_TOKEN", ""),
        ("TWILIO_API_BASE", "http://api.twilio.com"),
        ("TWILIO_API_BASE", "https://api.twilio.com/2010-04-01"),
        ("TWILIO_API_BASE", "https://user@api.twilio.com"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(name: str, value: str) -> None:
    answer = manage("check", **{name: value})
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert name in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_production_without_a_secret_does_not_start() -> None:
    answer = manage("check", DEBUG="off", SECRET_KEY="")
    assert (answer.returncode, answer.stderr) == (1, "SECRET_KEY must be set when DEBUG is off.\n")


@pytest.mark.parametrize(("name", "value"), [("PORT", "abc"), ("PORT", "65535"), ("DEBUG", "perhaps")])
def test_everything_together_does_not_start_on_a_wrong_setting_either(name: str, value: str) -> None:
    answer = manage("up", **{name: value})
    assert answer.returncode == 1
    assert f"{name}" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_good_settings_pass() -> None:
    answer = manage("check")
    assert answer.returncode == 0, answer.stderr
