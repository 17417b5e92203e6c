"""The daemon is killed: at every place that it has a name for, and at random moments. After each kill
another one sends what is left, and the topic is held against what producers were told."""

import os
import subprocess

import harness
import pytest
from harness import DAEMON, KILLABLE
from kill_harness import World, places

pytestmark = pytest.mark.skipif(
    harness.GENERATION not in ("0.8", "0.10") and not harness.REAL_ADDRESS,
    reason="kills are for 0.8, which stores twice, for 0.10, which does not, and for real servers")

KILLS = int(os.environ.get("VIBES_KILLS") or 50)
KILLS_OF_A_TOPIC = 10

# A daemon passes most places all the time. These it passes once, or now and then.
ONCE = ("journal_truncate", "stop", "drain")
SELDOM = ("journal_create", "journal_directory_sync", "journal_remove", "journal_read",
          "dead_letter_rename")


def times_of(place, random):
    """The first passing, an early one, a late one."""
    if place.startswith(ONCE):
        return [1, 1, 1]
    few, many = (2, 4) if place.startswith(SELDOM) else (8, 60)
    return [1, random.randint(2, few), random.randint(few, many)]


@pytest.mark.parametrize("place", places())
def test_killed_at_a_place(start, tmp_path, place):
    world = World(start, tmp_path, place)
    for repeat, times in enumerate(times_of(place, world.random)):
        if repeat != 1:
            world.outage()
        if place.startswith("journal_truncate"):
            world.leave_a_write_unfinished()
        world.die_at(place, times)
        world.check()


@pytest.mark.parametrize("topic", range(-(-KILLS // KILLS_OF_A_TOPIC)))
def test_killed_at_random_moments(start, tmp_path, topic):
    world = World(start, tmp_path, topic)
    for _ in range(KILLS_OF_A_TOPIC):
        world.die_at_random(world.random.uniform(0, 0.3))
        world.check()


def test_what_was_released_long_ago_is_not_sent_again(start, tmp_path):
    world = World(start, tmp_path, "long lives")
    for _ in range(2):
        world.die_at_random(2 * world.oracle.last_moments_s)
        world.check()


@pytest.mark.parametrize("wrong", ["nowhere:1", "send_before", "send_before:", "send_before:0",
                                   "send_before:1x", ""])
def test_a_place_that_is_none_is_refused(wrong):
    ended = subprocess.run([KILLABLE, "--help"], capture_output=True, text=True, timeout=60,
                           env={**os.environ, "VIBES_KILL_AT": wrong})
    assert (ended.returncode, ended.stdout) == (64, "")
    assert f"VIBES_KILL_AT={wrong}: " in ended.stderr


def test_nothing_of_it_is_in_the_program_that_is_shipped():
    assert b"VIBES_KILL_AT" in KILLABLE.read_bytes()
    assert b"VIBES_KILL_AT" not in DAEMON.read_bytes()
    assert len(places()) >= 12
