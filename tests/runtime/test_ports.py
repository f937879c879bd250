import socket

import pytest

from answering.runtime.errors import StartError
from answering.runtime.management.commands.up import port_from
from answering.runtime.ports import claim_ports, free_port, is_free
from tests.checkout import free_pair


@pytest.mark.parametrize("offset", [0, 1])
def test_a_port_in_use_is_named_with_a_way_out(offset: int) -> None:
    port = free_pair()
    number = port + offset
    message = rf"Port {number} .*in use.*make run PORT={port + 10}"
    with socket.create_server(("127.0.0.1", number)), pytest.raises(StartError, match=message):
        claim_ports("127.0.0.1", port)


def test_free_ports_are_accepted() -> None:
    assert is_free("127.0.0.1", free_port("127.0.0.1"))


def test_a_host_that_is_not_of_this_machine_is_named() -> None:
    with pytest.raises(StartError, match=r"Cannot listen on 203\.0\.113\.9 port 8000"):
        claim_ports("203.0.113.9", 8000)


@pytest.mark.parametrize(("text", "port"), [("", 8000), ("8010", 8010)])
def test_the_port_comes_from_the_environment(text: str, port: int) -> None:
    assert port_from(text) == port


@pytest.mark.parametrize("text", ["web", "-1", "0", "70000", "٨٠٠٠", "80 00"])
def test_a_port_that_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(StartError, match="PORT must be a number"):
        port_from(text)
