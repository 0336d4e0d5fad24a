"""The training file: what it says of a year, for whom it opens, on paper and in sheets, and that she herself confirmed it."""

import io
import re
from datetime import UTC, date, datetime, timedelta

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from python_calamine import CalamineWorkbook

from accounts.models import Post, User
from audit.models import AuditEvent
from audit.transitions import Refused
from courses import printing_files
from courses.actions import filing
from courses.models import Acknowledgement, TrainingFile
from courses.queries import files
from courses.tests import class_stories, stories
from exams.actions import interventions
from exams.engine.chance import digest
from tests import build


@pytest.fixture(autouse=True)
def kept_here(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def this_year():
    return timezone.localdate().year


def facts(cast, user=None, year=None, enterprise=None):
    user = user or cast.officer
    return files.facts_of([user], enterprise or cast.jinhai, year or this_year())[user.pk]


def words(printed):
    """The text as one would find it by searching, blanks left out."""
    pages = pypdf.PdfReader(io.BytesIO(printed)).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def printed(client, cast, form="pdf", user=None, year=None):
    user = user or cast.officer
    address = reverse(
        "courses:person_file_print", args=[cast.jinhai.uscc, user.pk, year or this_year(), form]
    )
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content


def page(client, cast, user=None, **said):
    user = user or cast.officer
    answer = client.get(reverse("courses:person_file", args=[cast.jinhai.uscc, user.pk]), said)
    assert answer.status_code == 200
    return answer.content.decode()


# --- What it says -------------------------------------------------------------------------------------------------------


def test_a_year_without_anything_says_so(cast, as_user):
    told = facts(cast, year=2021)
    assert [
        told[name] for name in ("posts", "courses", "trainings", "exams", "spot_checks", "certificates")
    ] == [[]] * 6
    text = words(printed(as_user(cast.officer), cast, year=2021))
    for sentence in (
        "本年度没有任职",
        "本年度没有课程记录。",
        "本年度没有已公布的考试成绩。",
        "本年度没有已确认的抽查考核结果。",
        "本年度没有有效期内的合格证明。",
    ):
        assert sentence in text
    assert "本年度没有课程记录。" in page(as_user(cast.officer), cast, year=2021)


def test_it_tells_courses_exams_and_certificates_of_the_year(cast):
    course = stories.published(cast, minutes=(2, 3))
    stories.finish(stories.enrolled(cast, course))
    running = stories.enrolled(cast, stories.published(cast, "second", minutes=(5,)))
    stories.study(running, stories.revisions(running)[0], 30)
    certificate = build.certified(cast, cast.officer)
    told, today = facts(cast), timezone.localdate().isoformat()
    assert [(row["name"], bool(row["to"]), row["lessons"], row["lessons_all"], row["minutes"]) for row in told["courses"]] == [
        ("课程story", True, 2, 2, 5),
        ("课程second", False, 0, 1, 0),
    ]  # fmt: skip
    assert told["minutes"] == 5
    [exam] = told["exams"]
    assert (exam["name"], exam["passed"], exam["void"], exam["attempt"]) == ("场次stories", True, False, 1)
    [earned] = told["certificates"]
    assert (earned["number"], earned["from"], earned["state"]) == (certificate.number, today, "in_force")
    assert told["posts"] == [{"kind": "officer", "from": "2025-01-06", "to": ""}]


def test_minutes_belong_to_the_year_in_which_they_were_verified_and_never_count_twice(cast):
    course = stories.published(cast, minutes=(6,))
    enrolment = stories.enrolled(cast, course)
    first, second = this_year() - 1, this_year()
    enrolment.enrolled_at = datetime(first, 12, 1, tzinfo=UTC)
    enrolment.save(update_fields=["enrolled_at"])
    [lesson] = stories.revisions(enrolment)
    # Midnight is that of Shanghai: 16:00 UTC on the last day.
    stories.study(enrolment, lesson, 240, start=datetime(first, 12, 31, 15, 58, tzinfo=UTC))
    stories.finish(enrolment, start=datetime(second, 1, 1, 3, 0, tzinfo=UTC))
    before, after = facts(cast, year=first), facts(cast, year=second)
    assert 5 <= before["minutes"] + after["minutes"] <= 6  # each year tells whole minutes
    assert after["minutes"] > 0
    assert (before["courses"][0]["to"], after["courses"][0]["to"]) == ("", f"{second}-01-01")
    assert before["courses"][0]["lessons"] == 0  # as it stood at the end of that year


def test_what_another_enterprise_gave_stands_in_its_own_file(cast):
    Post.objects.create(
        person=cast.officer, enterprise=cast.hengtong, kind="officer", appointed_on=date(2025, 3, 1)
    )
    stories.finish(stories.enrolled(cast, stories.published(cast, minutes=(1,))))
    assert len(facts(cast)["courses"]) == 1
    assert facts(cast, enterprise=cast.hengtong)["courses"] == []


def test_a_result_that_is_not_released_is_not_told_and_one_that_was_voided_says_so(cast):
    hidden = build.make_session(cast, "hidden", disclosure="after_release")
    build.handed_in(build.begun(hidden, cast.officer))
    assert facts(cast)["exams"] == []
    attempt = build.handed_in(build.begun(build.make_session(cast), cast.officer))
    interventions.void(attempt, by=cast.city, why="替考")
    [exam] = facts(cast)["exams"]
    assert exam["void"] is True
    assert files.totals([facts(cast)])["sat"] == 0


def test_classes_and_what_was_learned_elsewhere_stand_in_the_file_of_the_post(cast):
    meeting = class_stories.begun(cast, begins=datetime(2026, 3, 2, 1, tzinfo=UTC))
    class_stories.signed(meeting, cast.officer, 0, 90)
    class_stories.ended(meeting)
    day = date(2026, 2, 9)
    class_stories.confirmed(cast, begins_on=day, ends_on=day)
    class_stories.submitted(cast, title="还没有核对的", begins_on=day, ends_on=day)
    told = facts(cast, year=2026)
    assert [(row["kind"], row["name"], row["minutes"]) for row in told["trainings"]] == [
        ("outside", "过程质量控制", 240), ("classroom", "岗位集中培训", 90),
    ]  # fmt: skip
    assert told["minutes"] == 330
    assert facts(cast, year=2025)["trainings"] == []


def test_files_cost_the_same_for_one_and_for_many(cast):
    course = stories.published(cast, minutes=(1,))
    for user in (cast.officer, cast.director):
        stories.finish(stories.enrolled(cast, course, user))
        build.handed_in(build.begun(build.make_session(cast, f"s-{user.username}"), user))
    costs = []
    for people in ([cast.officer], [cast.officer, cast.director, cast.principal]):
        with CaptureQueriesContext(connection) as asked:
            files.facts_of(people, cast.jinhai, this_year())
        costs.append(len(asked))
    assert costs == [9, 9]


# --- On paper and in sheets ----------------------------------------------------------------------------------------------


def test_the_paper_says_what_the_file_says_and_can_be_copied(cast, as_user):
    stories.finish(stories.enrolled(cast, stories.published(cast, minutes=(1,)), cast.director))
    document = printed(as_user(cast.manager), cast, user=cast.director)
    text = words(document)
    kept = TrainingFile.objects.get()
    for said in ("李䶮", "津海电动车有限公司", kept.serial, kept.digest, "课程story", "质量安全总监（签字）", "本人（签字）", "第1页，共1页", "赵敏打印于", cast.director.id_mask):  # fmt: skip
        assert said.replace(" ", "") in text
    assert cast.director.id_number not in text
    [sheet] = {
        round(float(one.mediabox[3]) / 72 * 25.4) for one in pypdf.PdfReader(io.BytesIO(document)).pages
    }
    assert sheet == 297
    line = AuditEvent.objects.get(action="training_file.printed")
    assert (line.actor_name, line.data["digest"]) == ("赵敏", kept.digest)


def test_a_long_table_repeats_its_head_on_every_page(cast):
    told = facts(cast)
    told["courses"] = [
        {"name": f"课程{n:02d}", "edition": 1, "from": "2026-01-01", "to": "", "lessons": 0, "lessons_all": 4, "minutes": 0, "minutes_all": 30}
        for n in range(70)
    ]  # fmt: skip
    version = TrainingFile(
        enterprise=cast.jinhai, person=cast.officer, year=2026, number=1, facts=told, digest=digest(told)
    )
    document = printing_files.people_pdf([version], {}, printed_at=timezone.now(), printed_by="赵敏")
    pages = [re.sub(r"\s", "", one.extract_text()) for one in pypdf.PdfReader(io.BytesIO(document)).pages]
    with_courses = [text for text in pages if re.search(r"课程\d\d", text)]
    assert len(with_courses) >= 2
    assert all("本年度核定" in text for text in with_courses)
    assert all(version.serial in text for text in pages)


def test_whoever_reads_english_prints_the_same_chinese_paper(cast, as_user):
    client = as_user(cast.officer)
    with translation.override("en"):
        assert "培训档案" in words(printed(client, cast))
    assert TrainingFile.objects.count() == 1


def test_the_sheets_hold_each_chapter(cast, as_user):
    stories.finish(stories.enrolled(cast, stories.published(cast, minutes=(1,))))
    book = CalamineWorkbook.from_filelike(io.BytesIO(printed(as_user(cast.officer), cast, "xlsx")))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert list(sheets) == ["人员", "课程", "其他培训", "考试", "抽查考核", "合格证明"]
    assert sheets["人员"][1][:2] == ["王雨晨", cast.officer.id_mask]
    assert "课程story" in sheets["课程"][1]
    assert sheets["考试"][1] == ["本年度没有记录。"]


def test_the_same_again_is_the_same_version_and_what_changed_is_the_next(cast, as_user):
    client = as_user(cast.manager)
    printed(client, cast)
    printed(client, cast, "xlsx")
    assert [row.number for row in TrainingFile.objects.all()] == [1]
    stories.finish(stories.enrolled(cast, stories.published(cast, minutes=(1,))))
    printed(client, cast)
    assert sorted(row.number for row in TrainingFile.objects.all()) == [1, 2]
    assert [row.digest == digest(row.facts) for row in TrainingFile.objects.all()] == [True, True]


# --- Confirming -----------------------------------------------------------------------------------------------------------


def confirmed(client, cast, seen, year=None):
    address = reverse("courses:file_confirm", args=[cast.jinhai.uscc, year or this_year()])
    return client.post(address, {"digest": seen}, follow=True).content.decode()


def test_she_confirms_what_she_saw_and_the_paper_says_so(cast, as_user):
    client = as_user(cast.officer)
    assert "确认无误" in page(client, cast)
    assert "本人已确认" in confirmed(client, cast, digest(facts(cast)))
    row = Acknowledgement.objects.get()
    assert (row.person, row.account, row.digest) == (cast.officer, "officer", row.file.digest)
    assert "账号officer" in words(printed(client, cast))
    assert row.digest in words(printed(client, cast))


def test_what_changed_since_she_looked_is_not_confirmed(cast, as_user):
    seen = digest(facts(cast))
    stories.finish(stories.enrolled(cast, stories.published(cast, minutes=(1,))))
    assert "档案内容刚刚有更新" in confirmed(as_user(cast.officer), cast, seen)
    assert Acknowledgement.objects.count() == 0


def test_a_confirmation_of_an_older_version_does_not_stand_on_the_newer(cast, as_user):
    client = as_user(cast.officer)
    confirmed(client, cast, digest(facts(cast)))
    stories.finish(stories.enrolled(cast, stories.published(cast, minutes=(1,))))
    assert "此后有更新" in page(client, cast)
    assert "本人电子确认" not in words(printed(client, cast))


def test_twice_is_once(cast):
    seen = digest(facts(cast))
    filing.confirm(cast.officer, cast.jinhai, this_year(), seen=seen)
    with pytest.raises(Refused, match="已确认过"):
        filing.confirm(cast.officer, cast.jinhai, this_year(), seen=seen)
    assert Acknowledgement.objects.count() == 1


def test_nobody_else_can_confirm_it(cast, as_user):
    assert "确认无误" not in page(as_user(cast.manager), cast)
    address = reverse("courses:file_confirm", args=[cast.jinhai.uscc, this_year()])
    assert as_user(cast.manager).post(address, {"digest": digest(facts(cast))}).status_code == 404


# --- Who sees it ----------------------------------------------------------------------------------------------------------


def test_of_what_she_earned_elsewhere_an_enterprise_knows_what_was_there_while_she_held_its_post(cast):
    today = timezone.localdate()
    Post.objects.create(
        person=cast.officer, enterprise=cast.hengtong, kind="officer", appointed_on=date(2025, 3, 1)
    )
    Post.objects.filter(person=cast.officer, enterprise=cast.jinhai).update(
        ended_on=today - timedelta(days=1)
    )
    scheme = build.make_scheme(exam_kind="self_training")
    room = build.make_session(cast)
    post = cast.officer.posts.get(enterprise=cast.hengtong)
    from exams.actions import attempts, sessions

    registration = sessions.register(room, post, by=None, source="manager")
    build.handed_in(attempts.start(registration, by=cast.officer))
    assert len(facts(cast, enterprise=cast.hengtong)["certificates"]) == 1
    assert facts(cast)["certificates"] == []
    assert scheme.pk


def test_the_list_of_an_enterprise_costs_the_same_for_few_and_for_many(cast, as_user):
    client, costs = as_user(cast.manager), []
    address = reverse("courses:files_of", args=[cast.jinhai.uscc])
    for more in (0, 20):
        people = User.objects.bulk_create(
            User(username=f"p{n}", name=f"员工{n:02d}", password="!") for n in range(more)
        )
        Post.objects.bulk_create(
            Post(person=one, enterprise=cast.jinhai, kind="officer", appointed_on="2025-01-06")
            for one in people
        )
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_a_nonsense_year_is_the_present_one_in_the_list_and_nothing_on_paper(cast, as_user):
    client = as_user(cast.manager)
    assert (
        f"{this_year()} 年培训档案"
        in client.get(
            reverse("courses:files_of", args=[cast.jinhai.uscc]), {"year": "99999"}
        ).content.decode()
    )
    for year in (1999, this_year() + 1):
        address = reverse("courses:person_file_print", args=[cast.jinhai.uscc, cast.officer.pk, year, "pdf"])
        assert client.get(address).status_code == 404
    address = reverse(
        "courses:person_file_print", args=[cast.jinhai.uscc, cast.officer.pk, this_year(), "docx"]
    )
    assert client.get(address).status_code == 404
    assert TrainingFile.objects.count() == 0
