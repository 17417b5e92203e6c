"""A link that lets so many bytes a second through towards Iggy, and holds little in between."""

import socket
import threading
import time

PIECE_BYTES = 1000
BUFFER_BYTES = 4096  # what the kernel may hold for the proxy, so that an acknowledged byte has passed


class SlowLink:
    def __init__(self, target, bytes_per_s):
        self.target = target
        self.bytes_per_s = bytes_per_s
        self.ended = False
        self.pairs = []
        self.listener = socket.socket()
        # Before listen: connections inherit it, and the window that is offered depends on it.
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        host, port = self.target.rsplit(":", 1)
        while not self.ended:
            try:
                down, _ = self.listener.accept()
                up = socket.create_connection((host, int(port)))
            except OSError:
                return
            self.pairs += [down, up]
            threading.Thread(target=self._carry, args=(down, up, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(up, down, False), daemon=True).start()

    def _carry(self, source, sink, slowly):
        free_at = time.monotonic()
        try:
            while piece := source.recv(PIECE_BYTES if slowly else 65536):
                if slowly:
                    free_at = max(free_at, time.monotonic()) + len(piece) / self.bytes_per_s
                    time.sleep(max(0.0, free_at - time.monotonic()))
                sink.sendall(piece)
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.ended = True
        self.listener.close()
        for each in self.pairs:
            each.close()
