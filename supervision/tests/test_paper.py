"""Sittings on paper: printed forms, what is entered from them, the second person, and how they count."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.workbooks import list_workbook
from audit.models import AuditEvent
from audit.transitions import Refused
from exams.actions import attempts
from exams.actions.papers import compose
from exams.engine import sheet
from exams.models import Registration
from supervision import paper_book
from supervision.actions import paper, sittings
from supervision.models import Evidence, Outcome, PaperResult, PaperReview
from supervision.queries import paper as queries
from supervision.queries import sittings as sat_queries
from supervision.queries.written import KEY, PAPER, Written
from supervision.tests import stories
from tests import build

HOUR = timedelta(hours=1)


@pytest.fixture
def house(cast, settings, tmp_path):
    """A crowd in Jinhai, enough who may be sent, and a small blueprint of every type."""
    settings.MEDIA_ROOT = tmp_path
    stories.crowd(cast, 6)
    stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", **dict.fromkeys(build.MIXED, 4), each=0)
    counts = {"single": 2, "multiple": 1, "truefalse": 2, "blank": 1, "case": 1}
    cast.blueprint = build.make_blueprint(cast, bank, counts, "spot")
    return cast


@pytest.fixture
def check(house):
    return stories.begun(house, stories.called(house, **stories.lean(house.blueprint, 2)))


def form_of(house, check, letter="A"):
    return paper.fix(check, check.session, letter, by=house.district)


def confirmed(house, row):
    paper.review(row, "confirmed", by=house.city)
    return row


def test_the_two_forms_are_two_papers_and_stay_what_they_were(house, check):
    a, b = form_of(house, check, "A"), form_of(house, check, "B")
    assert a.paper_id != b.paper_id and a.digest != b.digest
    assert form_of(house, check, "A").pk == a.pk
    assert AuditEvent.objects.filter(action="paperform.fixed").count() == 2
    compose(check.session, 1)
    assert form_of(house, check, "B").paper_id == b.paper_id


def test_with_one_paper_form_b_has_another_order(house, monkeypatch, check):
    monkeypatch.setattr(queries, "first_papers", lambda session: [check.session.papers.first()])
    a, b = form_of(house, check, "A"), form_of(house, check, "B")
    assert a.paper_id == b.paper_id and a.layout["options"] != b.layout["options"] and a.digest != b.digest
    assert sorted(a.layout["order"]) == sorted(b.layout["order"])
    one, other = sat_queries.examinees(check)
    assert (
        stories.entered(house, one, a).points == stories.entered(house, other, b).points == a.paper.max_points
    )


def test_the_key_before_the_exam_opens_wants_a_reason(house, check):
    form = form_of(house, check)
    early = form.session.opens_at - HOUR
    with pytest.raises(Refused, match="须写明理由"):
        paper.note_printing(form, KEY, by=house.district, why="急", now=early)
    paper.note_printing(form, PAPER, by=house.district, now=early)
    paper.note_printing(form, KEY, by=house.district, why="另一考区同时阅卷", now=early)
    paper.note_printing(form, KEY, by=house.district)
    told = AuditEvent.objects.filter(action="paperform.printed").order_by("pk").values_list("data", flat=True)
    assert [(one["what"], one["letter"], one["digest"], one["why"]) for one in told] == [
        ("paper", "A", form.digest, ""),
        ("key", "A", form.digest, "另一考区同时阅卷"),
        ("key", "A", form.digest, ""),
    ]


def test_a_sheet_is_scored_as_an_attempt_with_the_same_answers(house, check):
    """Whatever share of a paper is right, on paper it earns what it earns on a screen."""
    one, other = sat_queries.examinees(check)
    attempt = stories.sat(one, 0.5)
    form = form_of(house, check)
    if form.paper_id != attempt.paper_id:
        form = form_of(house, check, "B")
    assert form.paper_id == attempt.paper_id
    said = {event.position: event.payload for event in attempt.responses.order_by("number")}
    cells = sheet.write(queries.places_of(form), queries.cells_of(form), said)
    written = Written(timezone.localdate(), form=form, cells=cells)
    row = paper.enter(other, written, by=house.district, scans=[stories.scan()])
    attempt.refresh_from_db()
    result = attempt.current_result
    assert (row.points, row.max_points, row.percent, row.passed) == (result.points, result.max_points, result.percent, result.passed)  # fmt: skip
    assert row.missed == sittings.missed(attempt) != []


def test_it_takes_a_scan_and_the_second_look_is_another_persons(house, check):
    one, _other = sat_queries.examinees(check)
    written = Written(timezone.localdate(), points=Decimal(61), max_points=Decimal(100), holder="市培训中心")
    with pytest.raises(Refused, match="请上传答题卡或成绩单的扫描件"):
        paper.enter(one, written, by=house.district, scans=[])
    assert not PaperResult.objects.exists() and not Registration.objects.filter(on_paper=True).exists()
    row = paper.enter(one, written, by=house.district, scans=[stories.scan()])
    assert Evidence.objects.get().subject == f"supervision.paperresult:{row.pk}"
    with pytest.raises(Refused, match="录入成绩的人不能复核"):
        paper.review(row, "confirmed", by=house.district)
    with pytest.raises(Refused, match="须写明原因"):
        paper.review(row, "returned", by=house.city)
    paper.review(row, "confirmed", by=house.city)
    with pytest.raises(Refused, match="已经复核过"):
        paper.review(row, "returned", by=house.city, why="看错")
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperReview.objects.create(result=stories.on_paper(house, _other), verdict="confirmed", entered_by=house.district, by=house.district)  # fmt: skip


def test_a_correction_stands_above_what_was_and_is_checked_anew(house, check):
    one, _other = sat_queries.examinees(check)
    form = form_of(house, check)
    first = stories.entered(house, one, form, share=0.5)
    with pytest.raises(Refused, match="写明更正的原因"):
        stories.entered(house, one, form)
    paper.review(first, "returned", by=house.city, why="第 3 题看错")
    second = stories.entered(house, one, form, why="第 3 题重录")
    assert (second.number, queries.state_of(queries.newest_of([one])[one.pk])) == (2, "waiting")
    with pytest.raises(Refused, match="请复核最新的一份"):
        paper.review(PaperResult.objects.get(pk=first.pk), "confirmed", by=house.city)
    confirmed(house, second)
    assert list(one.paper_results.values_list("number", "review__verdict")) == [
        (2, "confirmed"),
        (1, "returned"),
    ]


def test_nobody_has_both_an_attempt_and_a_result_on_paper(house, check):
    one, other = sat_queries.examinees(check)
    stories.sat(one)
    with pytest.raises(Refused, match="已有上机答卷"):
        stories.entered(house, one)
    row = stories.entered(house, other)
    with pytest.raises(Refused, match="用纸质试卷作答"):
        attempts.start(other.registration, by=other.registration.candidate)
    paper.review(row, "set_aside", by=house.city, why="录错了人")
    assert stories.sat(other).current_result.passed


def test_the_conclusion_waits_for_what_is_not_checked_and_counts_what_is(house, check):
    one, other = sat_queries.examinees(check)
    stories.sat(one)
    row = stories.entered(house, other, form_of(house, check), share=0.5)
    later = check.session.closes_at + HOUR
    with pytest.raises(Refused, match="纸质成绩还没有复核一致"):
        sittings.conclude(check, by=house.district, now=later)
    paper.review(row, "returned", by=house.city, why="扫描件看不清")
    with pytest.raises(Refused, match="纸质成绩还没有复核一致"):
        sittings.conclude(check, by=house.district, now=later)
    row = confirmed(house, stories.entered(house, other, form_of(house, check), share=0.5, why="重新扫描"))
    sittings.conclude(check, by=house.district, now=timezone.now())  # nobody is waited for any more
    online, written = (sat_queries.outcomes_of([person])[person.pk] for person in (one, other))
    assert (online.form, online.attempt_id is None) == ("online", False)
    assert (written.form, written.attempt_id, written.points, written.conclusion, written.missed) == (
        "paper", None, row.points, "failed", row.missed,
    )  # fmt: skip
    assert "纸质" in stories.seen(house.district, "check", check.code)
    assert "纸质" in stories.seen(house.district, "examinee", check.code, other.pk)
    with pytest.raises(Refused, match="考核结果已经登记"):
        stories.entered(house, other, why="再录")


def test_a_set_aside_result_is_as_if_it_had_never_been(house, check):
    one, other = sat_queries.examinees(check)
    stories.sat(one)
    paper.review(stories.entered(house, other), "set_aside", by=house.city, why="录错了人")
    with pytest.raises(Refused, match="还有 1 人没有作答"):
        sittings.conclude(check, by=house.district, now=timezone.now())
    sittings.conclude(check, by=house.district, now=check.session.closes_at)
    assert sat_queries.outcomes_of([other])[other.pk].conclusion == "absent"


@pytest.mark.parametrize(
    ("points", "most", "holder", "why"),
    [
        (101, 100, "市培训中心", "须在 0 与满分之间"),
        (-1, 100, "市培训中心", "须在 0 与满分之间"),
        (0, 0, "市培训中心", "须在 0 与满分之间"),
        (None, 100, "市培训中心", "请填写得分"),
        (60, 100, " ", "请填写得分"),
    ],
)
def test_a_total_that_cannot_be(house, check, points, most, holder, why):
    one, _other = sat_queries.examinees(check)
    numbers = [None if number is None else Decimal(number) for number in (points, most)]
    written = Written(timezone.localdate(), points=numbers[0], max_points=numbers[1], holder=holder)
    with pytest.raises(Refused, match=why):
        paper.enter(one, written, by=house.district, scans=[stories.scan()])
    assert not PaperResult.objects.exists()


def test_the_cut_score_is_compared_exactly(house, check):
    one, other = sat_queries.examinees(check)
    for person, points, passed in ((one, "59.99", False), (other, "60.00", True)):
        written = Written(
            timezone.localdate(), points=Decimal(points), max_points=Decimal(100), holder="区局"
        )
        assert paper.enter(person, written, by=house.district, scans=[stories.scan()]).passed is passed


def test_before_the_day_nothing_is_entered(house):
    check = stories.called(house, **stories.lean(house.blueprint, 2))
    one, _other = sat_queries.examinees(check)
    with pytest.raises(Refused, match="考核开始之后"):
        stories.entered(house, one)


# --- workbooks -----------------------------------------------------------------------------------------------------


def book(head, rows):
    return SimpleUploadedFile("纸质成绩.xlsx", list_workbook("纸质成绩.xlsx", head, rows).content)


def filled(check, house):
    """The table with both filled in: one by her sheet, the other by a total."""
    form = form_of(house, check)
    people = list(sat_queries.examinees(check))
    head, rows = paper_book.table(check, people, sat_queries.sat(people))
    by_name = {cell.name: paper_book.PLACE.format(number=cell.number) for cell in queries.cells_of(form)}
    for name, text in stories.right_cells(form).items():
        rows[0][head.index(by_name[name])] = text
    rows[0][head.index(paper_book.LETTER)] = "A"
    for name, text in (
        (paper_book.POINTS, "45.5"),
        (paper_book.MOST, "100"),
        (paper_book.HOLDER, "市培训中心"),
    ):
        rows[1][head.index(name)] = text
    return head, rows


def sent(house, check, **data):
    client = Client()
    client.force_login(house.district)
    return client.post(reverse("supervision:paper_import", args=[check.code]), data)


def scan_file():
    return SimpleUploadedFile("扫描.png", stories.a_picture("scan"), "image/png")


def test_a_workbook_is_shown_first_and_then_brought_in_whole(house, check):
    head, rows = filled(check, house)
    page = sent(house, check, book=book(head, rows), scan=scan_file()).content.decode()
    assert "可以录入 2 人" in page and not PaperResult.objects.exists()
    tokens = dict(re.findall(r'name="(book_token|scan_token)" value="([0-9a-f]{32})"', page))
    assert sent(house, check, **tokens).status_code == 302
    assert sorted(PaperResult.objects.values_list("kind", "passed")) == [("sheet", True), ("total", False)]
    assert Evidence.objects.count() == 2 and Registration.objects.filter(on_paper=True).count() == 2
    assert AuditEvent.objects.get(action="paperresult.imported").data == {"rows": 2}
    again = sent(house, check, **tokens).content.decode()
    assert "已过期或已导入" in again and PaperResult.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({paper_book.NAME: "别人"}, "编号与姓名对不上"),
        ({paper_book.NUMBER: "999999"}, "编号与姓名对不上"),
        ({paper_book.LETTER: "C"}, "没有打印过 C 卷"),
        ({paper_book.LETTER: ""}, "却没有写卷别"),
        ({paper_book.DAY: "昨天"}, "考试日期请写成"),
        ({paper_book.DAY: "2199-01-01"}, "不能在今天之后"),
        ({paper_book.POINTS: "9"}, "由系统评分"),
        ({"第1题": "Z"}, "第 1 题没有选项"),
    ],
)
def test_a_row_that_cannot_be_keeps_all_out(house, check, change, why):
    head, rows = filled(check, house)
    for name, text in change.items():
        rows[0][head.index(name)] = text
    page = sent(house, check, book=book(head, rows), scan=scan_file()).content.decode()
    assert why in page and "没有录入任何一行" in page and "book_token" not in page
    assert not PaperResult.objects.exists()


def test_a_person_twice_and_a_table_of_something_else(house, check):
    head, rows = filled(check, house)
    twice = paper_book.plan(check, [[str(c) for c in row] for row in (head, rows[0], rows[0])])
    assert [why for _row, why in twice.problems] == ["与第 2 行是同一个人。"]
    assert [row for row, _why in paper_book.plan(check, [["甲", "乙"], ["1", "2"]]).problems] == [1]
    assert paper_book.plan(check, []).problems and paper_book.plan(check, [head]).problems
    page = sent(house, check, book=SimpleUploadedFile("x.xlsx", b"no workbook"), scan=scan_file())
    assert page.status_code == 200 and not PaperResult.objects.exists()


def test_what_happened_between_preview_and_import_keeps_all_out(house, check):
    head, rows = filled(check, house)
    page = sent(house, check, book=book(head, rows), scan=scan_file()).content.decode()
    tokens = dict(re.findall(r'name="(book_token|scan_token)" value="([0-9a-f]{32})"', page))
    one, _other = sat_queries.examinees(check)
    stories.sat(one)
    page = sent(house, check, **tokens).content.decode()
    assert "已有上机答卷" in page and not PaperResult.objects.exists()


# --- pages ---------------------------------------------------------------------------------------------------------


def test_the_pages_of_a_paper_sitting(house, check):
    one, _other = sat_queries.examinees(check)
    form = form_of(house, check)
    address = reverse("supervision:paper_enter", args=[check.code, one.pk, "A"])
    client = Client()
    client.force_login(house.district)
    assert form.digest in client.get(address).content.decode()
    cells = stories.right_cells(form)
    wrong = cells | {
        queries.cells_of(form)[0].name: "Z",
        "held_on": f"{timezone.localdate()}",
        "file": scan_file(),
    }
    page = client.post(address, wrong)
    assert page.status_code == 422 and "第 1 题没有选项" in page.content.decode()
    kept = re.search(r'name="kept" value="([0-9a-f]{32})"', page.content.decode())[
        1
    ]  # the scan need not be sent again
    answer = client.post(address, cells | {"held_on": f"{timezone.localdate()}", "kept": kept})
    assert answer.status_code == 302
    row = PaperResult.objects.get()
    assert row.points == row.max_points == form.paper.max_points
    assert "录入成绩的人不能复核" in stories.seen(house.district, "examinee", check.code, one.pk)
    assert "待复核" in stories.seen(house.district, "paper", check.code)
    client.force_login(house.city)
    client.post(
        reverse("supervision:paper_review", args=[check.code, one.pk, 1]), {"verdict": "confirmed", "why": ""}
    )
    assert row.review.verdict == "confirmed"
    assert not Outcome.objects.exists()


def test_pages_of_paper_cost_the_same_for_many(house):
    costs, rule = [], stories.small_rule()
    for people in (1, 5):
        check = stories.begun(house, stories.called(house, **stories.lean(house.blueprint, people, rule)))
        for one in sat_queries.examinees(check):
            stories.entered(house, one)
        client = Client()
        client.force_login(house.district)
        address = reverse("supervision:paper", args=[check.code])
        client.get(address)
        with CaptureQueriesContext(connection) as told:
            client.get(address)
        costs.append(len(told))
    assert costs[0] == costs[1]
