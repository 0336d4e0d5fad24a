"""One worker beside the server, forked from gunicorn's master, which has the house already loaded.

Two processes come of it. The keeper does nothing but wait: it forks the worker, forks it again when it died, and ends
with it when the master is gone, however that went. A fork shares the loaded house with the master, where a fresh
interpreter would cost its 80 MB a second time; and gunicorn itself has no hook in which it could look after a child that
is no web worker.
"""

import gc
import logging
import os
import signal
import time

LOOK_EVERY = 0.5  # seconds
LONGEST_STOP = 20  # what a running task may still take
LONGEST_PAUSE = 60
log = logging.getLogger("operations")


def start(listeners=()):
    """Fork the keeper; gives its process id. `listeners` are the master's sockets, of which a child may hold none."""
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


def stop(pid):
    """End the keeper and with it the worker, and wait for both."""
    try:
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + LONGEST_STOP + 2
        while time.monotonic() < until and os.waitpid(pid, os.WNOHANG) == (0, 0):
            time.sleep(0.05)
    except (ProcessLookupError, ChildProcessError):
        return  # it has ended and the master has already said goodbye


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
        from operations.worker import HouseWorker

        HouseWorker(parent=keeper).work()
        status = 0
    except SystemExit:
        status = 0
    except BaseException:
        log.exception("the background worker failed and will be started again")
    finally:
        os._exit(status)
