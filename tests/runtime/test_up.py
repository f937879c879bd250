import subprocess
import sys

import pytest
from pytest_django import Settings

from answering.runtime.management.commands.up import _seed_once
from answering.runtime.terminal import Terminal


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have been run."""
    commands: list[list[str]] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_a_development_checkout_gets_the_demo(settings: Settings, ran: list[list[str]]) -> None:
    settings.DEBUG = True
    _seed_once([], {}, Terminal(sys.stdout))
    assert [command[-1] for command in ran] == ["seed_demo"]


def test_a_production_installation_starts_without_the_demo(settings: Settings, ran: list[list[str]]) -> None:
    settings.DEBUG = False
    _seed_once([], {}, Terminal(sys.stdout))
    assert ran == []
