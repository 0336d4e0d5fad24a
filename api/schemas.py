"""What is answered: the shape of each row, of pages and of problems."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ninja import Field, Schema


class Problem(Schema):
    """Why something was not answered, in one sentence."""

    problem: str


class EnterpriseName(Schema):
    """An enterprise by code and name."""

    credit_code: str
    name: str


class Person(Schema):
    """A person; numbers are masked, always."""

    id: int
    name: str
    id_number_masked: str
    phone_masked: str
    entered_at: datetime


class Post(Schema):
    """A person's office in an enterprise."""

    id: int
    person_id: int
    enterprise: EnterpriseName
    kind: Literal["principal", "director", "officer"]
    full_time: bool
    categories: list[str] = Field(description="产品类别代码。")
    appointed_on: date
    ended_on: date | None
    state: Literal["current", "ended", "planned"]
    standing: str | None = Field(description="在任时是否具备资格：见 docs/api.md；不在任时为空。")
    is_valid: bool | None = Field(description="在任且今天有效；不在任时为空。")


class SessionName(Schema):
    """An exam session."""

    code: str
    name: str
    exam: str
    kind: Literal["practice", "self_training", "spot_check"]


class Result(Schema):
    """A finished attempt; points and verdict only once they are released, never of a voided one."""

    id: int
    person_id: int
    post_id: int
    enterprise: EnterpriseName
    session: SessionName
    number: int = Field(description="第几次。")
    started_at: datetime
    submitted_at: datetime
    ended_by: str
    state: Literal["released", "awaited", "voided"]
    released_at: datetime | None
    points: Decimal | None
    max_points: Decimal | None
    percent: Decimal | None
    passed: bool | None


class Certificate(Schema):
    """A certificate: what was printed, and what it is worth today."""

    number: str
    person_id: int
    post_id: int
    title: str
    name: str
    id_number_masked: str
    enterprise: EnterpriseName
    post: str
    exam: str
    score: str
    issued_on: date
    expires_on: date
    state: Literal["in_force", "expired", "suspended", "revoked", "replaced"]
    state_changed_at: datetime | None
    replaced_by: str | None
    verify_url: str


NEXT = Field(description="下一页的游标；没有下一页时为空。")


class PeoplePage(Schema):
    """People."""

    items: list[Person]
    next: str | None = NEXT


class PostPage(Schema):
    """Posts."""

    items: list[Post]
    next: str | None = NEXT


class ResultPage(Schema):
    """Results."""

    items: list[Result]
    next: str | None = NEXT


class CertificatePage(Schema):
    """Certificates."""

    items: list[Certificate]
    next: str | None = NEXT
