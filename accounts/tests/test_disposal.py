"""What need not be kept is disposed of class by class; a hold wins, and what happened stays."""

import os
import time
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import records, retention, uploads
from accounts.actions import disposing
from accounts.actions import privacy as acts
from accounts.models import Hold, Login, Post, RecordEntry, User
from audit.models import AuditEvent
from audit.transitions import Refused
from tests.people import id_number

LONG_AGO, RECENTLY = date(2019, 5, 6), timezone.localdate() - timedelta(days=300)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def gone(cast):
    """Somebody who left the enterprise years ago."""
    person = User.objects.create_user(
        "gone", name="离先生", phone="19900007777", id_number=id_number(77), email="gone@example.invalid"
    )
    User.objects.filter(pk=person.pk).update(joined_at=timezone.now() - timedelta(days=4000))
    Post.objects.create(
        person=person,
        enterprise=cast.jinhai,
        kind="officer",
        appointed_on=LONG_AGO,
        ended_on=date(2020, 1, 1),
    )
    return person


def disposed(**options):
    return {one.code: (one.due, one.held, one.gone) for one in disposing.dispose(**options)}


def numbers(person):
    person.refresh_from_db()
    kept = (person.phone_sealed, person.id_sealed, person.phone_mask, person.id_mask, person.email)
    return bool(any(kept)), person.phone_hash, person.id_hash


def test_the_numbers_of_somebody_long_gone_are_blanked_and_the_row_stays(cast, gone):
    told = StringIO()
    call_command("dispose", "--dry-run", stdout=told)
    assert "到期 1，保全 0，已处置 0" in told.getvalue() and "没有改动" in told.getvalue()
    assert numbers(gone)[0]
    assert AuditEvent.objects.filter(action__contains="dispos").count() == 0
    call_command("dispose", stdout=(told := StringIO()))
    assert "手机号、证件号码（加密保存）：到期 1，保全 0，已处置 1" in told.getvalue()
    assert numbers(gone) == (False, None, None)
    assert (gone.name, gone.posts.count()) == ("离先生", 1)
    assert all(numbers(person)[0] for person in cast.everybody().values())
    lines = AuditEvent.objects.filter(action__contains="dispos").order_by("pk")
    assert list(lines.values_list("action", "target")) == [
        ("person.disposed", f"accounts.user:{gone.pk}"),
        ("data.disposed", "accounts.kept:numbers"),
        ("data.disposed", "accounts.kept:logins"),
        ("data.disposed", "accounts.kept:uploads"),
    ]
    assert disposed()["numbers"] == (0, 0, 0)


@pytest.mark.parametrize("sign", ["post", "role", "later_post", "line", "signed_in", "joined"])
def test_whoever_still_has_something_here_keeps_them(cast, gone, sign):
    if sign == "post":
        Post.objects.create(person=gone, enterprise=cast.hengtong, kind="officer", appointed_on=LONG_AGO)
    elif sign == "later_post":
        gone.posts.update(ended_on=RECENTLY)
    elif sign == "role":
        gone.grants.create(role="manager", unit=cast.jinhai.unit, starts_on=LONG_AGO, ends_on=RECENTLY)
    elif sign == "line":
        records.enter(gone, "story:1", kind="training", occurred_on=RECENTLY, title="培训", facts={})
    elif sign == "signed_in":
        User.objects.filter(pk=gone.pk).update(last_login=timezone.now() - timedelta(days=1000))
    else:
        User.objects.filter(pk=gone.pk).update(joined_at=timezone.now())
    assert disposed()["numbers"] == (0, 0, 0)
    assert numbers(gone)[0]


def test_three_years_are_a_setting(cast, gone, settings):
    settings.NUMBERS_KEPT_YEARS = 50
    assert disposed()["numbers"] == (0, 0, 0)


def test_of_a_leap_day_the_years_before_end_on_the_28th():
    assert retention.years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)
    assert retention.years_before(date(2028, 3, 1), 3) == date(2025, 3, 1)


@pytest.mark.parametrize("on", ["person", "enterprise"])
def test_a_hold_wins_until_it_is_ended(cast, gone, on):
    what = {"person": gone} if on == "person" else {"enterprise": cast.jinhai}
    hold = acts.place_hold(**what, reason="行政复议中", by=cast.admin)
    other = acts.place_hold(person=cast.stranger, reason="与此无关的", by=cast.admin)
    assert disposed()["numbers"] == (1, 1, 0) and numbers(gone)[0]
    acts.end_hold(hold, reason="复议已结束", by=cast.admin)
    acts.end_hold(hold, reason="再来一次吧", by=cast.admin)  # changes nothing
    assert disposed()["numbers"] == (1, 0, 1) and not numbers(gone)[0]
    said = AuditEvent.objects.filter(action__startswith="hold.").order_by("pk")
    assert list(said.values_list("action", "data")) == [
        ("hold.placed", {"hold": hold.pk, "why": "行政复议中"}),
        ("hold.placed", {"hold": other.pk, "why": "与此无关的"}),
        ("hold.ended", {"hold": hold.pk, "why": "复议已结束"}),
    ]


def test_a_hold_wants_a_reason_and_lies_on_one_thing_once(cast):
    acts.place_hold(person=cast.officer, reason="投诉正在核查", by=cast.admin)
    for what in ({"person": cast.officer}, {}, {"person": cast.director, "enterprise": cast.jinhai}):
        with pytest.raises(Refused):
            acts.place_hold(**what, reason="投诉正在核查", by=cast.admin)
    with pytest.raises(Refused):
        acts.place_hold(person=cast.director, reason="查", by=cast.admin)
    with pytest.raises(Refused):
        acts.end_hold(Hold.objects.get(), reason=" ", by=cast.admin)


def login(person, hours):
    return Login.objects.create(
        session_key=f"{person.username}{hours}",
        session_data="",
        person=person,
        expire_date=timezone.now() + timedelta(hours=hours),
    )


def test_sign_ins_that_are_over_go_but_not_those_under_a_hold(cast):
    over, running, held = login(cast.officer, -1), login(cast.officer, 1), login(cast.stranger, -1)
    acts.place_hold(person=cast.stranger, reason="投诉正在核查", by=cast.admin)
    assert disposed(dry_run=True)["logins"] == (2, 1, 0)
    assert disposed()["logins"] == (2, 1, 1)
    assert set(Login.objects.all()) == {running, held}
    assert over not in Login.objects.all()
    login(cast.director, -1)
    call_command("clearsessions")  # what the nightly task does obeys the hold, too
    assert set(Login.objects.all()) == {running, held}


def test_files_that_nobody_came_back_for_go_after_two_hours(cast):
    token = uploads.keep(cast.manager, b"some rows", "people.xlsx")
    assert disposed()["uploads"] == (0, 0, 0)
    for path in uploads._room().iterdir():
        os.utime(path, (time.time() - 7300,) * 2)
    assert disposed(dry_run=True)["uploads"] == (2, 0, 0)
    assert disposed()["uploads"] == (2, 0, 2)
    assert uploads.kept(cast.manager, token) is None


def test_what_only_grows_is_never_touched(cast, gone):
    records.enter(gone, "story:2", kind="training", occurred_on=LONG_AGO, title="培训", facts={})
    with pytest.raises(IntegrityError), transaction.atomic():
        RecordEntry.objects.filter(person=gone).delete()
    disposed()
    assert RecordEntry.objects.filter(person=gone).count() == 1
    disposable = {one.code for one in retention.CLASSES if one.is_disposable}
    assert disposable == set(disposed()) == {"numbers", "logins", "uploads"}


def at_the_desk(user):
    client = Client()
    client.force_login(user)
    return client


def test_an_administrator_sets_and_ends_a_hold_on_the_page(cast):
    client = at_the_desk(cast.admin)
    refused = client.post("/holds/", {"what": "nobody at all", "reason": "投诉正在核查"})
    assert refused.status_code == 422 and "没有找到" in refused.content.decode()
    assert client.post("/holds/", {"what": "officer", "reason": "投诉正在核查"}).status_code == 302
    assert client.post("/holds/", {"what": cast.jinhai.uscc, "reason": "诉讼进行中"}).status_code == 302
    again = client.post("/holds/", {"what": id_number(1), "reason": "投诉正在核查"})
    assert again.status_code == 422 and "已有生效的保全" in again.content.decode()
    page = client.get("/holds/").content.decode()
    assert "王雨晨" in page and "津海电动车有限公司" in page
    hold = Hold.objects.get(person=cast.officer)
    assert client.post(f"/holds/{hold.pk}/end/", {"reason": "核查完毕"}).status_code == 302
    hold.refresh_from_db()
    assert (hold.ended_by, hold.why_ended) == (cast.admin, "核查完毕")


def test_an_administrator_of_a_district_neither_sees_nor_sets_foreign_ones(cast):
    foreign = acts.place_hold(person=cast.stranger, reason="投诉正在核查", by=cast.admin)
    cast.district.grants.create(role="admin", unit=cast.xiqing, starts_on=LONG_AGO)
    client = at_the_desk(cast.district)
    assert "钱一帆" not in client.get("/holds/").content.decode()
    assert client.post(f"/holds/{foreign.pk}/end/", {"reason": "核查完毕"}).status_code == 404
    for what in ("stranger", cast.hengtong.uscc):
        assert client.post("/holds/", {"what": what, "reason": "投诉正在核查"}).status_code == 422
    assert Hold.objects.get().ended_at is None
