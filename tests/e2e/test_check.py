"""What `check` says of settings, events and Iggy, and that `run` agrees."""

import json
import os
import subprocess

import harness
import pytest
from harness import event


@pytest.fixture
def running(start):
    daemon = start.daemon(start.broker().address)
    daemon.wait_connected()
    return daemon


def check(daemon, *arguments, changed=None, **options):
    return daemon.run("check", "--config", daemon.config, *arguments,
                      env={**os.environ, **(changed or {})}, **options)


def test_an_event_cannot_forge_a_line_or_steer_the_terminal(running):
    forged = ('{"type":"\\u001b]0;owned\\u0007\\u001b[31mred\\u202e",'
              '"session_id":"\\nline 9: accepted"}')
    ended = check(running, "--event", "-", input="\n" + forged + "\n\n" + event("s", 1) + "\n")
    assert ended.returncode == 0, ended.stderr
    first, second = ended.stdout.splitlines()
    assert first.startswith("line 2: accepted, type \\u001b]0;owned\\u0007\\u001b[31mred\\u202e ")
    assert "key \\nline 9: accepted, partition" in first
    assert second.startswith("line 4: accepted"), "lines are counted as an editor does"


def test_a_wrong_setting_cannot_forge_a_line_either(running):
    ended = check(running, changed={"VIBES_INGESTD_QUEUE_OVERFLOW": "\n/etc/x: error: \x1b[31m"})
    assert ended.returncode == 78
    [line] = ended.stderr.splitlines()
    assert '"\\n/etc/x: error: \\u001b[31m"' in line
    ended = running.run("send", "--ack", "x\nforged: \x1b")
    assert ended.returncode == 64
    wrong, hint = ended.stderr.splitlines()
    assert '"x\\nforged: \\u001b"' in wrong and hint == "Run with --help for more information."


def test_check_asks_iggy_whether_it_lets_us_in(running):
    ended = check(running, "--online")
    assert ended.returncode == 0, ended.stderr
    [said] = [line for line in ended.stdout.splitlines() if "takes the login" in line]
    assert said.startswith("# Iggy ") and said.endswith(" 8 partitions")


@pytest.mark.parametrize("key, value, code, words", [
    ("PASSWORD", "wrong-password", 77, "refused the user name or password"),
    ("ADDRESSES", "127.0.0.1:1", 69, "refuses connections"),
    ("ADDRESSES", "127.0.0.1:1,127.0.0.1:2", 69, "refuses connections"),
])
def test_check_says_why_iggy_does_not(running, key, value, code, words):
    changed = {"VIBES_INGESTD_IGGY_" + key: value}
    ended = check(running, "--online", changed=changed)
    assert ended.returncode == code, ended.stderr
    assert words in ended.stderr and len(ended.stderr.splitlines()) == 1
    as_json = check(running, "--online", "--json", changed=changed)
    told = json.loads(as_json.stdout)
    assert (as_json.returncode, told["ok"], told["online"]["exit_code"]) == (code, False, code)
    assert words in told["online"]["message"]


def test_check_creates_nothing(running):
    changed = {"VIBES_INGESTD_IGGY_STREAM": "not-there"}
    for _ in range(2):
        ended = check(running, "--online", changed=changed)
        assert ended.returncode == 0, ended.stderr
        assert "not-there/events is not there yet" in ended.stdout
    ended = check(running, "--online", changed={**changed, "VIBES_INGESTD_IGGY_CREATE": "false"})
    assert ended.returncode == 77 and "no such stream" in ended.stderr


def test_check_gives_one_object_for_programs(running):
    ended = check(running, "--json", "--online", changed={"VIBES_INGESTD_QUEUE_EVENTS_MAX": "77"})
    assert ended.returncode == 0, ended.stderr
    [line] = ended.stdout.splitlines()
    told = json.loads(line)
    assert told["ok"] and told["exit_code"] == 0
    assert (told["mistakes"], told["start_obstacles"]) == ([], [])
    settings = told["settings"]
    assert settings["queue"]["events_max"] == {
        "value": 77, "source": "environment VIBES_INGESTD_QUEUE_EVENTS_MAX"}
    assert settings["queue"]["stall_ms"] == {"value": 1000, "source": "default"}
    assert settings["socket"]["path"]["value"] == running.socket
    assert settings["socket"]["path"]["source"].startswith(str(running.config) + ":")
    assert settings["iggy"]["password"]["value"] is None
    assert told["login"]["with"] == "password"
    assert told["online"]["ok"] and told["online"]["partitions"] == 8


def test_check_gives_mistakes_as_an_object_too(running):
    running.config.write_text('[iggy]\nadress = "a"\n\n[queue]\nevents_max = "many"\n')
    ended = check(running, "--json")
    assert ended.returncode == 78
    told = json.loads(ended.stdout)
    assert not told["ok"] and "settings" not in told
    assert [(each["line"], each["column"]) for each in told["mistakes"]] == [(2, 1), (5, 1)]
    assert 'did you mean "addresses"?' in told["mistakes"][0]["message"]


@pytest.mark.parametrize("section, key, value, words", [
    ("socket", "path", "{gone}/events.sock", "its directory does not exist"),
    ("socket", "path", "{file}", "is in use"),
    ("socket", "path", "{file}/events.sock", "what should be its directory is none"),
    ("socket", "group", "no-such-group", "there is no group"),
    ("admin", "socket", "{gone}/admin.sock", "its directory does not exist"),
    ("dead_letter", "path", "{gone}/dead.jsonl", "its directory does not exist"),
    ("dead_letter", "path", "{folder}", "is not a regular file"),
])
def test_check_and_run_agree_on_what_stops_a_start(tmp_path, section, key, value, words):
    (tmp_path / "file").write_text("")
    value = value.format(gone=tmp_path / "gone", file=tmp_path / "file", folder=tmp_path)
    sections = {"socket": {"path": str(tmp_path / "e.sock")},
                "admin": {"socket": str(tmp_path / "a.sock")}}
    sections.setdefault(section, {})[key] = value
    config = tmp_path / "vibes-ingestd.toml"
    config.write_text(harness.to_toml(sections))
    said = {}
    for command in ("check", "run"):
        ended = subprocess.run([harness.DAEMON, command, "--config", config], capture_output=True,
                               text=True, timeout=60)
        assert ended.returncode == 73, (command, ended.stderr)
        [said[command]] = [line for line in ended.stderr.splitlines() if "not start: " in line]
        assert words in said[command]
    reason = said["check"].split("run could not start: ")[1]
    assert said["run"].endswith("cannot start: " + reason)
    assert {each.name for each in tmp_path.iterdir()} <= {"file", "vibes-ingestd.toml"}
