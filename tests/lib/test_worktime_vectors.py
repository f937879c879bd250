"""Working time agrees with cases gathered from the public tests of other systems."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from answering.lib.worktime import WorkCalendar

VECTORS = Path(os.environ.get("VECTORS_DIR") or Path(__file__).parents[1] / "vectors")
CASES = json.loads((VECTORS / "worktime.json").read_text(encoding="utf-8"))


def pauses(case: dict[str, Any]) -> list[tuple[datetime, datetime | None]]:
    return [(moment(start), moment(end) if end else None) for start, end in case["pauses"]]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("case", CASES["deadlines"], ids=lambda case: case["id"])
def test_a_deadline_falls_where_other_systems_put_it(case: dict[str, Any]) -> None:
    calendar = WorkCalendar.from_dict(case["calendar"])

    deadline = calendar.add(moment(case["start"]), timedelta(seconds=case["add_seconds"]), pauses(case))

    assert deadline == moment(case["deadline"])
    assert deadline.utcoffset() == timedelta(0)


@pytest.mark.parametrize("case", CASES["elapsed"], ids=lambda case: case["id"])
def test_elapsed_working_time_is_what_other_systems_count(case: dict[str, Any]) -> None:
    calendar = WorkCalendar.from_dict(case["calendar"])

    elapsed = calendar.between(moment(case["start"]), moment(case["end"]), pauses(case))

    assert elapsed == timedelta(seconds=case["seconds"])
