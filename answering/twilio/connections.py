"""Connections that are made within the time allowed, however many addresses the server's name has.

urllib3 gives each address the whole time-out: with eight that swallow packets a request would take eight times as long.
"""

import socket
import time

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

SHORTEST_TRY_SECONDS = 0.1


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def bounded_pools(size: int) -> urllib3.PoolManager:
    """Pools of so many kept connections a server; the time-out of a request bounds connecting as a whole."""
    pools = urllib3.PoolManager(num_pools=4, maxsize=size)
    pools.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return pools


def _connect(connection: HTTPConnection) -> socket.socket:
    """Try one address after another; each gets half of the time that is left, so that there is a next."""
    ends = time.monotonic() + (connection.timeout or 0)
    try:
        found = socket.getaddrinfo(connection.host.strip("[]"), connection.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    problem: OSError = TimeoutError("no time left")
    for family, kind, protocol, _name, address in found:
        left = ends - time.monotonic()
        if left <= 0:
            break
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(min(max(left / 2, SHORTEST_TRY_SECONDS), left))
            made.connect(address)
        except OSError as error:
            made.close()
            problem = error
        else:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.settimeout(max(ends - time.monotonic(), SHORTEST_TRY_SECONDS))  # for the handshake that follows
            return made
    if isinstance(problem, TimeoutError):
        raise ConnectTimeoutError(connection, "No address answers in time.") from problem
    raise NewConnectionError(connection, f"No connection: {problem}") from problem
