"""Carriers by name; those that there are, are registered in `installed.py`."""

from calls.carriers.base import Carrier

_carriers: dict[str, Carrier] = {}


def register_carrier(carrier: Carrier) -> None:
    _carriers[carrier.name] = carrier


def carrier_named(name: str) -> Carrier:
    """The carrier of a call; KeyError is a deployment that dropped a carrier with calls on it."""
    return _carriers[name]


def all_carriers() -> tuple[Carrier, ...]:
    return tuple(_carriers.values())
