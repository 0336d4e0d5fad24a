"""A line between a browser and the product that can be cut: no browser's own switch reaches a service worker reliably."""

import socket
import threading
from contextlib import suppress

from tests.product import free_port


class Wire:
    """Everything sent to its port goes on to another one, until it is cut."""

    def __init__(self, to):
        self.to, self.port = to, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.ends, self.door = set(), None
        self.mend()

    def mend(self):
        """Let things through again."""
        self.door = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        threading.Thread(target=self._let_in, args=(self.door,), daemon=True).start()

    def cut(self):
        """Let nothing through, and break off what is on its way."""
        for one in (self.door, *self.ends):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.ends.clear()

    def _let_in(self, door):
        with suppress(OSError):
            while True:
                near, _address = door.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
                self.ends |= {near, far}
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source, sink):
        with suppress(OSError):
            while said := source.recv(65536):
                sink.sendall(said)
        for one in (source, sink):
            self.ends.discard(one)
            one.close()
