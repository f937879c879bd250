"""Ports that `up` needs: free, or a message that names the one which is not."""

import errno
import socket

from answering.runtime.errors import StartError


def claim_ports(host: str, port: int) -> None:
    """Check that the web and the live process can listen. Raises StartError."""
    for number, use in ((port, "the pages"), (port + 1, "the live stream, always the next after PORT")):
        if not is_free(host, number):
            raise StartError(
                f"Port {number} ({use}) is in use by another program. "
                f"Stop it, or choose another port: make run PORT={port + 10}"
            )


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there. Raises StartError if nobody could, such as for an unknown host."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise StartError(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
    return True


def free_port(host: str) -> int:
    """A port that nobody uses at this moment."""
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False
