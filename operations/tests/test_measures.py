"""What is measured of requests, and ids and lines that they get."""

import json
import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from prometheus_client import CollectorRegistry, Histogram

from audit.context import acting, acting_as
from operations import logs, metrics


def measured(**headers):
    """Send one request through the middleware; give the request and its answer."""
    seen = {}

    def view(request):
        seen["id while it runs"] = acting().request_id
        return HttpResponse("x", status=201)

    request = RequestFactory().get("/somewhere/?q=secret", **headers)
    answer = metrics.MeasureMiddleware(view)(request)
    return seen["id while it runs"], answer.headers["X-Request-ID"]


def test_a_request_is_counted_by_view_and_status(rf):
    before = metrics.requests_of("-")[0].get("207", 0)
    metrics.MeasureMiddleware(lambda request: HttpResponse(status=207))(rf.get("/x/"))
    assert metrics.requests_of("-")[0]["207"] == before + 1


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (1, "0123456789abcdef0123456789abcdef", True),
        (1, "01234567-89ab-cdef-0123-456789abcdef", True),
        (0, "0123456789abcdef0123456789abcdef", False),  # anybody could have written it
        (1, "short", False),
        (1, "a" * 33, False),
        (1, "with spaces and\tmore", False),
        (1, "行" * 20, False),
    ],
)
def test_only_a_trusted_proxy_gives_a_request_its_id(settings, proxies, given, is_taken):
    settings.PROXY_COUNT = proxies
    inside, answered = measured(HTTP_X_REQUEST_ID=given)
    assert inside == answered
    assert (answered == given.replace("-", "")) is is_taken
    assert len(answered) == 32


def test_quantiles_are_drawn_within_their_bucket():
    registry = CollectorRegistry()
    histogram = Histogram("h", "h", registry=registry, buckets=(1, 2, 4))
    for value in [0.5] * 5 + [1.5] * 4 + [9]:
        histogram.observe(value)
    buckets = {
        float(s.labels["le"]): s.value
        for metric in registry.collect()
        for s in metric.samples
        if s.name.endswith("_bucket")
    }
    told = [metrics.quantile(buckets, share) for share in (0.25, 0.5, 0.7, 0.9, 1)]
    assert told == [0.5, 1.0, 1.5, 2.0, 4.0]
    assert metrics.quantile({}, 0.5) is None
    assert metrics.quantile({1.0: 0, float("inf"): 0}, 0.5) is None


# --- Lines ---------------------------------------------------------------------------------------------------------------


def line_of(message="", *args, exc_info=None, **extra):
    """A log record as the JSON that is written."""
    record = logging.makeLogRecord(
        {
            "name": "exams",
            "levelname": "WARNING",
            "msg": message,
            "args": args,
            "exc_info": exc_info,
            "created": 0,
        }
        | extra
    )
    return json.loads(logs.JSONLines().format(record))


class Person:
    """Somebody with a name that no log may hold."""

    pk = 17
    name = "王雨晨"


def test_a_line_says_when_what_in_which_request_and_who_by_key_only():
    with acting_as(Person(), request_id="abc"):
        line = line_of("两 %s\n行", 2)
    assert line == {
        "time": "1970-01-01T00:00:00.000+00:00", "level": "warning", "logger": "exams", "message": "两 2\n行",
        "request_id": "abc", "user": 17,
    }  # fmt: skip


def test_a_line_of_a_request_has_its_path_without_the_query(rf):
    request = rf.get("/people/?q=120000199001011234")
    request.id, request.user = "abc", Person()
    line = line_of("seen", request=request, status=200, ms=3.1, method="GET")
    assert (line["path"], line["user"], line["status"], line["ms"]) == ("/people/", 17, 200, 3.1)
    assert "1234" not in json.dumps(line) and "王" not in json.dumps(line, ensure_ascii=False)


def test_a_line_does_not_ask_the_database_who_it_is():
    from django.utils.functional import SimpleLazyObject

    with acting_as(SimpleLazyObject(lambda: pytest.fail("asked")), request_id="abc"):
        assert line_of("quiet")["user"] is None


def test_an_error_stands_in_one_line():
    import sys

    try:
        raise ValueError("broken")
    except ValueError:
        line = line_of("oh", exc_info=sys.exc_info())
    assert "ValueError: broken" in line["error"]


@pytest.mark.parametrize(("wanted", "lines"), [("-", ["GET /x/ 200"]), ("", [])])
def test_requests_are_logged_only_where_that_is_wanted(settings, caplog, rf, wanted, lines):
    settings.ACCESS_LOG = wanted
    logs.access.addHandler(caplog.handler)
    try:
        metrics.MeasureMiddleware(lambda request: HttpResponse())(rf.get("/x/?q=1"))
    finally:
        logs.access.removeHandler(caplog.handler)
    assert [record.getMessage() for record in caplog.records] == lines


def test_a_path_cannot_make_up_a_line_of_its_own(rf):
    request = rf.get("/x%0A2026-11-26 INFO access GET /forged/")
    request.id = "abc"
    record = logging.LogRecord("access", logging.INFO, "", 0, "%s %s", ("GET", request.path), None)
    record.request, record.ms = request, 3.1
    line = logs.Lines().format(record)
    assert line.partition(" access ")[2] == ("abc GET /x\\n2026-11-26 INFO access GET /forged/ 3.1ms")
