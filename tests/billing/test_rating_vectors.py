"""Calls cost what other systems charge for them.

The vectors round each call; Alio keeps the exact price, so that rounding is applied here.
"""

import json
import os
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from billing.rating import CallTariff, price_call

VECTORS = Path(os.environ.get("VECTORS_DIR") or Path(__file__).parents[1] / "vectors")
CASES = json.loads((VECTORS / "rating.json").read_text(encoding="utf-8"))
ROUNDING = {"middle": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}


def rounded(amount: Decimal, slot: dict[str, Any]) -> Decimal:
    unit = Decimal(1).scaleb(-slot["rounding_decimals"])
    return amount.quantize(unit, rounding=ROUNDING[slot["rounding_method"]])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_call_costs_what_other_systems_charge(case: dict[str, Any]) -> None:
    tariff = CallTariff.from_dict({"slots": case["slots"]})
    started_at = datetime.fromisoformat(case["start"]).replace(tzinfo=UTC)

    price = price_call(tariff, started_at, case["usage_s"])

    assert rounded(price.exact, case["slots"][0]) == Decimal(case["expected_cost"])
