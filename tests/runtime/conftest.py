from collections.abc import Iterator

import pytest

from answering.runtime.addresses import Places
from tests.servers import copy_made_database, private_directory


@pytest.fixture
def empty_places() -> Iterator[Places]:
    """An empty checkout, at a path short enough for sockets."""
    with private_directory() as directory:
        yield Places(directory.resolve())


@pytest.fixture
def places(empty_places: Places) -> Places:
    """A checkout that was started before."""
    empty_places.var.mkdir()
    copy_made_database(empty_places.postgres_data)
    return empty_places
