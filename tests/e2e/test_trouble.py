"""What an operator can get wrong, and what the daemon says then."""

import http.server
import os
import socket
import subprocess
import threading

import harness
import pytest
import sdk
from harness import Producer, event, until

CLOSED_PORT = "127.0.0.1:1"


def run_to_end(tmp_path, text):
    config = tmp_path / "config.toml"
    config.write_text(text)
    return subprocess.run([harness.DAEMON, "run", "--config", config], capture_output=True,
                          text=True, timeout=60)


def last_error(daemon):
    return (daemon.status()["link"]["last_error"] or {}).get("message", "")


def wait_for_error(daemon, words):
    until(lambda: words in last_error(daemon), f"status says: {words}")
    until(lambda: words in daemon.log(), f"the log says: {words}")
    assert daemon.alive()


def test_every_mistake_in_the_settings_is_told_in_one_run(tmp_path):
    ended = run_to_end(tmp_path, '[iggy]\nadresses = "x"\npartitions = 0\n[queue]\nevents_max = "9"\n'
                                 '[jurnal]\n[journal]\ndirectory = "j"\n')
    assert ended.returncode == 78
    for position, word in (("2:1", "addresses"), ("3:", "partitions"), ("5:", "events_max"),
                           ("6:", "jurnal"), ("8:", "directory")):
        assert any(f"config.toml:{position}" in each and word in each
                   for each in ended.stderr.splitlines()), (position, ended.stderr)


def test_a_socket_in_use_is_refused_and_its_owner_not_disturbed(start, tmp_path):
    daemon = start.daemon(CLOSED_PORT)
    ended = run_to_end(tmp_path, f'[socket]\npath = "{daemon.socket}"\n'
                                 f'[admin]\nsocket = "{tmp_path}/a"\n')
    assert ended.returncode == 73
    assert f"{daemon.socket} is in use" in ended.stderr
    producer = Producer(daemon, "received")
    producer.send(event("s", 1))
    producer.wait_acked(1)
    assert os.path.exists(daemon.socket)


def test_a_stale_socket_file_is_replaced(start):
    broker = start.broker()
    killed = start.daemon(broker.address)
    killed.kill()
    assert os.path.exists(killed.socket), "kill -9 leaves it behind"
    again = start.daemon(broker.address, {"socket": {"path": killed.socket}})
    again.socket = killed.socket
    producer = Producer(again)
    producer.send(event("s", 1))
    producer.wait_acked(1)
    assert again.stop() == 0
    assert not os.path.exists(killed.socket)


@pytest.mark.parametrize("path, words", [
    ("no/such/directory/s", "its directory does not exist"),
    ("a-file", "in use"),
    ("a-file/s", "cannot be made"),
    ("/proc/self/s", "cannot be made"),
])
def test_a_place_where_no_socket_can_be_is_one_clear_line(tmp_path, path, words):
    (tmp_path / "a-file").write_text("not a socket")
    ended = run_to_end(tmp_path, f'[socket]\npath = "{tmp_path / path}"\n'
                                 f'[admin]\nsocket = "{tmp_path}/a"\n')
    assert ended.returncode == 73
    assert words in ended.stderr and len(ended.stderr.splitlines()) == 1
    assert (tmp_path / "a-file").read_text() == "not a socket"


def test_a_group_that_does_not_exist_is_told(tmp_path):
    ended = run_to_end(tmp_path, f'[socket]\npath = "{tmp_path}/s"\ngroup = "no-such-group"\n')
    assert ended.returncode == 73 and "no-such-group" in ended.stderr


def test_a_wrong_password_is_told_and_events_are_kept(start):
    broker = start.broker()
    daemon = start.daemon(broker.address, {"iggy": {"password": "not-this-one"}})
    wait_for_error(daemon, "refused the user name or password")
    producer = Producer(daemon, "received")
    producer.send(event("s", 1))
    producer.wait_acked(1)
    status = daemon.status()
    assert status["queue"]["events"] == 1
    # From 0.9 on it is the reason of an eviction.
    assert [status["link"]["last_error"][each] for each in ("category", "code")] == (
        ["iggy_eviction", 9] if harness.GENERATION in ("0.9", "0.10") else ["iggy", 42])
    assert daemon.log().count("not-this-one") == 0


def test_a_missing_stream_without_create_heals_when_somebody_makes_it(start):
    broker = start.broker()
    daemon = start.daemon(broker.address, {"iggy": {"create": False}})
    wait_for_error(daemon, "no such stream, and [iggy] create is off")
    producer = Producer(daemon)
    producer.send(event("s", 1))
    sdk.create_topic(broker.address, start.stream, "events", 3)
    producer.wait_acked(1)
    assert daemon.status()["link"]["partitions"] == 3
    assert len(sdk.read_topic(broker.address, start.stream)) == 1


def test_a_server_that_is_not_iggy_is_told(start):
    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    daemon = start.daemon(f"127.0.0.1:{server.server_port}", {"iggy": {"reply_timeout_ms": 500}})
    try:
        # It waits for the end of a line, which comes only when a random byte of ours is one.
        said = until(lambda: next((words for words in (
            "does not answer the question which server it is",
            "does not answer in Iggy's protocol") if words in last_error(daemon)), None),
            "status tells")
        wait_for_error(daemon, said)
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.embedded
def test_a_service_that_talks_something_else_is_told(start):
    broker = start.broker()
    broker.control("garbage")
    daemon = start.daemon(broker.address, {"iggy": {"generation": harness.GENERATION}})
    # A frame that it cannot read, where a probe is answered; no sign of Iggy, where a ping is.
    probed = harness.GENERATION in ("0.9", "0.10")
    words = ("does not answer in Iggy's protocol" if probed else
             "no user name, password or token was sent")
    wait_for_error(daemon, words)
    guessing = start.daemon(broker.address)
    wait_for_error(guessing, words)


def test_a_server_that_never_answers_is_told_within_one_deadline(start):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        daemon = start.daemon("127.0.0.1:%d" % silent.getsockname()[1],
                              {"iggy": {"reply_timeout_ms": 200, "backoff_min_ms": 60000,
                                        "backoff_max_ms": 60000}})
        wait_for_error(daemon, "does not answer the question which server it is")
        # Nothing is asked twice before it is told: the pause before a second attempt is long.
        assert daemon.status()["link"]["failed_attempts"] == 1
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_an_absent_server_is_no_reason_not_to_start(start):
    daemon = start.daemon(CLOSED_PORT)
    wait_for_error(daemon, "refuses connections: is the server running?")
    producer = Producer(daemon, "received")
    producer.send(event("s", 1))
    producer.wait_acked(1)
    assert daemon.status()["queue"]["events"] == 1


def test_addresses_are_tried_in_turn(start):
    broker = start.broker()
    daemon = start.daemon(CLOSED_PORT, {"iggy": {"addresses": [CLOSED_PORT, broker.address]}})
    producer = Producer(daemon)
    producer.send(event("s", 1))
    producer.wait_acked(1)
    assert daemon.status()["link"]["address"] == broker.address


@pytest.mark.parametrize("wrong", [each for each in ("0.6", "0.8", "0.9", "0.10")
                                   if each != harness.GENERATION])
def test_a_generation_that_is_not_the_servers_is_told(start, wrong):
    if {wrong, harness.GENERATION} == {"0.7", "0.8"}:
        pytest.skip("one generation to the daemon")
    # A server that cannot read the login at all may be silent: that costs one deadline.
    daemon = start.daemon(start.broker().address,
                          {"iggy": {"generation": wrong, "reply_timeout_ms": 500}})
    wait_for_error(daemon, 'set it to "auto"')
    assert daemon.status()["link"]["connections"] == 0


def test_the_generation_may_be_set(start):
    broker = start.broker()
    daemon = start.daemon(broker.address, {"iggy": {"generation": harness.GENERATION}})
    producer = Producer(daemon)
    producer.send(event("s", 1))
    producer.wait_acked(1)
    assert len(sdk.read_topic(broker.address, start.stream)) == 1
