import os
import signal
import sys
import uuid

import pytest

sys.path.insert(0, os.path.dirname(__file__))

# A developer's session has a daemon of its own, with a journal; those of the tests have neither.
os.environ.pop("XDG_RUNTIME_DIR", None)

import harness  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "embedded: needs the embedded broker's misbehaviour")


def pytest_collection_modifyitems(items):
    for item in items:
        if harness.REAL_ADDRESS and item.get_closest_marker("embedded"):
            item.add_marker(pytest.mark.skip(reason="only the embedded broker can be told to do this"))


def pytest_report_header():
    against = harness.REAL_ADDRESS or "the embedded broker"
    return f"vibes-ingestd end to end, generation {harness.GENERATION}, against {against}" + (
        "" if harness.REAL_ADDRESS else
        " (set VIBES_IGGY_ADDRESS and VIBES_IGGY_COMMAND for a real server)")


class Starter:
    """Starts things in the test's directory and ends them, newest first."""

    def __init__(self, directory):
        self.directory = directory
        self.started = []
        self.stream = "vibes-test-" + uuid.uuid4().hex[:12]
        self.count = 0

    def _keep(self, thing):
        self.started.append(thing)
        return thing

    def _subdirectory(self):
        self.count += 1
        path = self.directory / str(self.count)
        path.mkdir()
        return path

    def broker(self, *arguments, generation=harness.GENERATION):
        if harness.REAL_ADDRESS:
            return self._keep(harness.RealServer())
        return self._keep(harness.EmbeddedBroker(self._subdirectory(), generation, arguments))

    def proxy(self, target):
        return self._keep(harness.FaultProxy(target))

    def daemon(self, address, settings=None, **options):
        return self._keep(harness.Daemon(self._subdirectory(), address, self.stream, settings,
                                         **options))

    def close(self):
        for each in reversed(self.started):
            each.close()


@pytest.fixture
def start(tmp_path_factory):
    # Socket paths are short: the directory is pytest's own base, not the long one of the test's name.
    starter = Starter(tmp_path_factory.mktemp("e"))
    yield starter
    starter.close()


@pytest.fixture(autouse=True)
def no_test_hangs():
    def expired(signum, frame):
        raise TimeoutError("the test took longer than 240 s")

    signal.signal(signal.SIGALRM, expired)
    signal.alarm(240)
    yield
    signal.alarm(0)
