"""Many threads let go at once, dams that hold them until all are there, and browsers for each."""

import itertools
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

MOST = 200  # threads at once
FEW = 40  # where the database is a file: more of them would only queue before it
SPARE = 15  # connections that are left to others
PATIENCE = 60  # seconds


def threads_for(n):
    """With how many threads n acts are done: each has a connection, and all processes that test share those of the server."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return min(n, FEW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        )
        (allowed,) = cursor.fetchone()
    share = (allowed - SPARE) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    return max(1, min(n, MOST, share))


def together(n, act, *, threads=None, behind=None, meanwhile=None):
    """Do an act n times from many threads at once, each connected before the gate opens; give what came back.

    With `behind`, a queryset, its rows are held on PostgreSQL until every thread waits for them: so they really are in the
    midst of it at the same moment. What is done `meanwhile` is committed in the moment in which they are let go.
    """
    from django.db import connection, connections

    count = threads or threads_for(n)
    gate, numbers = threading.Barrier(count), itertools.count()

    def work():
        came = []
        try:
            connection.ensure_connection()
            gate.wait(PATIENCE)
            while (number := next(numbers)) < n:
                came.append(act(number))
        finally:
            connections.close_all()
        return came

    with ThreadPoolExecutor(count) as pool:

        def sent():
            return [pool.submit(work) for _thread in range(count)]

        if behind is None or connection.vendor != "postgresql":
            shares = sent()
        else:
            shares = _dammed(behind, sent, count, meanwhile)
        return [one for share in shares for one in share.result()]


def _dammed(rows, send, count, meanwhile):
    from django.db import transaction

    with transaction.atomic():
        assert list(rows.select_for_update().values_list("pk"))
        shares = send()
        waited = time.monotonic() + PATIENCE
        while (here := waiting()) < count:
            assert time.monotonic() < waited, f"only {here} of {count} came to the dam"
            time.sleep(0.02)
        if meanwhile:
            meanwhile()
    return shares


def waiting():
    """How many connections to this database wait for a lock right now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot()"
        )  # what was seen once stays as it was for a whole transaction
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def halfway(n, act, change):
    """Do an act n times from at most fifty threads, and in the midst of it a change; give [(turn, when, what came)].

    The first quarter is done before the change, the last one begins after it was committed, those between race it. `when` is
    "before", "after" for all that were called after the commit, or "meanwhile".
    """
    quarter, done, changed = n // 4, threading.Semaphore(0), threading.Event()

    def take(turn):
        if turn == n // 2:
            assert all(done.acquire(timeout=PATIENCE) for _one in range(quarter))
            try:
                change()
            finally:
                changed.set()
            return None
        if turn >= n - quarter:
            assert changed.wait(PATIENCE)
        when = "after" if changed.is_set() else "before" if turn < quarter else "meanwhile"
        try:
            return turn, when, act(turn)
        finally:
            if turn < quarter:
                done.release()

    return [one for one in together(n, take, threads=min(threads_for(n), 50)) if one]


def crowd(cast, n, code):
    """So many further officers of the e-bike maker, each in a post."""
    from accounts.models import Post, PostKind, User

    users = User.objects.bulk_create(
        User(username=f"{code}-{k}", name=f"考生{k:03d}", password="!") for k in range(n)
    )
    return Post.objects.bulk_create(
        Post(person=one, enterprise=cast.jinhai, kind=PostKind.OFFICER, appointed_on="2025-01-06")
        for one in users
    )


def browser(user):
    """A client that is signed in, for each thread its own, with one and the same cookie."""
    from django.test import Client

    first = Client()
    first.force_login(user)

    def copy():
        client = Client()
        client.cookies = first.cookies.copy()
        return client

    return copy


def counted(answers):
    """How often each answer came."""
    return {str(one): answers.count(one) for one in sorted(set(answers), key=str)}
