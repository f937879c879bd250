"""As whom the database runs: PostgreSQL refuses root, so there it gets a system user."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from answering.runtime.errors import StartError
from answering.runtime.processes import leashed

USER_NAMES = ("postgres", "embedded_postgres")


@dataclass(frozen=True)
class ServerUser:
    """The owner of the data directory, and the way to run a program as that user."""

    name: str
    uid: int
    gid: int
    is_other: bool  # we are root and they are not

    def give(self, directory: Path) -> None:
        """Make the directory, readable by this user alone."""
        directory.mkdir(parents=True, exist_ok=True)
        if self.is_other:
            os.chown(directory, self.uid, self.gid)
        directory.chmod(0o700)

    def command(
        self, program: Path, *arguments: str, directories: Sequence[Path], ends_with_us: bool = False
    ) -> list[str]:
        """The command that runs this program as this user, with use of these directories.

        Where the checkout lies in a directory closed to the user (a clone in /root), the
        program may pass closed directories; opening those to everyone would be worse.
        """
        command = [str(program), *arguments]
        if not self.is_other:
            return leashed(command, signal.SIGQUIT) if ends_with_us else command
        switch = self._switch()
        if not self._reaches(program, *directories):
            switch += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        if ends_with_us:
            switch += ["--pdeathsig=QUIT"]
        return [*switch, *command]

    def _switch(self) -> list[str]:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise StartError(
                "PostgreSQL does not run as root and setpriv (util-linux) is missing: "
                "install it, start Alio as an ordinary user, or set DATABASE_URL."
            )
        return [setpriv, f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]

    def _reaches(self, *paths: Path) -> bool:
        test = 'for path; do test -x "$path" || exit 1; done'
        probe = [*self._switch(), "/bin/sh", "-c", test, "-", *map(str, paths)]
        return subprocess.run(probe, cwd="/", check=False).returncode == 0


def server_user(data: Path) -> ServerUser:
    """The user for this data directory: ourselves, or as root its owner, or a system user."""
    if os.geteuid() != 0:
        return ServerUser(pwd.getpwuid(os.geteuid()).pw_name, os.geteuid(), os.getegid(), is_other=False)
    with contextlib.suppress(FileNotFoundError, KeyError):
        if (owner := data.stat().st_uid) != 0:
            return _other(pwd.getpwuid(owner))
    for name in USER_NAMES:
        with contextlib.suppress(KeyError):
            return _other(pwd.getpwnam(name))
    return _create(USER_NAMES[-1])


def _other(entry: pwd.struct_passwd) -> ServerUser:
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid, is_other=True)


def _create(name: str) -> ServerUser:
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StartError(
            f"PostgreSQL does not run as root, and no system user {name} could be made ({error}): "
            "start Alio as an ordinary user, or set DATABASE_URL."
        ) from error
    return _other(pwd.getpwnam(name))
