"""One worker beside the server, forked from gunicorn's master, which has the house already loaded.

Two processes come of it. The keeper does nothing but wait: it forks the worker, forks it again when it died, and ends
with it when the master is gone, however that went. The master watches the keeper. A fork shares the loaded house with the
master, where a fresh interpreter would cost its 80 MB a second time.
"""

import gc
import logging
import os
import signal
import threading
import time
from contextlib import suppress

from operations import worker  # loaded before anything is forked, so that it is shared

LOOK_EVERY = 0.5  # seconds
LONGEST_STOP = 20  # what a running task may still take
LONGEST_PAUSE = 60
PAUSE = 1  # before a killed keeper is replaced
log = logging.getLogger("operations")


class Watch:
    """Sees to it, from the master, that there is a keeper: one at a time, and another one when it was killed.

    A thread waits for its end. gunicorn has no hook for a child that is no web worker, and collects it as it does strangers; so
    whoever comes second learns only that it is gone, which is all that is asked. Kept on the server, since gunicorn reads its
    configuration anew on SIGHUP.
    """

    def __init__(self, listeners):
        """`listeners` gives the master's sockets, of which a child may hold none."""
        self._listeners = listeners
        self._over, self._changing = threading.Event(), threading.Lock()
        self.keeper = _fork_keeper(listeners())
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._thread.start()

    def _watch(self):
        while True:
            with suppress(ChildProcessError):
                os.waitpid(self.keeper, 0)
            with self._changing:
                self.keeper = None
            if self._over.wait(PAUSE):
                return
            log.error("the keeper of the background worker is gone and another one takes its place")
            with self._changing:
                if self._over.is_set():
                    return
                self.keeper = _fork_keeper(self._listeners())

    def stop(self):
        """End the keeper and with it the worker, and wait for both."""
        self._over.set()
        until = time.monotonic() + LONGEST_STOP + 2
        while self._thread.is_alive() and time.monotonic() < until:
            with self._changing, suppress(ProcessLookupError):
                if self.keeper:
                    os.kill(self.keeper, signal.SIGTERM)  # again: one just forked does not listen yet
            self._thread.join(0.2)


def _fork_keeper(listeners):
    master = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()  # Ctrl-C is for the master, who tells us
        for listener in listeners:
            os.close(listener.fileno())
        _forget_signals()
        Keeper(master).keep()
    finally:
        os._exit(0)


def _forget_signals():
    """The handlers of the master are not ours."""
    for name in ("TERM", "INT", "QUIT", "CHLD"):
        signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_DFL)
    for name in ("HUP", "USR1", "USR2", "WINCH", "TTIN", "TTOU"):
        signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_IGN)


class Keeper:
    """Keeps one worker running as long as the master lives."""

    def __init__(self, master):
        self.master = master
        self.stopping = False
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, signum, frame):
        self.stopping = True

    @property
    def is_wanted(self):
        """Whether there is still a master, who has not said stop."""
        return not self.stopping and os.getppid() == self.master

    def keep(self):
        """Fork a worker, again and again; one that dies at once is tried less and less often."""
        pause = 1
        while self.is_wanted:
            began = time.monotonic()
            self._watch(_fork_worker())
            pause = 1 if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            until = time.monotonic() + pause
            while self.is_wanted and time.monotonic() < until:
                time.sleep(LOOK_EVERY)

    def _watch(self, worker):
        while self.is_wanted:
            if os.waitpid(worker, os.WNOHANG) != (0, 0):
                return
            time.sleep(LOOK_EVERY)
        os.kill(worker, signal.SIGTERM)
        until = time.monotonic() + LONGEST_STOP
        while os.waitpid(worker, os.WNOHANG) == (0, 0):
            if time.monotonic() > until:
                os.kill(worker, signal.SIGKILL)
            time.sleep(0.05)


def _fork_worker():
    keeper = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        gc.freeze()
        worker.HouseWorker(parent=keeper).work()
        status = 0
    except SystemExit:
        status = 0
    except BaseException:
        log.exception("the background worker failed and will be started again")
    finally:
        os._exit(status)
