"""How the server is run; bin/serve starts gunicorn with this file. docs/operations.md tells each variable."""

import os
from pathlib import Path


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
accesslog = os.environ.get("ACCESS_LOG") or None  # "-" is the output
# The path without its query and without the page before: a search may hold somebody's ID number or phone.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(M)sms'
errorlog = "-"
loglevel = "warning"
control_socket_disable = True  # two houses of one user would quarrel over its one path


def when_ready(server):
    """Tell the operator, once the socket listens and not before."""
    if "WELCOME" not in os.environ:
        return
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
