"""One JSON object a line, for machines that collect logs; LOG_FORMAT=json asks for it.

Who acted stands as a key, never as a name; a path stands without its query, for a search may hold somebody's ID number.
"""

import json
import logging
from datetime import UTC, datetime

from django.utils.functional import SimpleLazyObject, empty

from audit.context import acting

EXTRAS = ("method", "path", "status", "ms")
access = logging.getLogger("access")


class JSONLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record):
        """Time, level, logger, message, request, person; of a request also method, path, status and milliseconds."""
        now, request = acting(), getattr(record, "request", None)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(request, "id", "") or now.request_id,
            "user": key_of(getattr(request, "user", None) or now.user),
        }
        if request is not None and hasattr(request, "path"):
            line["path"] = request.path
        if hasattr(record, "status_code"):
            line["status"] = record.status_code
        line |= {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def key_of(user):
    """The key of a person; None as long as nobody has asked who it is, for a line in a log must not ask the database."""
    if isinstance(user, SimpleLazyObject) and user._wrapped is empty:
        return None
    return getattr(user, "pk", None)


def request_line(request, response, seconds):
    """Log one request."""
    access.info(
        "%s %s %s",
        request.method,
        request.path,
        response.status_code,
        extra={
            "request": request,
            "method": request.method,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
        },
    )


def logging_of(kind, level, access_to=""):
    """The table for Django and for gunicorn: `kind` is line or json; `access_to` a file or - for the output, or nothing."""
    json_lines = kind == "json"
    handlers = {"console": {"class": "logging.StreamHandler", "formatter": "line"}}
    if json_lines and access_to:
        to_file = {"class": "logging.handlers.WatchedFileHandler", "filename": access_to}
        to_output = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
        handlers["access"] = (to_output if access_to == "-" else to_file) | {"formatter": "line"}
    line = {"()": "operations.logs.JSONLines"} if json_lines else {
        "format": "%(asctime)s %(levelname)s %(name)s %(message)s"
    }  # fmt: skip
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "handlers": handlers,
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "access": {"handlers": ["access"] if "access" in handlers else [], "level": "INFO", "propagate": False},
            # Two lines for every task that went well are one line a second.
            "django_tasks": {"level": "WARNING"},
            "django_tasks_db": {"level": "WARNING"},
        },
    }  # fmt: skip
