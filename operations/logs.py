"""Lines to be read or, with LOG_FORMAT=json, one JSON object a line for machines that collect logs.

Who acted stands as a key, never as a name; a path stands without its query, for a search may hold somebody's ID number.
"""

import json
import logging
import re
from datetime import UTC, datetime

from django.utils.functional import SimpleLazyObject, empty

from audit.context import acting

RESET_KEY = re.compile(r"(/password/reset/key/).+")
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
            line["path"] = path_of(request)
        if hasattr(record, "status_code"):
            line["status"] = record.status_code
        line |= {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Lines(logging.Formatter):
    """A record as a line to be read; a path may hold anything, also the end of a line, and must not make up a line of its own."""

    def format(self, record):
        """Time, level, logger, request, message, of a request also its milliseconds."""
        request = getattr(record, "request", None)
        number = getattr(request, "id", "") or acting().request_id or "-"
        at = self.formatTime(record)
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        took = f" {record.ms}ms" if hasattr(record, "ms") else ""
        error = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{at} {record.levelname} {record.name} {number} {message}{took}{error}"


def key_of(user):
    """The key of a person; None as long as nobody has asked who it is, for a line in a log must not ask the database."""
    if isinstance(user, SimpleLazyObject) and user._wrapped is empty:
        return None
    return getattr(user, "pk", None)


def path_of(request):
    """The path of a request as a log may keep it: the key of a forgotten password's link opens the account until it is used."""
    return RESET_KEY.sub(r"\1…", request.path)


def request_line(request, response, seconds):
    """Log one request."""
    access.info(
        "%s %s %s",
        request.method,
        path_of(request),
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
    handlers = {"console": {"class": "logging.StreamHandler", "formatter": "line"}}
    if access_to:
        to_file = {"class": "logging.handlers.WatchedFileHandler", "filename": access_to}
        to_output = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
        handlers["access"] = (to_output if access_to == "-" else to_file) | {"formatter": "line"}
    line = {"()": "operations.logs.JSONLines" if kind == "json" else "operations.logs.Lines"}
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
