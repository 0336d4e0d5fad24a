"""Measures of every request and every task, kept by prometheus-client in files that all processes of a node write.

One histogram by view and status is all that a request pays for; saves and their refusals are read out of it.
"""

import os
import re
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from audit.context import acting_as
from operations.logs import request_line

SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
REQUEST_SECONDS = Histogram(
    "zhikao_request_seconds", "Requests by view and status.", ["view", "status"], buckets=SECONDS
)
TASK_SECONDS = Histogram(
    "zhikao_task_seconds",
    "Background tasks by outcome.",
    ["task", "outcome"],
    buckets=(0.1, 0.5, 1, 5, 10, 60, 600),
)
FOLDERS = ("measures", "measures-work")  # in VAR_DIR, see config/gunicorn.py and the command `work`
GIVEN_ID = re.compile(r"[0-9A-Za-z-]{8,40}")
LONGEST_ID = 32


def id_of(request):
    """The request's id: a trusted proxy's own, if it is one, else a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID") if settings.PROXY_COUNT else None
    if given and GIVEN_ID.fullmatch(given) and len(given := given.replace("-", "")) <= LONGEST_ID:
        return given
    return uuid4().hex


class MeasureMiddleware:
    """Give each request its id, measure it, and write its line if lines are wanted."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.histograms = {}

    def __call__(self, request):
        began = perf_counter()
        request.id = id_of(request)
        with acting_as(request_id=request.id):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request.id
        match = request.resolver_match
        key = (match.view_name or "-") if match else "-", response.status_code
        histogram = self.histograms.get(key)
        if histogram is None:
            histogram = self.histograms[key] = REQUEST_SECONDS.labels(key[0], str(key[1]))
        took = perf_counter() - began
        histogram.observe(took)
        if settings.ACCESS_LOG:
            request_line(request, response, took)
        return response


class AllProcesses(MultiProcessCollector):
    """The files of the server's processes and of workers that run apart, added up."""

    def collect(self):
        """Read them all."""
        folder = Path(self._path).parent
        return self.merge([str(file) for name in FOLDERS for file in (folder / name).glob("*.db")])


def collected():
    """The registry to read from: the files of all processes of this node where they are kept, else this process alone."""
    kept = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not kept or not os.path.isdir(kept):
        return REGISTRY
    registry = CollectorRegistry()
    AllProcesses(registry, path=kept)
    return registry


def requests_of(view):
    """What was measured of one view: ({status: how many}, {upper bound in seconds: how many}), bounds accumulated."""
    statuses, buckets = {}, {}
    for metric in collected().collect():
        if metric.name != "zhikao_request_seconds":
            continue
        for sample in metric.samples:
            if sample.labels.get("view") != view:
                continue
            if sample.name.endswith("_count"):
                status = sample.labels["status"]
                statuses[status] = statuses.get(status, 0) + sample.value
            elif sample.name.endswith("_bucket"):
                bound = float(sample.labels["le"])
                buckets[bound] = buckets.get(bound, 0) + sample.value
    return statuses, buckets


def quantile(buckets, share):
    """The bound below which such a share lies, drawn straight within its bucket; None where nothing was measured.

    What lies above the last bound is told as that bound.
    """
    bounds = sorted(buckets)
    if not bounds or not buckets[bounds[-1]]:
        return None
    wanted, below, start = share * buckets[bounds[-1]], 0, 0.0
    for bound in bounds:
        if buckets[bound] >= wanted:
            inside = buckets[bound] - below
            return start if bound == float("inf") else start + (bound - start) * (wanted - below) / inside
        below, start = buckets[bound], bound
    return start
