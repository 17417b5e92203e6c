"""`tail` where the topic, the server or the rights change while it reads."""

import json
import signal
import subprocess

import harness
import pytest
from harness import event, until

pytestmark = pytest.mark.embedded

WATCHFUL = {"VIBES_INGESTD_IGGY_TOPOLOGY_REFRESH_MS": "100"}


class Reader:
    """`tail --follow --json`, its lines taken as they come."""

    def __init__(self, daemon, *arguments):
        self.process = subprocess.Popen(
            [harness.DAEMON, "tail", "--config", daemon.config, "--follow", "--json", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**harness.os.environ, **WATCHFUL})

    def numbers(self, count):
        return [json.loads(self.process.stdout.readline())["event"]["number"] for _ in range(count)]

    def end(self):
        """Its exit code, what it had still written, and what it complained of."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.end()


@pytest.fixture
def broker(start):
    return start.broker()


@pytest.fixture
def running(start, broker):
    daemon = start.daemon(broker.address, {"iggy": {"topology_refresh_ms": 100}})
    daemon.wait_connected()
    return daemon


def commit(daemon, *numbers, sessions=20):
    ended = daemon.run("send", "--socket", daemon.socket, "--ack", "committed",
                       *(event(f"s{n % sessions}", n) for n in numbers))
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("way", [(), ("--group", "g", "--commit"), ("--from", "end")])
def test_a_topic_that_grows_is_read_whole(start, broker, running, way):
    if way == ("--from", "end"):
        commit(running, 1000)
    reader = Reader(running, *way)
    if way != ("--from", "end"):
        commit(running, *range(20))
        assert sorted(reader.numbers(20)) == list(range(20))
    else:
        until(lambda: '"poll_messages"' in broker.control("stats"), "it is at the end")
    broker.control(f"set-partitions {start.stream} events 16")
    until(lambda: running.status()["link"]["partitions"] == 16, "the daemon knows of it")
    commit(running, *range(20, 60), sessions=40)
    assert sorted(reader.numbers(40)) == list(range(20, 60))
    code, out, err = reader.interrupt()
    assert (code, out) == (0, "")
    assert "the topic has 16 partitions now; 8 more are read, from their beginning" in err


def test_a_session_is_followed_where_the_topic_grows(start, broker, running):
    readers = {each: Reader(running, "--session", each) for each in ("s0", "s1", "s2", "s3", "s4")}
    commit(running, *range(20))
    for number, reader in enumerate(readers.values()):
        assert reader.numbers(1) == [number]
    broker.control(f"set-partitions {start.stream} events 16")
    until(lambda: running.status()["link"]["partitions"] == 16, "the daemon knows of it")
    commit(running, *range(20, 40))
    for number, reader in enumerate(readers.values()):
        assert reader.numbers(1) == [number + 20]
        assert reader.interrupt()[0] == 0


def test_a_group_whose_topic_was_made_anew_begins_again_and_says_so(start, broker, running):
    commit(running, *range(40))
    once = ("tail", "--config", running.config, "--group", "g", "--commit", "--json",
            "--timeout-ms", "200")
    assert len(running.run(*once).stdout.splitlines()) == 40
    reader = Reader(running, "--group", "g", "--commit")
    commit(running, 40)
    assert reader.numbers(1) == [40]
    broker.control("forget")
    until(lambda: running.run("tail", "--config", running.config, "--timeout-ms", "10").returncode
          == 0, "the daemon made it again")
    commit(running, *range(100, 120))
    assert sorted(reader.numbers(20)) == list(range(100, 120))
    code, out, err = reader.interrupt()
    assert (code, out) == (0, "")
    assert "it was emptied or made anew; going on at its beginning" in err


def test_an_error_that_passes_is_outlived_without_haste(broker, running):
    commit(running, 1)
    reader = Reader(running)
    assert reader.numbers(1) == [1]
    polls_before = json.loads(broker.control("stats"))["requests"]["poll_messages"]
    broker.control("answer 13000 poll_messages 6")
    until(lambda: json.loads(broker.control("stats"))["requests"]["poll_messages"] >
          polls_before + 6, "it has tried so often")
    commit(running, 2)
    assert reader.numbers(1) == [2]
    code, out, err = reader.interrupt()
    assert (code, out) == (0, "")
    assert [each.split("; ")[-1].split(": ")[-1] for each in err.splitlines()] == [
        "trying again", "connected again"], err


@pytest.mark.parametrize("command", ["poll_messages", "store_consumer_offset"])
def test_what_is_not_found_for_a_moment_is_outlived(broker, running, command):
    """A topic that is made anew: servers of 0.9 and 0.10 say resource_not_found until it is there."""
    commit(running, 1)
    reader = Reader(running, "--group", "g", "--commit")
    assert reader.numbers(1) == [1]
    broker.control(f"answer 20 {command} 2")
    commit(running, 2)
    assert reader.numbers(1) == [2]
    commit(running, 3)
    assert reader.numbers(1) == [3]
    code, out, err = reader.interrupt()
    assert (code, out) == (0, "") and "token" not in err, err


def test_a_right_that_is_taken_away_ends_it(broker, running):
    commit(running, 1)
    reader = Reader(running)
    assert reader.numbers(1) == [1]
    broker.control("answer 41 poll_messages 1000")
    code, out, err = reader.end()
    assert (code, out) == (77, "")
    assert "right to do that" in err and len(err.splitlines()) == 1


def test_a_commit_that_failed_is_made_when_it_can_be(broker, running):
    # Two in each partition: on 0.4 a commit of offset 0 reads like none.
    commit(running, *range(3))
    commit(running, *range(3))
    broker.control("answer 13000 store_consumer_offset 1")
    reader = Reader(running, "--group", "g", "--commit", "--count", "6")
    code, out, err = reader.end()
    assert code == 0 and len(out.splitlines()) == 6, err
    ended = running.run("tail", "--config", running.config, "--group", "g", "--timeout-ms", "200")
    assert ended.stdout == "", "all of it was committed"


def test_a_name_without_an_address_says_so(running):
    nowhere = {"VIBES_INGESTD_IGGY_ADDRESSES": "no-such-host.invalid:8090"}
    ended = running.run("tail", "--config", running.config, env={**harness.os.environ, **nowhere})
    assert ended.returncode == 69
    assert "its name has no address" in ended.stderr and len(ended.stderr.splitlines()) == 1
