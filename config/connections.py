"""A database connection that answered a moment ago need not be asked whether it is still there.

Django asks once in each request (CONN_HEALTH_CHECKS): a question as dear as a fifth of saving an answer. Within RECENT seconds
of its last use we take the answer for granted; if the database went away in that very second, one request a thread fails, and
browsers send again.
"""

import time

from django.core.signals import request_finished, request_started
from django.db import connections

RECENT = 2.0


def stamp(**kwargs):
    """Note when the connections of this thread were used last."""
    now = time.monotonic()
    for connection in connections.all(initialized_only=True):
        # Django closes a connection whose request ended in an error of the database; that one is asked again.
        connection.answered_at = now if connection.connection and not connection.errors_occurred else 0


def trust(**kwargs):
    """Take a recent answer for granted; runs after Django has closed what is old or broken."""
    now = time.monotonic()
    for connection in connections.all(initialized_only=True):
        if now - getattr(connection, "answered_at", 0) < RECENT:
            connection.health_check_done = True


def listen():
    """Listen to the requests."""
    request_finished.connect(stamp, dispatch_uid="config.connections.stamp")
    request_started.connect(trust, dispatch_uid="config.connections.trust")
