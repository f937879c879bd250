"""A call across an outage, as a program of its own: one step, a line on stdout, a line on stdin, the next step.

`python -m tests.calls.away` with DATABASE_URL and REDIS_URL of servers that the test stops in between.
"""

import os
import sys

# Only words for the test go to stdout. What else is printed, such as our log, from whatever thread and in the middle
# of a line, goes to stderr.
words = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import close_old_connections  # noqa: E402

django.setup()

from calls.models import Call, Disposition  # noqa: E402
from calls.services import close_call, end_call, hold_call, resume_call, run_due_timers  # noqa: E402
from tests.cast import make_house, ring, talk  # noqa: E402


def say(word: str) -> None:
    """A line for the test."""
    words.write(f"{word}\n")
    words.flush()


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
