import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from redis import Redis

from answering.push.channels import agent_channel, agents_channel, desk_channel, redis_channel, redis_prefix
from answering.push.publisher import Publisher
from answering.push.tickets import make_ticket
from tests.live.server import SECRET, LiveServer, StreamClient, live_server
from tests.servers import dedicated_valkey, private_directory
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def redis_url() -> str:
    return os.environ["REDIS_URL"]


@pytest.fixture(scope="module")
def live(redis_url: str) -> Iterator[LiveServer]:
    with private_directory() as directory, live_server(redis_url, directory) as server:
        yield server


def publish(redis_url: str, channel: str, message: str) -> None:
    publisher = Publisher(redis_url)
    publisher.put(redis_channel(channel, redis_url), message)
    assert publisher.flush(10)


def listeners(redis_url: str, channel: str) -> int:
    """How many connections Redis itself knows to listen to a channel."""
    with Redis.from_url(redis_url) as redis:
        [(_, count)] = redis.pubsub_numsub(redis_channel(channel, redis_url))
        return int(count)


def channels_listened_to(redis_url: str) -> set[bytes]:
    with Redis.from_url(redis_url) as redis:
        return set(redis.pubsub_channels(f"{redis_prefix(redis_url)}:*"))


def test_a_stream_is_ready_and_then_carries_the_hints_of_its_own_channels(live: LiveServer, redis_url: str) -> None:
    with live.open(agent_channel(1), agents_channel()) as stream:
        assert stream.next_event() == ("ready", "{}")
        publish(redis_url, agent_channel(2), '{"kind":"theirs"}')
        publish(redis_url, agent_channel(1), '{"kind":"mine","call":"5"}')
        publish(redis_url, agents_channel(), '{"kind":"everybody"}')
        assert stream.next_hint() == '{"kind":"mine","call":"5"}'
        assert stream.next_hint() == '{"kind":"everybody"}'


def test_two_streams_of_one_channel_both_hear_and_one_may_leave(live: LiveServer, redis_url: str) -> None:
    with live.open(desk_channel()) as stays:
        with live.open(desk_channel()) as leaves:
            assert stays.next_event() == leaves.next_event() == ("ready", "{}")
            publish(redis_url, desk_channel(), '{"kind":"both"}')
            assert stays.next_hint() == leaves.next_hint() == '{"kind":"both"}'
        publish(redis_url, desk_channel(), '{"kind":"one"}')
        assert stays.next_hint() == '{"kind":"one"}'


def test_a_message_that_would_forge_events_is_not_handed_on(live: LiveServer, redis_url: str) -> None:
    with live.open(desk_channel()) as stream:
        assert stream.next_event() == ("ready", "{}")
        publish(redis_url, desk_channel(), '{}\n\nevent: ready\ndata: {"forged":1}')
        publish(redis_url, desk_channel(), '{"kind":"honest"}')
        assert stream.next_event() == ("hint", '{"kind":"honest"}')


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?ticket=",
        "?ticket=abc.def",
        "?ticket=%FF%FE",
        "?ticket=" + "a" * 5000,
        "?" + "&".join(["ticket=a"] * 20),
        pytest.param("?ticket=" + make_ticket(["desk"], secret="another secret"), id="forged"),
        pytest.param(
            "?ticket=" + make_ticket(["desk"], secret=SECRET, now=datetime.now(UTC) - timedelta(hours=1)), id="old"
        ),
    ],
)
def test_without_a_good_ticket_there_is_no_stream(live: LiveServer, query: str) -> None:
    assert live.status(f"/live/{query}") == 401


def test_only_the_stream_and_its_health_are_served(live: LiveServer) -> None:
    assert live.status("/live/healthz") == 200
    assert live.status("/") == 404
    assert live.status("/live/other") == 404
    refused = live.ask("/live/", "POST")
    assert refused.status == 405
    assert refused.headers["Allow"] == "GET"


def test_only_the_page_itself_may_read_streams_across_origins(live: LiveServer) -> None:
    answer = live.ask("/live/", headers={"Origin": "http://evil.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "http://page.example:8000"
    with live.open(desk_channel()) as stream:
        assert stream.response.headers["Access-Control-Allow-Origin"] == "http://page.example:8000"
        assert stream.response.headers["Content-Type"] == "text/event-stream"


def test_an_idle_browser_that_goes_away_is_noticed_at_once(live: LiveServer, redis_url: str) -> None:
    channel = agent_channel(77)
    stream = live.open(channel)
    assert stream.next_event() == ("ready", "{}")
    assert listeners(redis_url, channel) == 1
    stream.close()
    wait_until(lambda: listeners(redis_url, channel) == 0)


def test_200_streams_opened_and_closed_leave_nothing_behind(live: LiveServer, redis_url: str) -> None:
    [worker] = psutil.Process(live.pid).children()
    wait_until(lambda: len(channels_listened_to(redis_url)) == 1)
    files_before = worker.num_fds()
    for _round in range(2):
        streams = [live.open(agent_channel(number), agents_channel()) for number in range(200)]
        assert {stream.next_event() for stream in streams} == {("ready", "{}")}
        assert len(channels_listened_to(redis_url)) == 202
        for stream in streams:
            stream.close()
        wait_until(lambda: len(channels_listened_to(redis_url)) == 1)
        wait_until(lambda: worker.num_fds() <= files_before + 2)
    assert "ERROR" not in live.log


def test_a_slow_reader_loses_its_stream_and_nobody_else_does(live: LiveServer, redis_url: str) -> None:
    own = agent_channel(99)
    slow = live.open(own, desk_channel())
    with live.open(desk_channel()) as quick:
        assert slow.next_event() == quick.next_event() == ("ready", "{}")
        number = 0
        while listeners(redis_url, own):
            assert number < 100_000, "The slow stream is still open."
            number = _publish_and_read(redis_url, quick, number)
        _publish_and_read(redis_url, quick, number)
    slow.close()


def _publish_and_read(redis_url: str, stream: StreamClient, number: int) -> int:
    """Publish a hundred different hints of 2 kB and see them arrive; the next number."""
    with Redis.from_url(redis_url) as redis, redis.pipeline(transaction=False) as pipeline:
        for offset in range(100):
            hint = f'{{"kind":"{number + offset}","padding":"{"x" * 2000}"}}'
            pipeline.publish(redis_channel(desk_channel(), redis_url), hint)
        pipeline.execute()
    for offset in range(100):
        hint = stream.next_hint() or "the stream has ended"
        assert f'"{number + offset}"' in hint
    return number + 100


def test_redis_killed_ends_every_stream_and_its_return_brings_them_back(tmp_path: Path) -> None:
    with dedicated_valkey(tmp_path) as valkey, live_server(valkey.url, tmp_path) as live:
        streams = [live.open(agents_channel(), agent_channel(number)) for number in range(5)]
        assert {stream.next_event() for stream in streams} == {("ready", "{}")}
        valkey.kill()
        assert {stream.next_event() for stream in streams} == {None}
        wait_until(lambda: live.status("/live/healthz") == 503)
        assert live.status(f"/live/?ticket={make_ticket(['desk'], secret=SECRET)}") == 503
        valkey.start()
        wait_until(live.is_up)
        with live.open(agents_channel()) as stream:
            assert stream.next_event() == ("ready", "{}")
            publish(valkey.url, agents_channel(), '{"kind":"back"}')
            assert stream.next_hint() == '{"kind":"back"}'
        assert live.log.count("live_outage") == live.log.count("live_recovered") == 1


def test_the_process_ends_when_asked_although_streams_are_open(tmp_path: Path, redis_url: str) -> None:
    with live_server(redis_url, tmp_path) as live, live.open(desk_channel()) as stream:
        assert stream.next_event() == ("ready", "{}")
        assert live.stop() == 0
        assert stream.next_event() is None
