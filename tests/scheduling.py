"""Which tests share a worker, one after another, and what is begun first.

A pytest plugin named in `addopts`, for runs with `--dist loadgroup`. It goes by a test's path and not by its
`xdist_group`: since pytest 9.2 that mark does not reach xdist's scheduler any more (pytest-xdist issue 1386),
which then spreads the tests without a word.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling, Scheduling

# The first that fits. One browser in which people speak at a time, and one house of real processes: two of a kind
# would only keep each other waiting. Whoever looks at pages without speaking disturbs neither.
GROUPS = {
    "looks": ("tests/browser/test_phone_looks.py", "tests/browser/test_portal.py", "tests/browser/test_stream_page.py"),
    "browser": ("tests/browser/",),
    "processes": ("tests/runtime/", "tests/calls/test_outages.py"),
}
ORDER = ("browser", "processes", "looks")  # the longest first, so that none is left to one worker at the end


def group_of(nodeid: str) -> str:
    """The tests that share a worker with this one: a group of `GROUPS`, or else those of its file."""
    file = nodeid.partition("::")[0]
    return next((group for group, places in GROUPS.items() if file.startswith(places)), file)


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist brings no types
    """Hands out whole groups, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Ours for `--dist loadgroup`; xdist has its own for the others."""
    return GroupScheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker the groups come first."""
    if hasattr(config, "workerinput"):
        places = {group: place for place, group in enumerate(ORDER)}
        items.sort(key=lambda item: places.get(group_of(item.nodeid), len(places)))
