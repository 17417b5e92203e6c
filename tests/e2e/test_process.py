"""The daemon as a process: signals, closed descriptors, limits of the system, an end that always comes."""

import os
import pty
import resource
import signal
import socket
import subprocess
import time

import harness
import pytest
import sdk
from harness import Producer, event, until

CLOSED_PORT = "127.0.0.1:1"
# What a stop may take beyond drain_ms: docs/delivery.md, "A stop".
STOP_LIMIT_S = 9


def without(build, reason):
    return pytest.mark.skipif(harness.BUILD.name == build, reason=reason)


without_ubsan = without("asan", "UBSan asks with a pipe whether an object's memory is there, and takes "
                        "a process without a descriptor for one without the object")
without_tsan = without("tsan", "its _exit() flushes standard error first, and waits for the thread "
                       "that is writing there")


def wait_exit(daemon, limit_s=20):
    return daemon.process.wait(limit_s)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGQUIT", "SIGXCPU"])
def test_a_signal_that_ends_the_daemon_drains_it(start, name):
    broker = start.broker()
    daemon = start.daemon(broker.address)
    daemon.wait_connected()
    producer = Producer(daemon)
    lines = [event("s", n) for n in range(100)]
    producer.send(*lines)
    daemon.process.send_signal(getattr(signal, name))
    assert wait_exit(daemon) == 0
    assert f"{name}: ending" in daemon.log()
    assert "every event that was taken has been settled" in daemon.log()
    assert [each.payload.decode() for each in sdk.read_topic(broker.address, start.stream)] == lines


def test_a_hangup_is_said_and_changes_nothing(start):
    daemon = start.daemon(CLOSED_PORT)
    for count in (1, 2):
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: daemon.log().count("SIGHUP is ignored") == count, "the log says so")
    assert daemon.status()["stopping"] is False
    assert daemon.stop() == 0


@pytest.mark.parametrize("name", ["SIGPIPE", "SIGXFSZ", "SIGUSR1", "SIGUSR2", "SIGALRM"])
def test_a_stray_signal_changes_nothing(start, name):
    daemon = start.daemon(CLOSED_PORT)
    daemon.process.send_signal(getattr(signal, name))
    Producer(daemon, "received").send(event("s", 1))
    until(lambda: daemon.status()["queue"]["events"] == 1, "it goes on")
    assert daemon.status()["stopping"] is False


@pytest.mark.parametrize("by_nohup, by_systemd", [(False, False), (True, False), (False, True)])
def test_a_hangup_drains_when_the_terminal_of_the_log_goes(start, by_nohup, by_systemd, tmp_path):
    ours, theirs = pty.openpty()
    daemon = start.daemon(CLOSED_PORT, {"stop": {"drain_ms": 0}},
                          environment={"NOTIFY_SOCKET": str(tmp_path / "n")} if by_systemd else {},
                          stderr=theirs,
                          preexec_fn=lambda: signal.signal(
                              signal.SIGHUP, signal.SIG_IGN if by_nohup else signal.SIG_DFL))
    os.close(theirs)
    daemon.process.send_signal(signal.SIGHUP)
    if by_nohup or by_systemd:
        said = b""
        while b"SIGHUP is ignored" not in said:
            said += os.read(ours, 4096)
        assert daemon.stop() == 0
    else:
        assert wait_exit(daemon) == 0
    os.close(ours)


@without("tsan", "its runtime puts signals aside, and loses one in some hundred")
def test_a_signal_during_the_start_waits_for_it(start):
    """Whenever it comes after the first line of ours: the daemon ends in order."""
    for _ in range(20):
        daemon = start.daemon(CLOSED_PORT, {"journal": {"directory": "auto"}}, wait=False,
                              environment={"STATE_DIRECTORY": str(start.directory)})
        until(lambda: os.path.exists(daemon.socket), "the start has come to the sockets")
        daemon.process.send_signal(signal.SIGTERM)
        assert wait_exit(daemon) == 0
        assert "SIGTERM: ending" in daemon.log()


def test_a_file_size_limit_is_trouble_with_the_disk(start):
    daemon = start.daemon(CLOSED_PORT, {"journal": {"directory": str(start.directory / "j")}},
                          preexec_fn=lambda: resource.setrlimit(
                              resource.RLIMIT_FSIZE, (200_000, 200_000)))
    producer = Producer(daemon, "received")
    count = 400
    producer.send(*(event("s", n, more="x" * 1000) for n in range(count)))
    until(lambda: daemon.status()["journal"]["state"] == "failed" or
          daemon.status()["journal"]["failures"] > 0, "the limit is met")
    until(lambda: daemon.status()["queue"]["events"] == count, "events are kept in memory")
    until(lambda: "File too large" in daemon.log(), "the log names the cause")
    assert daemon.alive()


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_a_closed_standard_stream_becomes_no_file_of_ours(start, tmp_path, closed):
    runner = tmp_path / "run"
    runner.write_text(f'#!/bin/bash\nexec {harness.DAEMON} "$@" {closed}\n')
    runner.chmod(0o755)
    journal = start.directory / "j"
    daemon = start.daemon(CLOSED_PORT, {"journal": {"directory": str(journal)},
                                        "dead_letter": {"path": str(tmp_path / "dead")}},
                          program=runner)
    streams = [os.readlink(f"/proc/{daemon.process.pid}/fd/{each}") for each in range(3)]
    for each in range(3):
        if f"{each}<&-" in closed or f"{each}>&-" in closed:
            assert streams[each] == "/dev/null"
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: "2>&-" in closed or "SIGHUP is ignored" in daemon.log(), "a line is logged")
    for path in (daemon.socket + ".lock", daemon.admin + ".lock"):
        assert os.path.getsize(path) == 0
    assert daemon.stop() == 0


def full_pipe():
    """A pipe that nobody reads, full to the last byte."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        pass
    try:
        while True:
            os.write(writer, b"x")
    except BlockingIOError:
        pass
    os.set_blocking(writer, True)
    return reader, writer


@without_tsan
def test_a_full_pipe_behind_standard_error_does_not_hold_up_a_stop(start):
    reader, writer = full_pipe()
    daemon = start.daemon(CLOSED_PORT, {"stop": {"drain_ms": 0}}, stderr=writer)
    daemon.process.send_signal(signal.SIGTERM)
    assert wait_exit(daemon, STOP_LIMIT_S) == 0
    assert not os.path.exists(daemon.socket)
    os.close(reader)
    os.close(writer)


@without_tsan
@pytest.mark.parametrize("wrong, code", [('path = "{}/no/such/s"', 73), ("mode = 7\npath = 1", 78)],
                         ids=["place", "settings"])
def test_a_full_pipe_does_not_hold_up_a_start_that_fails(tmp_path, wrong, code):
    reader, writer = full_pipe()
    config = tmp_path / "c.toml"
    config.write_text(f'[admin]\nsocket = "{tmp_path}/a"\n[socket]\n' + wrong.format(tmp_path) + "\n")
    ended = subprocess.run([harness.DAEMON, "run", "--config", config], stderr=writer, timeout=20)
    assert ended.returncode == code
    os.close(reader)
    os.close(writer)


def test_a_stop_does_not_wait_for_iggy_when_everything_is_on_disk(start):
    journal = {"journal": {"directory": str(start.directory / "j")}, "stop": {"drain_ms": 600_000}}
    daemon = start.daemon(CLOSED_PORT, journal)
    lines = [event("s", n) for n in range(300)]
    Producer(daemon, "durable").send(*lines)
    until(lambda: daemon.status()["queue"]["events"] == 300, "all are queued")
    daemon.process.send_signal(signal.SIGTERM)
    assert wait_exit(daemon, STOP_LIMIT_S) == 0
    assert "everything is in the journal: not waiting" in daemon.log()
    assert "300 events stay in the journal" in daemon.log()
    broker = start.broker()
    again = start.daemon(broker.address, journal)
    again.wait_connected()
    again.wait_drained()
    assert again.stop() == 0
    assert [each.payload.decode() for each in sdk.read_topic(broker.address, start.stream)] == lines


def test_a_stop_with_something_in_memory_only_waits_for_iggy(start):
    daemon = start.daemon(CLOSED_PORT, {"stop": {"drain_ms": 1500}})
    Producer(daemon, "received").send(event("s", 1))
    until(lambda: daemon.status()["queue"]["events"] == 1, "it is queued")
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began >= 1.5


def processor_seconds(daemon):
    fields = open(f"/proc/{daemon.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_descriptors(daemon):
    return sorted(int(each) for each in os.listdir(f"/proc/{daemon.process.pid}/fd"))


@without_ubsan
def test_more_producers_than_descriptors_leave_the_rest_to_work(start):
    """70 producers at a limit of 64: link, journal, operators and dead letters have theirs."""
    broker = start.broker()
    proxy = start.proxy(broker.address)
    daemon = start.daemon(proxy.address, {"journal": {"directory": str(start.directory / "j")},
                                          "dead_letter": {"path": str(start.directory / "dead")}},
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    daemon.wait_connected()
    producers = [daemon.connect() for _ in range(70)]
    for number, each in enumerate(producers):
        each.sendall(event(f"s{number}", number).encode() + b"\nno event\n")
    operators = [socket.socket(socket.AF_UNIX) for _ in range(15)]
    for each in operators:
        each.connect(daemon.admin)
    before = processor_seconds(daemon)
    time.sleep(1)
    assert processor_seconds(daemon) - before < 0.2
    daemon.wait_connected()
    proxy.cut()
    daemon.wait_connected()
    daemon.wait_drained()
    until(lambda: "open files: 16 producers are served at a time" in daemon.log(), "the log warns")
    assert daemon.status()["intake"]["connections_max"] == 16
    until(lambda: daemon.status()["intake"]["connections_open"] == 16, "as many as may are served")
    assert daemon.status()["intake"]["accept_failures"] == 0
    for each in operators + producers:
        each.close()
    until(lambda: daemon.status()["counters"]["received_events"] == 70, "the others come in turn")
    status = daemon.status()
    assert status["intake"]["lines_refused"] == 70
    until(lambda: daemon.status()["dead_letter"]["entries"] == 70, "all are written")
    assert status["journal"]["failures"] == 0
    daemon.wait_drained()


@without_ubsan
def test_without_a_descriptor_accepting_pauses_and_the_cause_is_named(start):
    proxy = start.proxy(start.broker().address)
    daemon = start.daemon(proxy.address, {"iggy": {"backoff_max_ms": 100}})
    daemon.wait_connected()
    producer = Producer(daemon, "received")
    before = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
    descriptors = open_descriptors(daemon)
    lowest_free = next(n for n in range(1000) if n not in descriptors)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (lowest_free, before[1]))
    waiting = [daemon.connect() for _ in range(3)]
    operator = socket.socket(socket.AF_UNIX)
    operator.connect(daemon.admin)
    until(lambda: "cannot accept a producer: this process has no file descriptors left" in daemon.log(),
          "the log names the cause")
    until(lambda: "cannot accept an operator: this process has no file" in daemon.log(), "here too")
    seconds = processor_seconds(daemon)
    time.sleep(1.5)
    assert processor_seconds(daemon) - seconds < 0.3
    assert daemon.log().count("cannot accept") <= 4
    producer.send(event("s", 1))
    producer.wait_acked(1)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, before)
    for each in waiting:
        each.sendall(event("t", 1).encode() + b"\n")
    until(lambda: daemon.status()["counters"]["received_events"] == 4, "it goes on by itself")
    status = daemon.status()
    assert status["intake"]["accept_failures"] > 0 and status["intake"]["accept_error"] == ""


@without_ubsan
def test_a_link_without_a_descriptor_names_the_cause(start):
    daemon = start.daemon(CLOSED_PORT, {"iggy": {"backoff_max_ms": 100}})
    before = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (3, before[1]))
    until(lambda: "Too many open files" in daemon.log() or "descriptors left" in daemon.log(),
          "the log names the cause")
    assert "canceled" not in daemon.log()
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("which", ["socket", "admin"])
def test_a_socket_file_that_was_removed_is_made_again(start, which):
    daemon = start.daemon(CLOSED_PORT, {"socket": {"mode": "0620"}, "stop": {"drain_ms": 1}})
    producer = Producer(daemon, "received")
    path = getattr(daemon, which)
    mode = os.stat(path).st_mode
    os.unlink(path)
    until(lambda: os.path.exists(path), "it is there again")
    until(lambda: f"{path} had been removed, and is there again" in daemon.log(), "the log says so")
    assert os.stat(path).st_mode == mode
    until(lambda: daemon.answers(), "operators are answered")
    producer.send(event("s", 1))
    Producer(daemon, "received").send(event("s", 2))
    until(lambda: daemon.status()["counters"]["received_events"] == 2, "old and new ones are heard")
    assert daemon.stop() == 0
    assert not os.path.exists(path)


def limit_memory(daemon, more_bytes):
    """So much more address space than it has now, and nothing beyond."""
    status = open(f"/proc/{daemon.process.pid}/status").read()
    size = int(status.split("VmSize:")[1].split()[0]) * 1024
    _, hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_AS)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_AS, (size + more_bytes, hard))
    return hard


@pytest.mark.skipif("release" not in str(harness.BUILD), reason="a sanitizer ends the program itself")
def test_events_without_memory_are_refused_and_the_daemon_goes_on(start):
    daemon = start.daemon(CLOSED_PORT, {"queue": {"bytes_max": 1 << 30, "events_max": 1_000_000,
                                                  "overflow": "drop_newest"}})
    before = limit_memory(daemon, 24 << 20)
    producer = Producer(daemon, "received")
    producer.send(*(event("s", n, more="x" * 100_000) for n in range(600)))
    status = until(lambda: (lambda s: s["counters"]["received_events"] == 600 and s)(daemon.status()),
                   "every event is taken or refused")
    refused = status["losses"]["out_of_memory"]
    assert 0 < refused < 600 and status["losses"]["total"] == refused
    assert status["queue"]["events"] == 600 - refused
    assert harness.adds_up(status)
    producer.wait_acked(600)
    assert len(producer.errors) == refused
    assert {each["code"] for each in producer.errors} == {"out_of_memory"}
    assert daemon.status()["stopping"] is False
    resource.prlimit(daemon.process.pid, resource.RLIMIT_AS, (before, before))
    producer.send(event("s", 1))
    until(lambda: daemon.status()["queue"]["events"] == 601 - refused, "with memory it takes again")


@pytest.mark.skipif("release" not in str(harness.BUILD), reason="a sanitizer ends the program itself")
def test_without_any_memory_the_daemon_stops_in_order(start):
    journal = {"journal": {"directory": str(start.directory / "j")}, "stop": {"drain_ms": 600_000},
               "socket": {"max_event_bytes": 10_000_000, "partial_lines_bytes_max": 512 << 20}}
    daemon = start.daemon(CLOSED_PORT, journal)
    Producer(daemon, "durable").send(*(event("s", n) for n in range(50)))
    until(lambda: daemon.status()["queue"]["events"] == 50, "all are taken")
    limit_memory(daemon, 12 << 20)
    half_lines = [daemon.connect() for _ in range(8)]
    for each in half_lines:
        each.setblocking(False)
    code = None
    while code is None:
        for each in half_lines:
            try:
                each.send(b"x" * 65536)
            except OSError:
                pass
        code = daemon.process.poll()
    assert code == 1
    assert "out of memory: ending" in daemon.log()
    assert "50 events stay in the journal" in daemon.log()
    again = start.daemon(CLOSED_PORT, journal)
    assert again.status()["counters"]["recovered_events"] == 50
