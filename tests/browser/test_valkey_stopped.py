"""Hints are a comfort: with Valkey gone in the middle of a call, everything important still works by HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from answering.runtime.valkey import ValkeyServer
from calls.models import Call
from calls.services import end_call, hold_call, resume_call
from tests.browser.agent import VoiceAgent
from tests.browser.conftest import NewPage
from tests.browser.house import RunningHouse
from tests.browser.phone import expect_screen, expect_sound, press
from tests.servers import dedicated_valkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    with dedicated_valkey(tmp_path) as server:
        yield server


@pytest.fixture
def house_redis_url(valkey: ValkeyServer) -> str:
    return valkey.url


def test_a_call_goes_on_without_valkey_and_hears_of_its_return(
    valkey: ValkeyServer, running_house: RunningHouse, open_page: NewPage
) -> None:
    caller = open_page(running_house.phone_url)
    agent = VoiceAgent(open_page(running_house.phone_url), running_house.house.agent)
    press(caller)
    call = agent.answer()
    expect_screen(caller, "talking")
    valkey.kill()
    hold_call(call.pk, agent=agent.agent)
    expect_screen(caller, "held")
    resume_call(call.pk, agent=agent.agent)
    expect_screen(caller, "talking")
    expect_sound(caller)
    valkey.start()
    end_call(call.pk, agent=agent.agent)
    expect_screen(caller, "ended")
    assert Call.objects.get().outcome == "answered"


def test_a_call_begins_without_valkey(valkey: ValkeyServer, running_house: RunningHouse, open_page: NewPage) -> None:
    valkey.kill()
    caller = open_page(running_house.phone_url)
    agent = VoiceAgent(open_page(running_house.phone_url), running_house.house.agent)
    press(caller)
    expect_screen(caller, "waiting")
    agent.answer()
    expect_screen(caller, "talking")
    expect_sound(caller)
    caller.get_by_role("button", name="Hang up").click()
    expect_screen(caller, "ended")
