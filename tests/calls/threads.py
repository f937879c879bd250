"""Several people at once, each in a thread with a database connection of their own."""

import threading
from collections.abc import Callable, Sequence

from django.db import connection


def all_at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act gave, or the exception that it raised, in order; they start together."""
    results: list[object] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def run(position: int, act: Callable[[], object]) -> None:
        try:
            _leave_the_pool()
            connection.ensure_connection()
            ready.wait(timeout=30)
            results[position] = act()
        except Exception as error:  # noqa: BLE001  what one of them met is its result
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return results


def _leave_the_pool() -> None:
    """A pool has fewer connections than a race has runners; all of them must be at the start."""
    options = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"}
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}


def kinds(results: Sequence[object]) -> list[str]:
    """The types of the results, sorted."""
    return sorted(type(result).__name__ for result in results)
