"""A call across an outage, as a program of its own: one step, a line on stdout, a line on stdin, the next step.

`python -m tests.calls.away` with DATABASE_URL and REDIS_URL of servers that the test stops in between.
"""

import sys

import django
from django.core.management import call_command
from django.db import close_old_connections

django.setup()

from calls.models import Call, Disposition  # noqa: E402
from calls.services import close_call, end_call, hold_call, resume_call, run_due_timers  # noqa: E402
from tests.cast import make_house, ring, talk  # noqa: E402


def say(word: str) -> None:
    """A line for the test, which our log on the same stream is not."""
    sys.stdout.write(f"now: {word}\n")  # one write, so that nothing comes between
    sys.stdout.flush()


def pause(word: str) -> None:
    """Tell the test where we are; go on when it says so, like a new request: with a healthy connection."""
    say(word)
    sys.stdin.readline()
    close_old_connections()


def main() -> None:
    """Ring, talk and hold; resume, end and close after the outage."""
    call_command("migrate", verbosity=0)
    house = make_house()
    call = talk(ring(house.line), house.agent)
    hold_call(call.pk, agent=house.agent)
    pause("held")
    resume_call(call.pk, agent=house.agent)
    pause("resumed")
    run_due_timers()
    end_call(call.pk, agent=house.agent)
    close_call(call.pk, agent=house.agent, disposition=Disposition.INFORMED)
    call = Call.objects.get(pk=call.pk)
    kinds = ",".join(call.events.in_ledger_order().values_list("kind", flat=True))
    say(f"{call.state} {call.outcome} {kinds}")


if __name__ == "__main__":
    main()
