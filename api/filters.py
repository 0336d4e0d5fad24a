"""What may be asked: the parameters of each list, strict."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import BeforeValidator, WithJsonSchema

from api.problems import Problem

MOST = 200
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def moment(text):
    """A time with its zone; beyond what the house can hold it means the same as the bound."""
    if text is None:
        return None
    if not isinstance(text, str) or not MOMENT.fullmatch(text):
        raise ValueError
    year = int(text[:4])
    if not FIRST.year < year < LAST.year:
        datetime.fromisoformat("2004" + text[4:].upper())  # the rest of it must be a time all the same
        return FIRST if year <= FIRST.year else LAST
    return datetime.fromisoformat(text.upper())


Moment = Annotated[
    datetime | None, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
CreditCode = Annotated[str, Field(pattern=r"^([0-9A-Z]{18})?$", description="企业的统一社会信用代码。")]


class Filters(Schema):
    """Of every list."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="每页最多多少条。")] = 50
    cursor: Annotated[
        str,
        Field(max_length=600, pattern=r"^[0-9A-Za-z_:\-]*$", description="上一页给出的 next；第一页不填。"),
    ] = ""
    enterprise: CreditCode = ""

    def said(self):
        """The conditions, by which a cursor knows its list."""
        return self.model_dump(mode="json", exclude={"limit", "cursor"})

    def used(self):
        """The names of those that were used, for the log; never what was typed."""
        return sorted(self.model_dump(exclude={"limit", "cursor"}, exclude_defaults=True))


class PeopleFilters(Filters):
    """Which people."""

    state: Annotated[
        Literal["all", "in_post", "left"], Field(description="in_post 在任，left 已全部离任。")
    ] = "all"
    entered_since: Annotated[Moment, Field(description="此时起建档的人员。")] = None


class PostFilters(Filters):
    """Which posts."""

    state: Annotated[
        Literal["all", "current", "ended", "planned"],
        Field(description="current 在任，ended 已离任，planned 未到任。"),
    ] = "all"


class ResultFilters(Filters):
    """Which results."""

    state: Annotated[
        Literal["all", "released", "awaited", "voided"],
        Field(description="released 已发布，awaited 待发布，voided 已作废。"),
    ] = "all"
    changed_since: Annotated[Moment, Field(description="此时起交卷、发布、重新评分或作废的。")] = None


class CertificateFilters(Filters):
    """Which certificates."""

    state: Annotated[
        Literal["all", "in_force", "expired", "suspended", "revoked", "replaced"],
        Field(description="今天的效力。"),
    ] = "all"
    changed_since: Annotated[
        Moment, Field(description="此时起状态改变的，以及当日起出具或换发的；到期不算改变。")
    ] = None


def strict(request, filters=None):
    """Refuse parameters that the operation has not, and one that is given twice."""
    known = filters.model_fields if filters else ()
    if set(request.GET) - set(known):
        raise Problem(422, _("有接口说明以外的参数，请核对拼写。"))
    if any(len(values) != 1 for _name, values in request.GET.lists()):
        raise Problem(422, _("同一个参数只能出现一次。"))
