"""The pages of courses: what a learner sees, a script that replays, files in pieces, the desk of writers, a manager's team."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.files import a_pdf, a_picture
from courses import markup, serving
from courses.models import Course, Enrolment, LessonRevision, PresenceCheck
from courses.queries.progress import progress_of
from courses.tests import stories
from tests import build

FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:04.000\n第一句\n".encode()


@pytest.fixture(autouse=True)
def kept_here(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def post(client, address, **said):
    return client.post(address, json.dumps(said), content_type="application/json")


def shown(client, name, *arguments):
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


# --- The learner ---------------------------------------------------------------------------------------------------------


def test_the_first_screen_tells_what_is_due_and_leads_to_the_next_lesson(cast, as_user):
    course = stories.published(cast)
    enrolment = stories.enrolled(cast, course, due_on=timezone.localdate() + timedelta(days=3))
    lesson = stories.revisions(enrolment)[0]
    for name in ("dashboards:home", "courses:mine"):
        page = shown(as_user(cast.officer), name)
        assert "还有 3 天" in page
        assert reverse("courses:lesson", args=[course.code, lesson.pk]) in page


def test_a_course_is_begun_of_ones_own_accord(cast, as_user):
    course = stories.published(cast)
    client = as_user(cast.director)
    assert "加入课程" in shown(client, "courses:course", course.code)
    lesson = LessonRevision.objects.filter(places__edition=course.current).first()
    address = reverse("courses:lesson", args=[course.code, lesson.pk])
    assert "您还没有加入这门课程" in client.get(address, follow=True).content.decode()
    client.post(reverse("courses:enrol", args=[course.code]))
    assert Enrolment.objects.get().assigned_by is None
    assert "第1课正文" in client.get(address).content.decode()


def test_a_foreign_course_does_not_exist(cast, as_user):
    course = stories.published(cast, category=cast.gas)
    assert as_user(cast.officer).get(reverse("courses:course", args=[course.code])).status_code == 404


def test_a_finished_course_shows_the_way_to_the_exam(cast, as_user):
    course = stories.published(cast, minutes=(1,), session=build.make_session(cast))
    stories.finish(stories.enrolled(cast, course))
    page = shown(as_user(cast.officer), "courses:course", course.code)
    assert "下一步：已为您登记“场次stories”" in page
    assert reverse("exams:session", args=["stories"]) in page
    assert "核定学时 1 分钟" in shown(as_user(cast.officer), "people:me")


# --- A script instead of a person -----------------------------------------------------------------------------------------


class Script:
    """Somebody's script: it has a session and knows the addresses; the server's clock is put forward for it."""

    def __init__(self, user, enrolment, monkeypatch):
        self.client = Client()
        self.client.force_login(user)
        self.now = timezone.now()
        monkeypatch.setattr("courses.actions.presence.timezone.now", lambda: self.now)
        lesson = stories.revisions(enrolment)[0]
        self.page = reverse("courses:visit", args=[enrolment.course.code, lesson.pk])

    def open(self):
        return post(self.client, self.page).json()["address"]

    def beat(self, address, number, visible=True):
        return post(self.client, address, number=number, visible=visible, place=0).json()


@pytest.fixture
def script(cast, monkeypatch):
    enrolment = stories.enrolled(cast, stories.published(cast, minutes=(60,)))
    made = Script(cast.officer, enrolment, monkeypatch)
    made.seconds = lambda: progress_of([enrolment])[enrolment.pk].seconds
    return made


@pytest.mark.parametrize("speed", [1, 10])
@pytest.mark.parametrize("tabs", [1, 3])
@pytest.mark.parametrize("visible", [True, False])
def test_a_script_that_replays_beats_earns_nothing(script, speed, tabs, visible):
    addresses = [script.open() for _ in range(tabs)]
    for number in range(1, 81):
        script.now += timedelta(seconds=15 / speed)
        for address in addresses:
            told = script.beat(address, number, visible)
    assert (script.seconds(), told["seconds"]) == (0, 0)
    assert (
        PresenceCheck.objects.exists() or not visible or speed == 10
    )  # it was asked and did not know what to say


def test_a_script_that_replays_an_old_answer_earns_nothing_more(script):
    address, old = script.open(), None
    for number in range(1, 200):
        script.now += timedelta(seconds=15)
        told = script.beat(address, number)
        if told["check"] and old is None:
            old = told["check"]
            assert post(script.client, old["address"], token=old["token"]).status_code == 200
            earned = script.seconds()
        elif told["check"]:
            assert post(script.client, old["address"], token=old["token"]).status_code == 409
            assert post(script.client, told["check"]["address"], token=old["token"]).status_code == 409
    assert script.seconds() == earned > 0


def test_even_a_script_that_answers_is_no_faster_than_the_clock(script):
    began, address = script.now, script.open()
    for number in range(1, 600):
        script.now += timedelta(seconds=1.5)
        told = script.beat(address, number)
        if told["check"]:
            post(script.client, told["check"]["address"], token=told["check"]["token"])
    assert 0 < script.seconds() <= (script.now - began).total_seconds()


def test_what_a_script_makes_up_is_read_as_nothing(script):
    address = script.open()
    for body in (
        "",
        "[]",
        '{"number": "x", "place": -1}',
        '{"number": 1e99}',
        '{"place": 99999999999999999999}',
    ):
        answer = script.client.post(address, body, content_type="application/json")
        assert answer.status_code == 200
    assert script.seconds() == 0


# --- Files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        ("", None),
        ("bytes=0-9", (0, 9)),
        ("bytes=90-", (90, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=90-500", (90, 99)),
        ("bytes=-500", (0, 99)),
        ("bytes=0-1,5-9", None),
        ("lines=1-2", None),
        ("bytes=-", None),
    ],
)
def test_which_piece_is_asked_for(header, piece):
    assert serving.piece_of(header, 100) == piece


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=9-3", "bytes=-0"])
def test_a_piece_that_is_not_there(header):
    with pytest.raises(ValueError, match="bytes"):
        serving.piece_of(header, 100)


def write_lesson(client, course, kind, **said):
    said = {"title": f"一课{kind}", "minutes": 3} | said
    address = reverse("courses:lesson_new", args=[course.code, kind])
    return client.post(address, said)


def test_a_film_comes_in_pieces_with_captions_and_goes_on_where_one_was(cast, as_user):
    course = stories.drafted(cast, minutes=())
    write_lesson(
        as_user(cast.editor), course, "video", file=SimpleUploadedFile("片.mp4", FILM), captions=SimpleUploadedFile("字.vtt", CAPTIONS)
    )  # fmt: skip
    as_user(cast.editor).post(reverse("courses:publish", args=[course.code]))
    course.refresh_from_db()
    enrolment = stories.enrolled(cast, course)
    [lesson] = stories.revisions(enrolment)
    client = as_user(cast.officer)
    address = reverse("courses:file", args=[course.code, lesson.file.digest])
    answer = client.get(address, headers={"range": "bytes=8-15"})
    assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes 8-15/{len(FILM)}")
    assert b"".join(answer.streaming_content) == FILM[8:16]
    assert client.get(address, headers={"range": f"bytes={len(FILM)}-"}).status_code == 416
    whole = client.get(address)
    assert (whole["Accept-Ranges"], b"".join(whole.streaming_content)) == ("bytes", FILM)
    page = shown(client, "courses:lesson", course.code, lesson.pk)
    assert f'src="{address}"' in page
    assert reverse("courses:file", args=[course.code, lesson.captions.digest]) in page
    visit = post(client, reverse("courses:visit", args=[course.code, lesson.pk])).json()["address"]
    post(client, visit, number=1, visible=True, place=37)
    assert 'data-place="37"' in shown(client, "courses:lesson", course.code, lesson.pk)
    assert Client().get(address).status_code == 302
    assert as_user(cast.stranger_manager).get(address).status_code == 404


def test_a_document_may_stand_in_our_page_and_nowhere_else(cast, as_user):
    course = stories.drafted(cast, minutes=())
    client = as_user(cast.editor)
    write_lesson(client, course, "document", file=SimpleUploadedFile("文.pdf", a_pdf()))
    [lesson] = LessonRevision.objects.all()
    answer = client.get(reverse("courses:file", args=[course.code, lesson.file.digest]))
    assert (answer["Content-Type"], answer["X-Frame-Options"]) == ("application/pdf", "SAMEORIGIN")
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("kind", "file", "said"),
    [
        ("video", b"not a film", "无法识别这个视频文件"),
        ("document", a_picture(), "请上传 PDF"),
        ("document", a_pdf(catalog=b"/OpenAction << /S /JavaScript >> "), "PDF 里含有脚本"),
    ],
)
def test_what_is_no_such_file_is_refused_and_nothing_typed_is_lost(cast, as_user, kind, file, said):
    course = stories.drafted(cast, minutes=())
    answer = write_lesson(
        as_user(cast.editor), course, kind, file=SimpleUploadedFile("x", file), body="写好的文字"
    )
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "写好的文字" in answer.content.decode()
    assert course.lessons.count() == 0


def test_text_is_shown_safely_with_the_courses_own_pictures_only(cast):
    ours = "a" * 64
    html = markup.render(
        f"# 大\n\n<script>x()</script> [链接](http://example.invalid)\n\n![图](picture:{ours}) ![外](http://example.invalid/x.png)",
        "c",
    )
    assert "<h2>大</h2>" in html
    assert f'src="/courses/c/files/{ours}/"' in html
    assert "<script" not in html
    assert "href" not in html
    assert html.count("<img") == 1


# --- The quiz ------------------------------------------------------------------------------------------------------------


def test_a_quiz_is_worked_on_the_page_and_reviewed_with_its_reasons(cast, as_user):
    course = stories.published(cast, minutes=(), quiz=4)
    enrolment = stories.enrolled(cast, course)
    [quiz] = stories.revisions(enrolment)
    client = as_user(cast.officer)
    page = shown(client, "courses:lesson", course.code, quiz.pk)
    assert "开始练习（4 题）" in page
    client.post(reverse("courses:quiz_begin", args=[course.code, quiz.pk]))
    page = shown(client, "courses:lesson", course.code, quiz.pk)
    go = enrolment.tries.get()
    assert page.count(build.STEM) == 4
    assert build.RATIONALE not in page
    said = {f"q{position}/value": str(one["value"]).lower() for position, one in stories.right(go).items()}
    answer = client.post(reverse("courses:quiz_hand_in", args=[go.pk]), said, follow=True)
    page = answer.content.decode()
    assert "答对 4 / 4 题，练习通过。" in page
    assert page.count(build.RATIONALE) == 4


def test_whoever_sits_an_exam_does_not_practise(cast, as_user):
    course = stories.published(cast, minutes=(), quiz=4)
    enrolment = stories.enrolled(cast, course)
    [quiz] = stories.revisions(enrolment)
    build.begun(build.make_session(cast), cast.officer)
    client = as_user(cast.officer)
    client.post(reverse("courses:quiz_begin", args=[course.code, quiz.pk]))
    assert enrolment.tries.count() == 0
    assert "您正在考试" in shown(client, "courses:lesson", course.code, quiz.pk)


# --- The desk of writers ----------------------------------------------------------------------------------------------------


def test_a_writer_makes_a_course_from_nothing_to_its_edition(cast, as_user):
    client = as_user(cast.editor)
    client.post(
        reverse("courses:new"),
        {
            "name": "入门",
            "code": "intro",
            "unit": cast.city_organ.pk,
            "summary": "",
            "post_kinds": ["officer"],
        },
    )
    course = Course.objects.get(code="intro")
    answer = client.post(reverse("courses:publish", args=["intro"]), follow=True)
    assert "课程还没有课时" in answer.content.decode()
    picture = SimpleUploadedFile("结构图.png", a_picture(), "image/png")
    answer = client.post(
        reverse("courses:lesson_new", args=["intro", "article"]),
        {"title": "第一课", "minutes": 5, "body": "## 要点\n\n正文", "picture": picture, "preview": "1"},
        follow=True,
    )
    page = answer.content.decode()
    assert "这是预览" in page
    assert 'alt="结构图"' in page
    write_lesson(client, course, "article", body="二")
    first, second = course.lessons.order_by("position")
    client.post(reverse("courses:lesson_act", args=["intro", second.pk, "up"]))
    assert [one.pk for one in course.lessons.order_by("position")] == [second.pk, first.pk]
    client.post(reverse("courses:lesson_act", args=["intro", second.pk, "remove"]))
    client.post(reverse("courses:publish", args=["intro"]), {"note": "首版"})
    course.refresh_from_db()
    assert (course.state, course.current.note, course.current.places.count()) == ("published", "首版", 1)
    client.post(reverse("courses:withdraw", args=["intro"]), {"why": "修订"})
    assert "课程已撤下" in shown(client, "courses:manage", "intro")


def test_a_course_is_not_its_own_prerequisite(cast, as_user):
    first, second = stories.drafted(cast, "first"), stories.drafted(cast, "second")
    second.prerequisites.add(first)
    said = {"name": "课程first", "summary": "", "prerequisites": [second.pk]}
    answer = as_user(cast.editor).post(reverse("courses:edit", args=["first"]), said)
    assert answer.status_code == 422
    assert "绕了一圈" in answer.content.decode()


# --- The manager --------------------------------------------------------------------------------------------------------------


def test_a_manager_gives_a_course_to_many_and_sees_how_far_they_are(cast, as_user):
    course = stories.published(cast, minutes=(2,))
    client = as_user(cast.manager)
    day = (timezone.localdate() + timedelta(days=9)).isoformat()
    assert course.name in shown(client, "courses:choose")
    posts = [cast.post(cast.officer).pk, cast.post(cast.director).pk]
    answer = client.post(
        reverse("courses:assign", args=[course.code]), {"posts": posts, "due_on": day}, follow=True
    )
    assert "已安排 2 人学习" in answer.content.decode()
    mine = Enrolment.objects.get(person=cast.officer)
    stories.study(mine, stories.revisions(mine)[0], 250)
    page = shown(client, "courses:team")
    assert "2 / 2 分钟" in page
    assert day in page
    assert "学习中" in shown(client, "dashboards:home")
    foreign = {"posts": [cast.post(cast.stranger).pk], "due_on": day}
    assert client.post(reverse("courses:assign", args=[course.code]), foreign).status_code == 422
    past = {"posts": [cast.post(cast.principal).pk], "due_on": "2020-01-01"}
    answer = client.post(reverse("courses:assign", args=[course.code]), past)
    assert "完成期限不能早于今天" in answer.content.decode()
    # Who studies it or has finished it is not offered again.
    page = shown(client, "courses:assign", course.code)
    assert [one.name in page for one in (cast.officer, cast.director, cast.principal)] == [False, False, True]
    other = Enrolment.objects.get(person=cast.director)
    client.post(reverse("courses:cancel", args=[other.pk]), {"why": "已调岗"})
    other.refresh_from_db()
    assert other.state == "cancelled"


def test_a_regulator_sees_the_hours_of_her_own_district(cast, as_user):
    stories.enrolled(cast, stories.published(cast))
    assert "王雨晨" in shown(as_user(cast.district), "courses:team")
    assert "王雨晨" not in shown(as_user(cast.other_district), "courses:team")
    assert as_user(cast.district).get(reverse("courses:choose")).status_code == 403


def test_the_team_costs_the_same_for_one_and_for_three(cast, as_user):
    course, counts = stories.published(cast), []
    client = as_user(cast.manager)
    for some in ([cast.officer], [cast.director, cast.principal]):
        for user in some:
            stories.enrolled(cast, course, user)
        with CaptureQueriesContext(connection) as seen:
            shown(client, "courses:team")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_what_a_beat_costs(script, cast):
    address = script.open()
    for number in range(1, 6):
        script.now += timedelta(seconds=15)
        with CaptureQueriesContext(connection) as seen:
            script.beat(address, number)
    statements = [
        q["sql"] for q in seen.captured_queries if q["sql"].startswith(("SELECT", "INSERT", "UPDATE"))
    ]
    assert len(statements) == 11, "\n".join(statements)
