"""The operations: four lists and their single rows, read only."""

import json
from functools import cache
from typing import Annotated

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Path, Query
from ninja.errors import ValidationError
from ninja.responses import NinjaJSONEncoder

from accounts.models import TokenScope
from accounts.queries import certificates_of
from api import filters as asked
from api import queries, rows, schemas
from api.door import Token
from api.filters import strict
from api.paging import page_of
from api.problems import Problem, told
from audit.log import record

PROBLEMS = dict.fromkeys((401, 403, 422, 429), schemas.Problem)
ONE = {**PROBLEMS, 404: schemas.Problem}
Key = Annotated[int, Path(ge=1, le=2**63 - 1)]
Number = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,40}$")]
ABOUT = (
    "只读接口：人员、任职、考试成绩、合格证明。令牌由系统管理员建立，只能读取其单位及下级的数据；证件号码和手机号始终打码。"
    "列表按键值翻页：把 next 原样放进 cursor 取下一页。每次读取都写入审计记录。"
)

api = NinjaAPI(
    title="质考接口",
    version="1",
    description=ABOUT,
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
)


@api.exception_handler(Problem)
def _problem(request, problem):
    return told(problem)


@api.exception_handler(ValidationError)
def _invalid(request, invalid):
    names = sorted({str(error["loc"][-1]) for error in invalid.errors if error.get("loc")})
    return told(Problem(422, _("参数 %(names)s 的值不符合接口说明。") % {"names": ", ".join(names)}))


@api.exception_handler(Http404)
def _missing(request, missing):
    return told(Problem(404, _("没有这条数据，或不在令牌的范围内。")))


def _remember(request, what, found, filters=None):
    """The line of the log: which token read how many rows of what, from which key to which."""
    span = {"first": found[0].pk, "last": found[-1].pk} if found else {}
    used = {"filters": filters.used()} if filters else {}
    record("api.read", request.token, by=request.auth, what=what, rows=len(found), **span, **used)


def _page(request, found, filters, what):
    page, after = page_of(found, filters, what)
    _remember(request, what, page, filters)
    return page, after


def _one(request, found, what, **key):
    row = get_object_or_404(found, **key)
    _remember(request, what, [row])
    return row


def _listing(path, needs, shape, name):
    return api.get(
        path, auth=Token(needs), response={200: shape, **PROBLEMS}, url_name=name, operation_id=name
    )


def _single(path, needs, shape, name):
    return api.get(path, auth=Token(needs), response={200: shape, **ONE}, url_name=name, operation_id=name)


@_listing("/people", TokenScope.PEOPLE, schemas.PeoplePage, "people")
def people(request, filters: Query[asked.PeopleFilters]):
    """在令牌单位范围内任职或曾任职的人员。"""
    strict(request, asked.PeopleFilters)
    found = queries.people(request.auth, filters, today=timezone.localdate())
    page, after = _page(request, found, filters, "people")
    return {"items": [rows.person(one) for one in page], "next": after}


@_single("/people/{id}", TokenScope.PEOPLE, schemas.Person, "person")
def person(request, id: Key):
    """一名人员。"""
    strict(request)
    found = queries.people(request.auth, today=timezone.localdate())
    return rows.person(_one(request, found, "people", pk=id))


@_listing("/posts", TokenScope.POSTS, schemas.PostPage, "posts")
def posts(request, filters: Query[asked.PostFilters]):
    """任职，含已离任的。"""
    strict(request, asked.PostFilters)
    today = timezone.localdate()
    page, after = _page(request, queries.posts(request.auth, filters, today=today), filters, "posts")
    held = certificates_of([one.person_id for one in page])
    return {"items": [rows.post(one, held, today) for one in page], "next": after}


@_single("/posts/{id}", TokenScope.POSTS, schemas.Post, "post")
def post(request, id: Key):
    """一项任职。"""
    strict(request)
    today = timezone.localdate()
    found = _one(request, queries.posts(request.auth, today=today), "posts", pk=id)
    return rows.post(found, certificates_of([found.person_id]), today)


@_listing("/results", TokenScope.RESULTS, schemas.ResultPage, "results")
def results(request, filters: Query[asked.ResultFilters]):
    """已结束的答卷；成绩发布之前、作废之后不含得分。"""
    strict(request, asked.ResultFilters)
    page, after = _page(request, queries.results(request.auth, filters), filters, "results")
    now = timezone.now()
    return {"items": [rows.result(one, now) for one in page], "next": after}


@_single("/results/{id}", TokenScope.RESULTS, schemas.Result, "result")
def result(request, id: Key):
    """一份答卷的成绩。"""
    strict(request)
    return rows.result(_one(request, queries.results(request.auth), "results", pk=id), timezone.now())


@_listing("/certificates", TokenScope.CERTIFICATES, schemas.CertificatePage, "certificates")
def certificates(request, filters: Query[asked.CertificateFilters]):
    """培训考核合格证明，连同今天的效力。"""
    strict(request, asked.CertificateFilters)
    today = timezone.localdate()
    found = queries.certificates(request.auth, filters, today=today)
    page, after = _page(request, found, filters, "certificates")
    return {"items": [rows.certificate(one, today) for one in page], "next": after}


@_single("/certificates/{number}", TokenScope.CERTIFICATES, schemas.Certificate, "certificate")
def certificate(request, number: Number):
    """一份合格证明，按编号。"""
    strict(request)
    today = timezone.localdate()
    found = queries.certificates(request.auth, today=today)
    return rows.certificate(_one(request, found, "certificates", number=number), today)


@require_safe
def openapi(request):
    """The description of the interface, for anybody; it holds no data."""
    return HttpResponse(_described(), content_type="application/json")


@cache
def _described():
    return json.dumps(api.get_openapi_schema(), cls=NinjaJSONEncoder, ensure_ascii=False)


def nothing_here(request, rest=""):
    """An address that the interface has not."""
    return told(Problem(404, _("接口没有这个地址。")))
