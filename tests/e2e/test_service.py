"""The daemon as a service: readiness, watchdog, sockets handed over, a bounded stop."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess

import harness
import pytest
import sdk
from harness import Producer, event, until

ROOT = harness.pathlib.Path(__file__).resolve().parents[2]


class Manager:
    """The socket that systemd would listen on for notifications."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(harness.DEADLINE_S)
        self.seen = []

    def wait_for(self, pattern):
        while not any(re.search(pattern, each) for each in self.seen):
            self.seen.append(self.socket.recv(4096).decode())

    def close(self):
        self.socket.close()


@pytest.fixture
def manager(tmp_path):
    listening = Manager(tmp_path / "notify")
    yield listening
    listening.close()


def test_readiness_status_and_watchdog_are_told(start, manager):
    daemon = start.daemon(start.broker().address, environment={
        "NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000"})
    manager.wait_for(r"READY=1")
    manager.wait_for(r"STATUS=connected to .*, 0 queued, 0 dropped")
    for _ in range(3):
        manager.seen.clear()
        manager.wait_for(r"WATCHDOG=1")
    assert daemon.stop() == 0
    manager.wait_for(r"STOPPING=1")
    manager.wait_for(r"EXTEND_TIMEOUT_USEC=\d+")


def test_ready_does_not_wait_for_iggy(start, manager):
    start.daemon("127.0.0.1:1", environment={"NOTIFY_SOCKET": manager.path})
    manager.wait_for(r"READY=1")
    manager.wait_for(r"STATUS=not connected to Iggy")


@contextlib.contextmanager
def locked(directory):
    """A journal that somebody uses."""
    directory.mkdir(exist_ok=True)
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_a_start_waits_for_a_journal_that_somebody_uses(start, manager, tmp_path):
    directory = tmp_path / "journal"
    with locked(directory):
        daemon = start.daemon("127.0.0.1:1", {"journal": {"directory": str(directory)}}, wait=False,
                              environment={"NOTIFY_SOCKET": manager.path})
        manager.wait_for(r"EXTEND_TIMEOUT_USEC=25000000")
        assert not [each for each in manager.seen if "READY=1" in each]
        line = f"waits up to 20 s for the journal: {directory}/lock is held by "
        until(lambda: line in daemon.log(), "it says so")
        assert f"{line}pid {os.getpid()}" in daemon.log() or f"{line}another" in daemon.log()
        early = daemon.connect()
        early.sendall(event("s", 1).encode() + b"\n")
    manager.wait_for(r"READY=1")
    until(lambda: daemon.status()["counters"]["received_events"] == 1, "a producer has waited")
    assert daemon.status()["journal"]["state"] == "healthy"
    assert daemon.log().count("waits up to") == 1


def test_a_start_does_not_wait_longer_than_it_is_to(start, manager, tmp_path):
    directory = tmp_path / "journal"
    with locked(directory):
        daemon = start.daemon("127.0.0.1:1", {"journal": {"directory": str(directory),
                                                          "lock_wait_ms": 200}}, wait=False,
                              environment={"NOTIFY_SOCKET": manager.path})
        assert daemon.process.wait(60) == 73
    manager.wait_for(r"ERRNO=\d+")
    assert f"{directory} is in use: {directory}/lock is held by" in daemon.log()


def test_a_start_that_waits_can_be_stopped(start, tmp_path):
    directory = tmp_path / "journal"
    with locked(directory):
        daemon = start.daemon("127.0.0.1:1", {"journal": {"directory": str(directory)}}, wait=False)
        until(lambda: "waits up to" in daemon.log(), "it waits")
        assert daemon.stop() == 0
    assert "stopped while waiting" in daemon.log()
    assert not os.path.exists(daemon.socket)


def test_a_start_that_fails_tells_why(start, manager, tmp_path):
    daemon = start.daemon("127.0.0.1:1", {"socket": {"path": str(tmp_path / "no" / "s")}},
                          environment={"NOTIFY_SOCKET": manager.path}, wait=False)
    assert daemon.process.wait(60) == 73
    manager.wait_for(r"ERRNO=2")


def test_a_socket_handed_over_is_used_and_left_in_place(start, tmp_path):
    path = str(tmp_path / "handed-over")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(100)
        early = socket.socket(socket.AF_UNIX)
        early.connect(path)
        early.sendall(event("early", 1).encode() + b"\n")
        early.close()
        # LISTEN_PID has to be the daemon's own: the shell becomes the daemon.
        runner = tmp_path / "run"
        runner.write_text("#!/bin/bash\nexport LISTEN_PID=$$ LISTEN_FDS=1\n"
                          f'exec 3<&{listening.fileno()}\nexec {harness.DAEMON} "$@"\n')
        runner.chmod(0o755)
        broker = start.broker()
        daemon = start.daemon(broker.address, program=runner, pass_fds=[listening.fileno()])
        assert not os.path.exists(daemon.socket), "its own path is not used"
        assert f"[socket] path is {path} and not {daemon.socket}" in daemon.log()
        daemon.socket = path
        producer = Producer(daemon)
        producer.send(event("s", 1))
        producer.wait_acked(1)
        assert daemon.stop() == 0
        assert os.path.exists(path)
        assert len(sdk.read_topic(broker.address, start.stream)) == 2


def handed_over(start, tmp_path, names, count=2):
    """A program that gets so many listening sockets as systemd hands them over, and their paths."""
    paths = [str(start.directory / f"s{each}") for each in range(count)]
    sockets = [socket.socket(socket.AF_UNIX) for _ in paths]
    for each, path in zip(sockets, paths):
        each.bind(path)
        each.listen(10)
    # Out of the way of the descriptors that are the agreement.
    high = [fcntl.fcntl(each.fileno(), fcntl.F_DUPFD, 100 + 10 * n) for n, each in enumerate(sockets)]
    runner = tmp_path / "run"
    runner.write_text("#!/bin/bash\n"
                      f"export LISTEN_PID=$$ LISTEN_FDS={count} LISTEN_FDNAMES={names}\n"
                      + "".join(f"exec {3 + n}<&{each}\n" for n, each in enumerate(high)) +
                      f'exec {harness.DAEMON} "$@"\n')
    runner.chmod(0o755)
    return runner, high, paths


def test_every_socket_that_is_handed_over_is_served(start, tmp_path):
    runner, passed, paths = handed_over(start, tmp_path, "events:events:events", 3)
    broker = start.broker()
    daemon = start.daemon(broker.address, program=runner, pass_fds=passed)
    for number, path in enumerate(paths):
        daemon.socket = path
        producer = Producer(daemon)
        producer.send(event("s", number))
        producer.wait_acked(1)
    assert daemon.stop() == 0
    assert len(sdk.read_topic(broker.address, start.stream)) == 3


def test_a_socket_that_nobody_would_serve_prevents_the_start(start, tmp_path):
    runner, passed, paths = handed_over(start, tmp_path, "events:other")
    daemon = start.daemon("127.0.0.1:1", program=runner, pass_fds=passed, wait=False)
    assert daemon.process.wait(60) == 73
    assert ('descriptor 4 ("other") of the service manager, {}, is not named "events"'.format(paths[1])
            in daemon.log())


def test_a_socket_of_the_wrong_kind_is_named(start, tmp_path):
    """All sockets of one unit have one name: its path or its port tells which line is meant."""
    runner, passed, _ = handed_over(start, tmp_path, "events:events")
    port = socket.create_server(("127.0.0.1", 0))
    os.dup2(port.fileno(), passed[1])
    daemon = start.daemon("127.0.0.1:1", program=runner, pass_fds=passed, wait=False)
    assert daemon.process.wait(60) == 73
    assert (f'descriptor 4 ("events") of the service manager, port {port.getsockname()[1]}, '
            "is not a listening Unix stream socket") in daemon.log()


@pytest.mark.embedded
def test_a_stop_drains_what_is_queued(start):
    broker = start.broker()
    daemon = start.daemon(broker.address)
    daemon.wait_connected()
    broker.control("vanish")
    producer = Producer(daemon)
    lines = [event("s", n) for n in range(500)]
    producer.send(*lines)
    until(lambda: daemon.status()["queue"]["events"] == 500, "all are queued")
    daemon.process.send_signal(signal.SIGTERM)
    until(lambda: "stopping: 500 events queued" in daemon.log(), "the stop has begun")
    broker.control("come-back")
    assert daemon.process.wait(60) == 0
    producer.wait_acked(500)
    assert producer.read() is None, "then the end of the stream"
    assert "every event that was taken has been settled" in daemon.log()
    assert [each.payload.decode() for each in sdk.read_topic(broker.address, start.stream)] == lines


def test_a_stop_is_bounded_and_says_what_was_left(start):
    daemon = start.daemon("127.0.0.1:1", {"stop": {"drain_ms": 100}})
    producer = Producer(daemon)
    producer.send(event("s", 1), event("s", 2))
    until(lambda: daemon.status()["queue"]["events"] == 2, "both are queued")
    assert daemon.stop() == 0
    assert "stopped with 2 events that Iggy has not acknowledged" in daemon.log()
    assert [producer.read()["error"]["code"] for _ in range(2)] == ["stopping", "stopping"]


def test_a_second_signal_does_not_wait_for_the_drain(start):
    daemon = start.daemon("127.0.0.1:1", {"stop": {"drain_ms": 3600000}})
    producer = Producer(daemon, "received")
    producer.send(event("s", 1))
    producer.wait_acked(1)
    daemon.process.send_signal(signal.SIGTERM)
    until(lambda: "stopping: 1 events queued" in daemon.log(), "the stop has begun")
    assert daemon.stop() == 0
    assert "second signal" in daemon.log()


def test_the_journal_gets_priorities(start):
    daemon = start.daemon("127.0.0.1:1", {"log": {"format": "journal"}})
    until(lambda: "refuses connections" in daemon.log(), "a warning is logged")
    assert re.search(r"^<5>vibes-ingestd .* takes events at", daemon.log(), re.M)
    assert re.search(r"^<4>Iggy at .* refuses connections", daemon.log(), re.M)
    assert all(re.match(r"<[0-7]>", each) for each in daemon.log().splitlines())


def test_the_socket_is_for_whom_the_settings_say(start):
    daemon = start.daemon("127.0.0.1:1", {"socket": {"mode": "0620"}})
    assert os.stat(daemon.socket).st_mode & 0o777 == 0o620
    assert os.stat(daemon.admin).st_mode & 0o777 == 0o600


def install(prefix, destination):
    ended = subprocess.run(["cmake", "--install", harness.BUILD, "--prefix", prefix],
                           env={**os.environ, "DESTDIR": str(destination)},
                           capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("prefix", ["/usr", "/usr/local", "/opt/vibes"])
def test_an_install_is_whole_under_every_prefix(tmp_path, prefix):
    install(prefix, tmp_path)
    units = tmp_path / prefix[1:] / "lib/systemd/system"
    service = (units / "vibes-ingestd.service").read_text()
    program = re.search(r"^ExecStart=(\S+) run$", service, re.M).group(1)
    assert program == f"{prefix}/bin/vibes-ingestd"
    assert os.access(tmp_path / program[1:], os.X_OK)
    assert (tmp_path / prefix[1:] / "lib/sysusers.d/vibes-ingestd.conf").exists()
    settings = tmp_path / "etc/vibes-ingestd/vibes-ingestd.toml"
    assert settings.stat().st_mode & 0o7777 == 0o644
    assert (settings.stat().st_uid, settings.stat().st_gid) == (os.geteuid(), os.getegid())
    assert not re.search(r"^password\b", settings.read_text(), re.M), "no secret is shipped"


def test_an_install_leaves_the_settings_of_an_operator_alone(tmp_path):
    settings = tmp_path / "etc/vibes-ingestd/vibes-ingestd.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("# mine\n")
    settings.chmod(0o640)
    assert "Left as it is" in install("/usr", tmp_path)
    assert settings.read_text() == "# mine\n"
    assert settings.stat().st_mode & 0o7777 == 0o640
    settings.unlink()
    settings.symlink_to("elsewhere.toml")
    install("/usr", tmp_path)
    assert os.readlink(settings) == "elsewhere.toml"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("prefix", ["/usr", "/usr/local"])
def test_systemd_finds_nothing_wrong_with_the_installed_units(tmp_path, prefix):
    install(prefix, tmp_path)
    shutil.copytree("/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True,
                    dirs_exist_ok=True)
    units = tmp_path / prefix[1:] / "lib/systemd/system"
    ended = subprocess.run(["systemd-analyze", "verify", "--man=no", f"--root={tmp_path}",
                            units / "vibes-ingestd.service", units / "vibes-ingestd.socket"],
                           capture_output=True, text=True)
    ours = [each for each in ended.stderr.splitlines() if "vibes-ingestd" in each]
    assert ended.returncode == 0 and ours == [], ended.stderr


def test_the_service_never_gives_up_and_does_not_take_the_sockets_place():
    service = (ROOT / "systemd/vibes-ingestd.service.in").read_text().splitlines()
    socket_unit = (ROOT / "systemd/vibes-ingestd.socket").read_text().splitlines()
    for line in ["StartLimitIntervalSec=0", "Restart=on-failure", "RestartSec=2",
                 "Requires=vibes-ingestd.socket", "After=network.target vibes-ingestd.socket"]:
        assert line in service
    assert not [each for each in service
                if each.startswith(("RestartPreventExitStatus", "Wants=network-online"))]
    assert "TriggerLimitIntervalSec=0" in socket_unit and "StartLimitIntervalSec=0" in socket_unit


def test_the_socket_unit_and_the_settings_name_the_same_path():
    unit = (ROOT / "systemd/vibes-ingestd.socket").read_text()
    sample = (ROOT / "config/vibes-ingestd.toml").read_text()
    path = re.search(r"^ListenStream=(\S+)$", unit, re.M).group(1)
    assert f'# path = "{path}"' in sample
