"""Whose daemon it is, and how commands find it: a user's own, and what another user left behind."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import harness
import pytest
from harness import Producer, event, until

NOBODY = 65534


class Session:
    """A user in a session, with a home of their own and a copy of the program."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="vibes-"))
        self.top.chmod(0o755)
        self.program = self.top / "vibes-ingestd"
        shutil.copy(harness.DAEMON, self.program)
        self.home, self.runtime = self.top / "home", self.top / "run"
        self.is_nobody = os.geteuid() == 0
        for each in (self.home, self.runtime):
            each.mkdir(mode=0o700)
            if self.is_nobody:
                os.chown(each, NOBODY, NOBODY)
        self.as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.is_nobody else {}
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home),
                            "XDG_RUNTIME_DIR": str(self.runtime),
                            "VIBES_INGESTD_IGGY_ADDRESSES": "127.0.0.1:1"}
        self.sockets = self.runtime / "vibes-ingestd"
        self.state = self.home / ".local/state/vibes-ingestd"
        self.log = self.top / "log"
        self.daemons = []

    def start(self, *arguments):
        with open(self.log, "ab") as log:
            self.daemons.append(subprocess.Popen([self.program, "run", *arguments], stderr=log,
                                                 env=self.environment, cwd="/", **self.as_user))
        return self.daemons[-1]

    def run(self, *arguments, **changed):
        return subprocess.run([self.program, *arguments], env={**self.environment, **changed},
                              cwd="/", capture_output=True, text=True, timeout=60, **self.as_user)

    def close(self):
        for each in self.daemons:
            if each.poll() is None:
                each.send_signal(signal.SIGTERM)
                each.wait(60)
        shutil.rmtree(self.top)


@pytest.fixture
def session():
    made = Session()
    yield made
    made.close()


def test_a_user_has_a_daemon_of_their_own(session):
    daemon = session.start()
    until(lambda: session.run("status").returncode == 0, "it answers")
    assert session.sockets.stat().st_mode & 0o7777 == 0o700
    assert session.state.stat().st_mode & 0o7777 == 0o700
    sent = session.run("send", "-v", "--ack", "durable", event("s", 1))
    assert sent.returncode == 0, sent.stderr
    assert f"asks {session.sockets}/events.sock (your own daemon)" in sent.stderr
    listed = session.run("queue", "list", "--json")
    assert listed.returncode == 0 and len(listed.stdout.splitlines()) == 1
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(60) == 0
    # The daemon does not run, its journal is found all the same.
    exported = session.run("queue", "export", "--journal", "auto")
    assert exported.returncode == 0 and exported.stdout == event("s", 1) + "\n"
    # And nobody else's is taken for it without a word.
    ended = session.run("queue", "pause")
    assert ended.returncode != 0
    assert (f"[asked /run/vibes-ingestd/admin.sock, the system's daemon; your own is not there: "
            f"{session.sockets}/admin.sock") in ended.stderr


def test_a_users_settings_are_their_own(session):
    settings = session.home / ".config/vibes-ingestd/vibes-ingestd.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[socket]\npath = "{session.runtime}/mine"\n[journal]\ndirectory = ""\n'
                        '[stop]\ndrain_ms = 1\n[iggy]\npassword = "secret"\n')
    for each in (settings, settings.parent, settings.parent.parent):
        if session.is_nobody:
            os.chown(each, NOBODY, NOBODY)
    session.start()
    until(lambda: session.run("status").returncode == 0, "it answers")
    assert session.run("send", "--ack", "received", event("s", 1)).returncode == 0
    assert not session.state.exists(), "there is to be no journal"
    warned = "[iggy] password: everybody may read this file"
    assert warned in session.log.read_text()
    assert warned in session.run("status").stdout
    assert warned in session.run("check").stderr


def test_a_lock_that_another_user_left_is_named(session):
    if not session.is_nobody:
        pytest.skip("takes root, to be two users")
    session.sockets.mkdir()
    lock = session.sockets / "events.sock.lock"
    lock.touch(mode=0o600)
    os.chown(session.sockets, NOBODY, NOBODY)
    assert session.start().wait(60) == 73
    assert f"{lock} cannot be opened (Permission denied): it belongs to root" in \
        session.log.read_text()


def test_what_root_does_to_a_users_journal_leaves_it_to_the_user(session):
    if not session.is_nobody:
        pytest.skip("takes root, to be two users")
    daemon = session.start()
    until(lambda: session.run("status").returncode == 0, "it answers")
    assert session.run("send", "--ack", "durable", event("s", 1), event("s", 2)).returncode == 0
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(60) == 0
    dropped = subprocess.run([session.program, "queue", "drop", "--journal",
                              session.state / "journal", "--all", "--yes"], timeout=60)
    assert dropped.returncode == 0
    assert {each.stat().st_uid for each in (session.state / "journal").iterdir()} == {NOBODY}
    session.start()
    until(lambda: session.run("status").returncode == 0, "it answers")
    assert session.run("send", "--ack", "durable", event("s", 3)).returncode == 0


def test_the_environment_names_the_daemon(start):
    daemon = start.daemon("127.0.0.1:1", {"iggy": {"password_file": "/not/there"}}, wait=False)
    assert daemon.process.wait(60) == 78, "the daemon itself cannot do without"
    daemon = start.daemon("127.0.0.1:1")
    named = {**os.environ, "VIBES_INGESTD_SOCKET_PATH": daemon.socket,
             "VIBES_INGESTD_ADMIN_SOCKET": daemon.admin}
    assert daemon.run("send", "--ack", "received", event("s", 1), env=named).returncode == 0
    assert daemon.run("status", env=named).returncode == 0
    assert daemon.run("queue", "list", "--json", env=named).stdout.count("\n") == 1


def test_commands_that_need_no_login_do_without_it(start, tmp_path):
    daemon = start.daemon("127.0.0.1:1")
    producer = Producer(daemon, "received")
    producer.send(event("s", 1))
    producer.wait_acked(1)
    daemon.config.write_text(daemon.config.read_text().replace(
        "[iggy]", '[iggy]\npassword_file = "/not/there"'))
    letters = tmp_path / "letters"
    letters.write_text("")
    for command in (["status"], ["queue", "list"], ["send", event("s", 2)],
                    ["queue", "requeue", "--dead-letter", letters]):
        ended = daemon.run(*command, "--config", daemon.config)
        assert ended.returncode == 0, (command, ended.stderr)
    assert daemon.run("check", "--config", daemon.config).returncode == 78
