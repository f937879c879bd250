import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from answering.runtime.addresses import Places
from answering.runtime.servers import running_servers
from tests.servers import private_directory


@pytest.fixture
def empty_places() -> Iterator[Places]:
    """An empty checkout, at a path short enough for sockets."""
    with private_directory() as directory:
        yield Places(directory.resolve())


@pytest.fixture(scope="session")
def made_database() -> Iterator[Path]:
    """A database as the first start leaves it, to be copied: making one takes longest of all."""
    with private_directory() as directory:
        places = Places(directory.resolve())
        with running_servers(places, {}):
            pass
        yield places.postgres_data


@pytest.fixture
def places(empty_places: Places, made_database: Path) -> Places:
    """A checkout that was started before."""
    empty_places.var.mkdir()
    subprocess.run(["cp", "-a", made_database, empty_places.postgres_data], check=True)  # noqa: S607
    return empty_places
