"""The commands of the program, as a user types them."""

import json
import os
import signal
import socket
import subprocess

import harness
import pytest
import sdk
from harness import Producer, event, until


@pytest.fixture
def running(start):
    daemon = start.daemon(start.broker().address)
    daemon.wait_connected()
    return daemon


def send(daemon, *arguments, **options):
    return daemon.run("send", "--socket", daemon.socket, *arguments, **options)


def tail(daemon, *arguments):
    ended = daemon.run("tail", "--config", daemon.config, "--json", "--timeout-ms", "200",
                       *arguments)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(each) for each in ended.stdout.splitlines()]


def numbers(records):
    return [each["event"]["number"] for each in records]


def test_send_takes_events_from_arguments_and_waits_for_the_commit(running, start):
    lines = [event("s-1", n) for n in range(3)]
    ended = send(running, "--ack", "committed", *lines)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    address = running.status()["link"]["address"]
    assert [each.payload.decode() for each in sdk.read_topic(address, start.stream)] == lines


def test_send_takes_lines_from_standard_input_and_returns_without_an_ack(running):
    ended = send(running, input=event("s-1", 1) + "\n" + event("s-1", 2))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    until(lambda: running.status()["counters"]["committed_events"] == 2, "both are committed")


def test_send_wraps_a_hook(running):
    payload = {"session_id": "abc", "hook_event_name": "PreToolUse", "tool_name": "Bash",
               "type": "shadowed"}
    ended = send(running, "--hook", "PreToolUse", "--ack", "committed", input=json.dumps(payload))
    assert ended.returncode == 0, ended.stderr
    [stored] = tail(running)
    assert stored["session"] == "abc"
    assert stored["event"] == {"type": "hook", "session_id": "abc", "event": {
        "type": "pre_tool_use", "session_id": "abc", "hook_event_name": "PreToolUse",
        "tool_name": "Bash"}}


@pytest.mark.parametrize("ack", [(), ("--ack", "committed", "--deadline-ms", "30000")])
def test_send_takes_events_larger_than_any_of_its_pieces(running, ack):
    payload = json.dumps({"session_id": "s", "pad": "x" * 900_000})
    ended = send(running, "--hook", "stop", *ack, input=payload)
    assert (ended.returncode, ended.stderr) == (0, "")
    ended = send(running, *ack, *(event("s", n, pad="x" * 100_000) for n in range(10)))
    assert (ended.returncode, ended.stderr) == (0, "")
    until(lambda: running.status()["counters"]["committed_events"] == 11, "all are there")


def test_send_says_which_event_was_refused_and_delivers_its_neighbours(running):
    ended = send(running, "--ack", "committed", event("s", 1), '{"no":"type"}', event("s", 2))
    assert ended.returncode == 65
    assert '"line":2' in ended.stderr and "missing_type" in ended.stderr
    assert numbers(tail(running)) == [1, 2]


def test_send_without_a_daemon_says_what_to_do(tmp_path):
    command = [harness.DAEMON, "send", "--socket", str(tmp_path / "none.sock")]
    ended = subprocess.run([*command, "{}"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 69
    assert len(ended.stderr.splitlines()) == 1 and "--socket" in ended.stderr
    hook = subprocess.run([*command, "--hook", "stop", "--quiet-failure"], input="{}", text=True,
                          timeout=60)
    assert hook.returncode == 0, "a hook never fails its caller"


def test_send_keeps_its_deadline_with_a_daemon_that_does_not_answer(tmp_path):
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(path)
        silent.listen()
        ended = subprocess.run([harness.DAEMON, "send", "--socket", path, "--ack", "received",
                                "--deadline-ms", "100", '{"type":"a"}'],
                               capture_output=True, text=True, timeout=60)
    assert ended.returncode == 75
    assert "deadline" in ended.stderr


def test_status_shows_the_same_figures_to_people_and_programs(running):
    assert send(running, "--ack", "committed", event("s", 1)).returncode == 0
    shown = running.run("status", "--config", running.config, "--json")
    status = json.loads(shown.stdout)
    assert status["link"]["state"] == "ready"
    version = status["link"]["server_version"]
    # 0.4 does not tell which it is.
    assert version == "" if harness.GENERATION == "0.4" else version.startswith(harness.GENERATION)
    assert harness.GENERATION in status["link"]["generation"].split("-")
    assert status["link"]["partitions"] == 8
    assert status["counters"]["committed_events"] == 1
    assert status["losses"]["total"] == 0
    human = running.run("status", "--admin-socket", running.admin)
    assert human.returncode == 0
    words = [line.split() for line in human.stdout.splitlines()]
    assert ["committed", "events", "1"] in words and ["state", "ready"] in words


def test_status_shows_who_is_connected(running):
    producer = Producer(running)
    producer.send(event("s", 1), "{}", event("s", 2))
    producer.wait_acked(3)
    [shown] = running.status()["producers"]
    assert shown["ack"] == "committed" and shown["events"] == 2 and shown["refused"] == 1
    assert shown["pid"] > 0 and shown["uid"] >= 0
    producer.close()
    until(lambda: not running.status()["producers"], "it is gone from the list")


def test_status_without_a_daemon_says_so(tmp_path):
    ended = subprocess.run([harness.DAEMON, "status", "--admin-socket", str(tmp_path / "none")],
                           capture_output=True, text=True, timeout=60)
    assert ended.returncode == 69 and len(ended.stderr.splitlines()) == 1


def test_tail_begins_where_it_is_told(running):
    assert send(running, "--ack", "committed", *(event("one", n) for n in range(10))).returncode == 0
    assert numbers(tail(running)) == list(range(10))
    assert numbers(tail(running, "--session", "one", "--from", "7")) == [7, 8, 9]
    assert numbers(tail(running, "--session", "one", "--from", "-2")) == [8, 9]
    assert numbers(tail(running, "--session", "one", "--count", "4")) == [0, 1, 2, 3]
    assert tail(running, "--from", "end") == []
    [partition] = {each["partition"] for each in tail(running)}
    assert numbers(tail(running, "--partition", str(partition))) == list(range(10))
    other = next(each for each in harness.partition_ids(8) if each != partition)
    assert tail(running, "--partition", str(other)) == []


def test_tail_shows_one_session_of_a_shared_partition(running):
    # With 8 partitions these two share partition 2 (docs/wire.md, "Partitioning").
    lines = [event(each, n) for n in range(3) for each in ("sess-0", "sess-1")]
    assert send(running, "--ack", "committed", *lines).returncode == 0
    shown = tail(running, "--session", "sess-1")
    assert [each["session"] for each in shown] == ["sess-1"] * 3
    assert {each["partition"] for each in tail(running)} == {2}


def test_tail_goes_on_where_its_group_committed(running):
    assert send(running, "--ack", "committed", *(event("one", n) for n in range(6))).returncode == 0
    reader = ("--group", "readers")
    assert numbers(tail(running, *reader, "--commit", "--count", "2")) == [0, 1]
    assert numbers(tail(running, *reader, "--count", "2")) == [2, 3], "nothing was committed here"
    assert numbers(tail(running, *reader, "--commit", "--session", "one", "--count", "2")) == [2, 3]
    assert numbers(tail(running, *reader, "--commit")) == [4, 5]
    assert tail(running, *reader) == []
    assert numbers(tail(running, "--group", "others")) == list(range(6))


def test_tail_follows_until_it_is_interrupted(running):
    reader = subprocess.Popen([harness.DAEMON, "tail", "--config", running.config, "--follow",
                               "--json"], stdout=subprocess.PIPE, text=True)
    for number in range(3):
        assert send(running, event("s", number)).returncode == 0
        assert json.loads(reader.stdout.readline())["event"]["number"] == number
    reader.send_signal(signal.SIGINT)
    assert reader.wait(60) == 0
    reader.stdout.close()


def test_tail_follows_through_an_outage(start):
    proxy = start.proxy(start.broker().address)
    daemon = start.daemon(proxy.address)
    daemon.wait_connected()
    reader = subprocess.Popen([harness.DAEMON, "tail", "--config", daemon.config, "--follow",
                               "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True)
    for number in range(3):
        assert send(daemon, "--ack", "committed", event("s", number)).returncode == 0
        assert json.loads(reader.stdout.readline())["event"]["number"] == number
        proxy.vanish()
        until(lambda: daemon.status()["link"]["state"] != "ready", "the outage is noticed")
        proxy.come_back()
        daemon.wait_connected()
    reader.terminate()
    assert reader.wait(60) == 0
    reader.stdout.close()


def test_tail_tells_an_absent_server_from_one_that_refuses(running, tmp_path):
    absent = {"VIBES_INGESTD_IGGY_ADDRESSES": "127.0.0.1:1"}
    wrong = {"VIBES_INGESTD_IGGY_PASSWORD": "not-this-one"}
    for changed, code, words in ((absent, 69, "refuses connections"), (wrong, 77, "password")):
        ended = running.run("tail", "--config", running.config,
                            env={**harness.os.environ, **changed})
        assert ended.returncode == code, ended.stderr
        assert words in ended.stderr and len(ended.stderr.splitlines()) == 1
        login = f"logged in with user {harness.USERNAME} and the password from [iggy] password"
        assert (login in ended.stderr) == (code == 77)


def test_tail_of_a_stream_that_is_not_there_says_so(running):
    ended = running.run("tail", "--config", running.config, "--stream", "no-such-stream")
    assert ended.returncode == 77
    assert "no such stream or topic" in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_check_tells_where_an_event_will_go(running, start):
    lines = [event("sess-2", 1), '{"session_id":"x"}', event("unknown", 2)]
    ended = running.run("check", "--config", running.config, "--event", "-", "--online", "--json",
                        input="\n".join(lines))
    assert ended.returncode == 65
    first, second, third = (json.loads(each) for each in ended.stdout.splitlines())
    assert (first["accepted"], first["key"], first["partition"]) == (True, "sess-2", 3)
    assert (second["accepted"], second["code"]) == (False, "missing_type")
    assert (third["key"], third["partition"]) == ("unknown", 1)


def test_version_and_help_are_there():
    version = subprocess.run([harness.DAEMON, "--version"], capture_output=True, text=True)
    assert version.returncode == 0 and version.stdout.startswith("vibes-ingestd 0.")
    help_text = subprocess.run([harness.DAEMON, "--help"], capture_output=True, text=True)
    assert help_text.returncode == 0 and "Examples:" in help_text.stdout
    wrong = subprocess.run([harness.DAEMON, "tell"], capture_output=True, text=True)
    assert wrong.returncode == 64


def run_into(output, *arguments, **options):
    """The program with another standard output; its code and what it says on standard error."""
    ended = subprocess.run([harness.DAEMON, *arguments], stdout=output, stderr=subprocess.PIPE,
                           text=True, timeout=60, **options)
    return ended.returncode, ended.stderr


@pytest.fixture
def full():
    with open("/dev/full", "wb", buffering=0) as device:
        yield device


@pytest.fixture
def unread():
    """A pipe that nobody reads from."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def commands_with_output(daemon, empty):
    settings = ("--config", daemon.config)
    return [("status", *settings), ("status", "--json", *settings), ("check", *settings),
            ("check", "--event", daemon.config, *settings), ("queue", "list", *settings),
            ("queue", "list", "--json", *settings), ("queue", "show", "1", *settings),
            ("queue", "export", *settings), ("tail", "--timeout-ms", "0", *settings),
            ("queue", "requeue", "--dead-letter", empty, *settings),
            ("queue", "drop", "1", "--yes", *settings), ("--version",), ("--help",),
            ("send", "--help")]


def test_output_that_cannot_be_written_is_an_error_of_every_command(running, full, unread,
                                                                    tmp_path):
    (tmp_path / "empty").touch()
    assert send(running, "--ack", "committed", event("s", 1)).returncode == 0
    running.queue_done("pause")
    running.queue("drop", "--all", "--yes")
    assert send(running, "--ack", "received", event("s", 2)).returncode == 0
    [waiting] = [each["sequence"] for each in
                 map(json.loads, running.queue_done("list", "--json").splitlines())]
    for command in commands_with_output(running, tmp_path / "empty"):
        command = [str(waiting) if each == "1" else each for each in command]
        code, complaint = run_into(full, *command)
        if command[:2] != ["queue", "drop"]:
            assert code == 74 and "No space left on device" in complaint, (command, complaint)
            assert len(complaint.splitlines()) == 1
            assert run_into(unread, *command) == (74, ""), command
            # The caller's SIGPIPE is no matter.
            assert run_into(unread, *command, restore_signals=False) == (74, ""), command
        else:
            assert code == 74, "it was dropped, and could not be told"


def test_tail_commits_nothing_that_it_could_not_show(running, full, unread):
    assert send(running, "--ack", "committed", *(event("one", n) for n in range(6))).returncode == 0
    reading = ("tail", "--config", running.config, "--group", "readers", "--commit", "--timeout-ms",
               "200")
    for nowhere in (full, unread):
        assert run_into(nowhere, *reading)[0] == 74
        assert run_into(nowhere, *reading, "--follow")[0] == 74
    assert numbers(tail(running, "--group", "readers")) == list(range(6)), "nothing was committed"


def test_tail_that_follows_ends_when_its_reader_goes(running):
    following = [harness.DAEMON, "tail", "--config", running.config, "--group", "readers",
                 "--commit", "--json"]
    for ways in ({}, {"restore_signals": False}):  # SIGPIPE as it is, and ignored as in services
        reader = subprocess.Popen([*following, "--follow"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, **ways)
        assert send(running, "--ack", "committed", event("s", 1)).returncode == 0
        assert reader.stdout.readline()
        reader.stdout.close()  # and no further event comes
        assert reader.wait(60) == 74 and reader.stderr.read() == b""
        reader.stderr.close()


def test_tail_waits_for_nobody_to_read_in_an_outage(start):
    proxy = start.proxy(start.broker().address)
    daemon = start.daemon(proxy.address)
    daemon.wait_connected()
    reader = subprocess.Popen([harness.DAEMON, "tail", "--config", daemon.config, "--follow"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert send(daemon, "--ack", "committed", event("s", 1)).returncode == 0
    assert reader.stdout.readline()
    proxy.vanish()
    assert "trying again" in reader.stderr.readline()
    reader.stdout.close()
    assert reader.wait(60) == 74
    reader.stderr.close()


def test_tail_with_a_long_timeout_ends_when_it_is_interrupted(running):
    assert send(running, "--ack", "committed", event("s", 1)).returncode == 0
    reader = subprocess.Popen([harness.DAEMON, "tail", "--config", running.config, "--timeout-ms",
                               "3600000"], stdout=subprocess.PIPE, text=True)
    assert reader.stdout.readline()
    reader.send_signal(signal.SIGINT)
    assert reader.wait(60) == 0
    reader.stdout.close()


def test_an_input_that_cannot_be_read_is_no_empty_one(running, tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    for command in (("check", "--config", running.config, "--event", str(tmp_path)),
                    ("check", "--config", running.config, "--event", "-"),
                    ("send", "--socket", running.socket),
                    ("send", "--socket", running.socket, "--ack", "received"),
                    ("send", "--socket", running.socket, "--hook", "stop"),
                    ("queue", "requeue", "--socket", running.socket, "--dead-letter",
                     str(tmp_path))):
        code, complaint = run_into(subprocess.DEVNULL, *command, stdin=folder)
        assert code == 74 and "Is a directory" in complaint, (command, complaint)
        assert len(complaint.splitlines()) == 1
    os.close(folder)
    missing = running.run("check", "--config", running.config, "--event", str(tmp_path / "none"))
    assert missing.returncode == 64 and "No such file" in missing.stderr


def test_a_hook_never_fails_its_caller(tmp_path, unread):
    nobody = ("--socket", str(tmp_path / "none.sock"))
    folder = os.open(tmp_path, os.O_RDONLY)
    for arguments in (nobody, (*nobody, "--hook", "stop", "not json"), ("--no-such-option",),
                      ("--deadline-ms", "never"), ("--ack", "soon", "{}"), ("--hook",)):
        for options in ({}, {"stderr": unread}, {"stdin": folder}):
            ended = subprocess.run([harness.DAEMON, "send", "--quiet-failure", *arguments],
                                   timeout=60, **{"stdin": subprocess.DEVNULL, **options})
            assert ended.returncode == 0, (arguments, options)
    os.close(folder)
    code, _ = run_into(subprocess.DEVNULL, "send", *nobody, "{}")
    assert code == 69, "others hear of it"


def test_an_export_without_a_daemon_leaves_no_file(running, tmp_path):
    copy = tmp_path / "copies" / "copy"
    copy.parent.mkdir()
    export = ("queue", "export", str(copy))
    absent = running.run(*export, "--admin-socket", str(tmp_path / "none"))
    assert absent.returncode == 69 and os.listdir(copy.parent) == []
    again = running.run(*export, "--admin-socket", running.admin)
    assert again.returncode == 0 and os.listdir(copy.parent) == ["copy"]
    assert copy.read_text() == ""


class StreamingSend:
    """`send` with an input that is still open."""

    def __init__(self, daemon, *arguments):
        self.process = subprocess.Popen(
            [harness.DAEMON, "send", "--socket", daemon.socket, *arguments],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def say(self, *lines):
        self.process.stdin.write("".join(each + "\n" for each in lines))
        self.process.stdin.flush()

    def end(self):
        _, complaint = self.process.communicate(timeout=60)
        return self.process.returncode, complaint


@pytest.mark.parametrize("arguments", [(), ("--ack", "committed", "--deadline-ms", "30000")])
def test_send_passes_on_each_line_as_it_comes(running, arguments):
    sending = StreamingSend(running, *arguments)
    for number in range(3):
        sending.say(event("s", number))
        until(lambda: running.status()["counters"]["committed_events"] == number + 1,
              "it is there before the next one is written")
    assert sending.end() == (0, "")


def test_send_reads_any_number_of_refusals(running):
    lines = ["{}"] * 5000 + [event("s", 1)]
    ended = send(running, "--ack", "committed", "--deadline-ms", "30000", input="\n".join(lines))
    assert ended.returncode == 65
    refusals = ended.stderr.splitlines()
    assert len(refusals) == 5001 and refusals[-1].endswith("5000 events were refused")
    assert [f'"line":{n},' in each for n, each in enumerate(refusals[:-1], 1)].count(False) == 0
    assert numbers(tail(running)) == [1]
    assert running.status()["intake"]["connections_cut_off"] == 0


@pytest.mark.parametrize("ack", ["received", "committed"])
def test_send_hands_over_what_it_can_in_an_outage(start, ack):
    daemon = start.daemon("127.0.0.1:1")
    ended = send(daemon, "--ack", ack, "--deadline-ms", "1000",
                 input="".join(event("s", n) + "\n" for n in range(1000)))
    assert ended.returncode == (0 if ack == "received" else 75)
    if ack == "committed":
        assert "it has answered for 0 of 1000 lines [asked " in ended.stderr
    until(lambda: daemon.status()["counters"]["received_events"] == 1000, "all were taken")


def test_send_ends_when_the_daemon_does(running):
    sending = [StreamingSend(running), StreamingSend(running, "--ack", "received")]
    for number, each in enumerate(sending, 1):
        each.say(event("s", 1))
        until(lambda: running.status()["counters"]["committed_events"] == number, "it is there")
    running.stop()
    for each in sending:
        assert each.process.wait(60) == 69
        assert "the daemon closed" in each.process.stderr.read()


@pytest.mark.skipif("release" not in str(harness.BUILD), reason="a sanitizer keeps what was freed")
@pytest.mark.parametrize("arguments", [(), ("--ack", "received", "--deadline-ms", "30000")])
def test_send_holds_little_of_a_large_input(start, arguments):
    daemon = start.daemon("127.0.0.1:1", {"queue": {"events_max": 50_000, "bytes_max": 1 << 28}})
    sending = StreamingSend(daemon, *arguments)
    peak_kib = []
    for count in (1, 20_000):
        for _ in range(count):
            sending.say(event("s", 1, pad="x" * 2000))
        taken = 1 + len(peak_kib) * count
        until(lambda: daemon.status()["counters"]["received_events"] == taken, "all were taken")
        with open(f"/proc/{sending.process.pid}/status") as status:
            [peak] = [each for each in status if each.startswith("VmHWM:")]
        peak_kib.append(int(peak.split()[1]))
    assert peak_kib[1] - peak_kib[0] < 4_096, peak_kib
    assert sending.end() == (0, "")
