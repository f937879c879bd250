"""What processes say, as one process that says everything."""

import json
import os
import subprocess
import sys

import pytest

from answering.runtime.addresses import CHECKOUT

SAYS_EVERYTHING = """
import logging, django, structlog
django.setup()
ours, theirs = structlog.get_logger("ours"), logging.getLogger("their.library")
ours.info("small"); theirs.info("small too")
ours.warning("spool.put_aside", file="one.json", caller="Jānis")
theirs.warning("half of %s", "it")
password = "geheim-4711"
try:
    raise ValueError("broken\\nDETAIL:  Failing row contains (1, +37126123456).")
except ValueError:
    ours.exception("ours.failed"); theirs.exception("theirs failed")
"""
QUIET, ALL = "WARNING", "INFO"


def lines(*, debug: str, level: str) -> list[str]:
    environ = os.environ | {"DEBUG": debug, "LOG_LEVEL": level, "DJANGO_SETTINGS_MODULE": "answering.settings"}
    answer = subprocess.run(
        [sys.executable, "-c", SAYS_EVERYTHING], cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=True
    )
    return (answer.stdout + answer.stderr).splitlines()


def test_in_production_every_line_is_json_with_time_level_and_event() -> None:
    found = [json.loads(line) for line in lines(debug="off", level=QUIET)]
    assert {event["event"] for event in found} == {"spool.put_aside", "half of it", "ours.failed", "theirs failed"}
    assert all(event["timestamp"].endswith("Z") for event in found)
    [ours] = [event for event in found if event["event"] == "spool.put_aside"]
    assert (ours["level"], ours["file"], ours["caller"]) == ("warning", "one.json", "Jānis")
    assert [event["logger"] for event in found if event["event"] == "half of it"] == ["their.library"]
    failures = [event["exception"] for event in found if event["level"] == "error"]
    assert all(text.endswith("ValueError: broken") for text in failures)  # the row that was refused is not quoted
    assert len(failures) == 2


@pytest.mark.parametrize("debug", ["on", "off"])
def test_the_level_is_for_our_events_and_for_those_of_libraries(debug: str) -> None:
    assert sum("small" in line for line in lines(debug=debug, level=ALL)) == 2
    assert sum("small" in line for line in lines(debug=debug, level=QUIET)) == 0


@pytest.mark.parametrize("debug", ["on", "off"])
def test_no_traceback_shows_what_variables_held(debug: str) -> None:
    text = "\n".join(lines(debug=debug, level=QUIET))
    assert text.count("ValueError: broken") == 2
    assert "geheim" not in text
