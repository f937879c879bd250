"""One Valkey (or Redis) server: started or adopted, stopped. It keeps nothing on disk."""

import os
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from answering.runtime import addresses
from answering.runtime.errors import StartError
from answering.runtime.processes import end_processes, last_lines, leashed, start_in_background, wait_until
from answering.runtime.programs import valkey_program

START_SECONDS = 15.0
DATABASES = 64  # one for each worker of a test run


@dataclass
class ValkeyServer:
    """The server of one socket, listening there and nowhere else.

    `ends_with_us` stops it when this process dies, even by `kill -9`; without it the server
    stays, and the next start adopts it.
    """

    socket: Path
    directory: Path
    log: Path
    ends_with_us: bool = False
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False, repr=False)

    @property
    def url(self) -> str:
        """What belongs into `REDIS_URL`."""
        return addresses.valkey_url(self.socket)

    def start(self) -> None:
        """Have the server answer; one that already listens on the socket is taken as it is."""
        if self.running_pid() is not None:
            return
        self.socket.unlink(missing_ok=True)
        self.directory.mkdir(parents=True, exist_ok=True)
        command = [str(valkey_program()), *self._options()]
        self._process = start_in_background(
            leashed(command, signal.SIGKILL) if self.ends_with_us else command,
            log=self.log,
            environ=os.environ,
            directory=self.directory,
        )
        if not wait_until(lambda: self._poll() or self.running_pid() is not None, START_SECONDS) or self._poll():
            raise StartError(f"Valkey did not start ({self.log}):\n{last_lines(self.log)}")

    def stop(self) -> None:
        """Stop the server; what it held is gone."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """`kill -9`, as a fault."""
        self._end(signal.SIGKILL)

    def running_pid(self) -> int | None:
        """The server that answers on the socket."""
        try:
            answer = self._ask(b"INFO server\r\n")
        except OSError:
            return None
        for line in answer.decode(errors="replace").splitlines():
            if line.startswith("process_id:"):
                return int(line.partition(":")[2])
        return None

    def _options(self) -> list[str]:
        return [
            *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            *("--dir", str(self.directory), "--databases", str(DATABASES)),
        ]

    def _ask(self, command: bytes) -> bytes:
        """The whole of a short bulk answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2.0)
            connection.connect(str(self.socket))
            connection.sendall(command)
            answer = connection.recv(65536)
            if not answer.startswith(b"$"):
                return b""
            head, _, body = answer.partition(b"\r\n")
            while len(body) < int(head[1:]):
                more = connection.recv(65536)
                if not more:
                    break
                body += more
            return body

    def _end(self, number: signal.Signals) -> None:
        if (pid := self.running_pid()) is not None:
            os.kill(pid, number)
            if self._process is None or self._process.pid != pid:
                end_processes([pid], first=number, patience=3.0)
        if self._process is not None:
            try:
                self._process.wait(3.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self.socket.unlink(missing_ok=True)

    def _poll(self) -> bool:
        return self._process is not None and self._process.poll() is not None
