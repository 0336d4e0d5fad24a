"""The description and the interface say the same: schemathesis asks by the one and judges by it."""

from collections import Counter
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.tests.stories import make_token
from certificates.models import Certificate
from tests import build

ADDRESS = "/api/v1/openapi.json"
MOST = 25
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


OPERATIONS = ("people", "person", "posts", "post", "results", "result", "certificates", "certificate")
SINGLE = OPERATIONS[1::2]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture
def described(db):
    """The description, read from the product itself, which leaves the test's connection open as Django's own test client does."""
    moments = (request_started, request_finished)
    for moment in moments:
        moment.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi(ADDRESS, get_wsgi_application())
    for moment in moments:
        moment.connect(close_old_connections)


@pytest.fixture
def secret(cast):
    """A token that opens everything, over one of everything."""
    build.certified(cast)
    return make_token(cast, cast.city_organ)[1]


def test_every_operation_is_tried(described):
    tried = [operation.ok().definition.raw["operationId"] for operation in described.get_all_operations()]
    assert tried == list(OPERATIONS)


@pytest.mark.parametrize("mode", MODES, ids=["as described", "otherwise"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_is_asked_is_answered_as_described(described, secret, name, mode):
    headers = {"Authorization": f"Bearer {secret}"}
    operation = described.find_operation_by_id(name)

    @settings(
        max_examples=MOST,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        checks = list(CHECKS)
        if mode == GenerationMode.POSITIVE and not case.query.get("cursor"):  # which nobody can make up
            checks.append(positive_data_acceptance)
        response = case.call(headers=headers)
        sent = dict(parse_qsl(urlsplit(response.request.url).query, keep_blank_values=True))
        if set(case.query or {}) - set(
            sent
        ):  # an empty list is no part of an address: what was wrong was not asked
            checks.remove(negative_data_rejection)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=checks, headers=headers)

    statuses = Counter()
    ask()
    assert statuses[422] or mode == GenerationMode.POSITIVE
    assert statuses[200] or mode == GenerationMode.NEGATIVE or name in SINGLE


def test_rows_that_exist_have_the_described_shape(described, secret, cast):
    headers = {"Authorization": f"Bearer {secret}"}
    found = Certificate.objects.get()
    keys = (cast.officer.pk, cast.post(cast.officer).pk, found.attempt_id, found.number)
    for name, key in zip(SINGLE, keys, strict=True):
        operation = described.find_operation_by_id(name)
        case = operation.Case(path_parameters={"number" if name == "certificate" else "id": key})
        response = case.call(headers=headers)
        assert response.status_code == 200
        case.validate_response(response, checks=CHECKS, headers=headers)
