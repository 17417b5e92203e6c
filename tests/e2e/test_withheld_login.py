"""Whoever does not show itself as an Iggy server that reads plain text hears no login."""

import socket
import struct
import threading

import harness
import pytest
from harness import until

PROBE_BYTES = 268
PING = struct.pack("<II", 4, 1)


class Listener:
    """Keeps every byte it is sent; answers with a few, and hangs up."""

    def __init__(self, answer, reset):
        self.heard = []
        self.answer, self.reset = answer, reset
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(30)
                heard = peer.recv(65536)
                try:
                    peer.sendall(self.answer)
                    if self.reset:
                        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    else:
                        peer.shutdown(socket.SHUT_WR)
                        while more := peer.recv(65536):
                            heard += more
                except OSError:
                    pass
                self.heard.append(heard)

    def heard_no_login(self):
        heard = list(self.heard)
        assert {each for each in heard if len(each) != PROBE_BYTES} <= {PING, b""}
        assert not any(b"never-to-be-seen" in each or b"iggy" in each for each in heard)


@pytest.mark.parametrize("generation", ["auto", "0.4", "0.8", "0.10"])
@pytest.mark.parametrize("answer, reset", [(b"", False), (b"", True),
                                           (b"\x15\x03\x03\x00\x02\x02\x28", False)],
                         ids=["closes", "resets", "TLS alert"])
def test_who_hangs_up_before_the_login_hears_none(start, tmp_path, answer, reset, generation):
    peer = Listener(answer, reset)
    words = "hangs up, or answers in another protocol, before the login: it may expect TLS"
    daemon = start.daemon(peer.address, {"iggy": {
        "password": "never-to-be-seen", "generation": generation, "backoff_max_ms": 100}})
    until(lambda: len(peer.heard) > 4, "it was asked more than once")
    peer.heard_no_login()
    until(lambda: words in (daemon.status()["link"]["last_error"] or {}).get("message", ""),
          "status says what it may be")
    until(lambda: words in daemon.log(), "the log says so")
    (tmp_path / "events").write_text(harness.event("s", 1) + "\n")
    for command in (["tail"], ["check", "--online", "--event", str(tmp_path / "events")]):
        ended = daemon.run(command[0], "--config", daemon.config, *command[1:])
        assert (ended.returncode, ended.stdout) == (69, ""), ended.stderr
        assert words in ended.stderr and len(ended.stderr.splitlines()) == 1
    until(lambda: len(peer.heard) > 8, "it was asked often")
    peer.heard_no_login()
