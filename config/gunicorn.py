"""How the server is run; bin/serve starts gunicorn with this file. docs/operations.md tells each variable."""

import gc
import os
import shutil
from pathlib import Path

from operations.logs import JSONLines


def _number(name: str, otherwise: int) -> int:
    return int(os.environ.get(name) or otherwise)


def _host(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


bind = [f"{_host(os.environ.get('WEB_HOST') or '127.0.0.1')}:{_number('WEB_PORT', 8000)}"]
wsgi_app = "config.wsgi:application"
worker_class = "gthread"
workers = _number("WEB_WORKERS", 2)
threads = _number("WEB_THREADS", 4)
preload_app = (
    True  # the workers share what was loaded; importing the house opens no connection, a test holds that
)
# Heartbeats are file touches: on a slow disk a busy worker would be taken for dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
timeout = 60
graceful_timeout = 20
keepalive = 30
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1,::1"
_json = os.environ.get("LOG_FORMAT") == "json"
accesslog = (
    None  # the house writes the lines of requests itself: with their ids, without what was searched for
)
errorlog = "-"
loglevel = "warning"
control_socket_disable = True  # two houses of one user would quarrel over its one path

# Each process counts in files of its own there, and /metrics adds them up; what a past life counted is swept out.
_measures = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var") / "measures"
raw_env = [f"PROMETHEUS_MULTIPROC_DIR={_measures}"]


def on_starting(server):
    """Begin to count at nothing, and let gunicorn's own few lines look like the house's."""
    shutil.rmtree(_measures, ignore_errors=True)
    _measures.mkdir(parents=True, exist_ok=True)  # a worker that runs apart may have been quicker
    for handler in server.log.error_log.handlers if _json else ():
        handler.setFormatter(JSONLines())


def pre_fork(server, worker):
    """What is loaded by now lives as long as the process: the collector leaves it alone, so its memory stays shared."""
    gc.collect()
    gc.freeze()


def post_fork(server, worker):
    """Look for circles of garbage less often: a page makes thousands of objects and hardly any circle; it cost 8 % of a paper's page."""
    gc.set_threshold(20_000)


def when_ready(server):
    """Begin with the background work, and tell the operator, once the socket listens and not before.

    One worker runs beside the server and ends with it. WORKER=0 leaves it out, where it runs as a service of its own
    (`bin/manage work`).
    """
    if os.environ.get("WORKER", "1") != "0":
        from operations import beside

        gc.collect()
        gc.freeze()  # as in pre_fork: the collector would copy what is shared
        # On the server, for this file is read anew on SIGHUP, and the worker goes on meanwhile.
        server.watch = beside.Watch(lambda: server.LISTENERS)
    if "WELCOME" in os.environ:
        _welcome()


def on_exit(server):
    """The background worker ends with the server."""
    if hasattr(server, "watch"):
        server.watch.stop()


def _welcome():
    lines = [
        "",
        f"质考已就绪 · ready   {os.environ['BASE_URL']}/",
        "",
        *os.environ["WELCOME"].splitlines(),
        "",
        f"数据 state: {Path(os.environ['VAR_DIR'])}",
        "停止 stop:  Ctrl-C",
    ]
    print("\n".join(lines), flush=True)
