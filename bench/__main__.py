"""All measurements, each beside its baseline: `make bench`, or `make bench ARGS="worktime calls"`."""

import sys
from importlib import import_module

MEASUREMENTS = {
    "worktime": "One deadline by working time",
    "rating": "One call priced",
    "streams": "Publish to receipt over the live stream",
    "voice": "A voice webhook beside a view with one INSERT",
    "routing": "A new call's routing decision, and the panel of a call",
    "faq": "A client's answers found by what is typed",
    "contacts": "A client's 50,000 contacts from a file and back",
    "calls": "A call created to the hint at its agent's stream",
}


def main() -> None:
    """Run the named measurements, or all, one after another."""
    asked = sys.argv[1:] or list(MEASUREMENTS)
    unknown = sorted(set(asked) - set(MEASUREMENTS))
    if unknown:
        sys.exit(f"No such measurement: {', '.join(unknown)}. There are: {', '.join(MEASUREMENTS)}.")
    for name in asked:
        print(f"\n== {MEASUREMENTS[name]}", flush=True)
        import_module(f"bench.{name}").run()


if __name__ == "__main__":
    main()
