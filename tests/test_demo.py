"""The demo city is whole: counts, states, identifiers, stories."""

import io
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Sum
from django.test import TestCase
from django.utils import timezone, translation

from accounts import alike, desks, identifiers, queries, scope
from accounts.models import Enterprise, Merge, Post, Unit, User
from audit.models import AuditEvent
from certificates import validity
from certificates.models import Certificate
from config.demo import files
from config.demo.accounts import demo_accounts
from config.demo.answers import mistake, right
from courses.models import ClassCredit, ClassMeeting, Course, Enrolment, HourRule, OutsideTraining
from courses.queries.progress import progress_of
from courses.queries.quizzes import pool as quiz_pool
from dashboards.queries import bank as bank_desk
from dashboards.queries import enterprise as enterprise_desk
from exams.actions import bank as bank_acts
from exams.engine.items import ITEM_TYPES
from exams.engine.scoring import Policy
from exams.models import Attempt, Blueprint, ExamSession, Item, ItemBank, PaperItem
from messaging.models import Message
from practice.engine import calibration
from practice.queries.state import standing
from supervision.models import Rectification, SpotCheck

pytestmark = pytest.mark.xdist_group("demo")  # one process builds the city

CATEGORY_BANKS = {"ebike", "ebike-battery", "gas", "cable", "fire", "children"}
PRACTICE_BANKS = {"general-practice", "ebike-practice", "cable-practice"}


def load_demo():
    """What the command says."""
    told = io.StringIO()
    call_command("load_demo", stdout=told)
    return told.getvalue()


def states(today):
    """How many certificates are worth what today."""
    rows = Certificate.objects.select_related("replaced_by")
    return Counter(
        validity.state(c.state, c.issued_on, c.expires_on, today, hasattr(c, "replaced_by")) for c in rows
    )


class DemoCity(TestCase):
    """The city is loaded once for all stories: a class can share a transaction, and its tables refuse to be emptied."""

    @classmethod
    def setUpTestData(cls):
        """Load it into the empty database."""
        load_demo()
        cls.today = timezone.localdate()

    def test_the_city_is_spread_over_all_districts(self):
        organs = Counter(Unit.objects.filter(kind="organ").values_list("level", flat=True))
        assert (organs["city"], organs["district"]) == (1, 17)
        assert organs["station"] >= 6
        assert Enterprise.objects.count() >= 28
        assert Enterprise.objects.values("unit__region").distinct().count() == 16
        assert Enterprise.objects.values("categories").distinct().count() >= 10
        assert Enterprise.objects.filter(produces=True, sells=True).exists()
        assert set(Enterprise.objects.values_list("size", flat=True)) == set(Enterprise.Size.values)
        assert set(Enterprise.objects.values_list("risk", flat=True)) == set(Enterprise.Risk.values)

    def test_posts_are_held_left_moved_doubled_vacant_and_not_validly_filled(self):
        current = Post.objects.current(self.today)
        held = Counter(current.values_list("person", flat=True))
        assert len(held) >= 76
        assert (
            current.values("person").annotate(n=Count("enterprise", distinct=True)).filter(n__gt=1).exists()
        )
        past = set(Post.objects.filter(ended_on__lte=self.today).values_list("person", flat=True))
        assert past & set(held), "nobody moved"
        assert past - set(held), "nobody left"
        staffing = queries.staffing_of(list(Enterprise.objects.all()), self.today)
        assert {one.state for one in staffing.values()} == {"valid", "unqualified", "vacant"}
        codes = {h.standing.code for one in staffing.values() for place in one.places for h in place.holders}
        assert codes == {"good", "ending", "by_office", "expired", "suspended", "missing"}

    def test_a_class_was_held_others_come_and_outside_training_waits_for_its_check(self):
        assert Counter(ClassMeeting.objects.values_list("state", flat=True)) == {"ended": 1, "planned": 2}
        minutes = ClassCredit.objects.values_list("attendance__person__name", "minutes")
        assert set(minutes) == {("王雨晨", 120), ("孙晓彤", 102), ("李䶮", 90)}
        states = OutsideTraining.objects.values_list("person__name", "state")
        assert set(states) == {("王雨晨", "submitted"), ("李䶮", "confirmed")}
        for day in (self.today, self.today.replace(year=self.today.year - 2, month=12, day=31)):
            assert not HourRule.objects.in_force(day).exists(), "the demo asks nobody for hours"

    def test_every_identifier_is_sound(self):
        problems = [
            identifiers.why_not_uscc(uscc) for uscc in Enterprise.objects.values_list("uscc", flat=True)
        ]
        people = list(User.objects.all())
        problems += [identifiers.why_not_id_number(one.id_number) for one in people if one.id_hash]
        problems += [identifiers.why_not_phone(one.phone) for one in people if one.phone_hash]
        assert len([one for one in people if not one.id_hash]) == 3  # of the doubles
        assert [problem for problem in problems if problem] == []
        assert {person.id_number[:6] for person in people} == {"120000", ""}
        assert {person.phone[:6] for person in people} == {"199000", ""}
        names = Counter(person.name for person in people)
        assert {name for name, count in names.items() if count > 1} == {"周雪峰", "韩松", "陶然"}
        assert {"王雨晨", "李䶮", "王𬱖", "赵敏"} <= {person.name for person in people}

    def test_three_pairs_are_proposed_and_one_merge_is_done(self):
        admin = User.objects.get(username="admin")
        names = dict(User.objects.values_list("pk", "name"))
        proposed = [(names[one.first], one.reasons) for one in alike.proposed_to(admin)]
        assert proposed == [
            ("周雪峰", ("typing", "place")),
            ("张亦帆", ("place", "numberless", "spelling")),
            ("韩松", ("tail", "numberless")),
        ]
        done = Merge.objects.get()
        assert (done.kept.name, done.by.username, done.may_be_undone(timezone.now())) == (
            "陶然",
            "city",
            True,
        )

    def test_the_banks_hold_what_they_promise(self):
        approved = dict(
            ItemBank.objects.filter(items__state="approved")
            .annotate(n=Count("items"))
            .values_list("code", "n")
        )
        assert set(approved) == CATEGORY_BANKS | {"general"} | PRACTICE_BANKS
        assert approved["general"] >= 100
        assert min(approved[code] for code in CATEGORY_BANKS) >= 40
        assert {item.current.notes["核实情况"][:2] for item in Item.objects.filter(state="draft")} == {"待核"}
        assert not Item.objects.filter(state="approved", current__notes__icontains="待核").exists()

    def test_the_officer_has_practised_for_weeks_and_has_wrong_answers_to_come_back_to(self):
        officer = User.objects.get(username="officer")
        found = standing(officer)
        assert len(found.given) > 50 and 0 < len(found.due) < len(found.book)
        assert len(found.daily) == len(found.daily_left) == 10  # today's are still to be done
        marked = [(one.said.confidence, one.said.is_right) for one in found.given]
        assert calibration.levels(marked)[2].verdict == "over"
        assert [mock.end.total for mock in officer.mocks.all()] == [10]
        assert officer.favourites.count() == 2

    def test_every_item_can_be_answered_rightly_and_wrongly(self):
        policy = Policy()
        odd = []
        for item in Item.objects.select_related("current"):
            kind, now = ITEM_TYPES[item.type], item.current
            best = kind.judge(now.key, right(item.type, now.body, now.key), policy, now.body)
            worse = kind.judge(now.key, mistake(item.type, now.body, now.key, item.code), policy, now.body)
            if best != 1 or worse >= 1:
                odd.append((item.code, best, worse))
        assert odd == []

    def test_the_papers_are_of_fifty_questions_and_a_hundred_points(self):
        tables = {
            blueprint.code: (blueprint.state, blueprint.count, blueprint.total)
            for blueprint in Blueprint.objects.annotate(
                count=Sum("lines__count"), total=Sum(F("lines__count") * F("lines__points"))
            )
        }
        fifty = {f"{code}-paper": ("published", 50, Decimal(100)) for code in CATEGORY_BANKS | {"general"}}
        assert tables == fifty | {"short-paper": ("published", 16, Decimal(100))}

    def test_exams_stand_open_open_tomorrow_and_are_over(self):
        now = timezone.now()
        published = ExamSession.objects.filter(state="published").exclude(exam__kind="spot_check")
        standing = published.filter(opens_at__lte=now, closes_at__gt=now, is_held=False)
        assert set(standing.values_list("exam__code", flat=True)) == CATEGORY_BANKS | {"general", "short"}
        assert set(standing.values_list("unit__level", flat=True)) == {"city"}
        tomorrow = published.get(opens_at__gt=now)
        assert timezone.localdate(tomorrow.opens_at) == self.today + timedelta(days=1)
        assert published.filter(closes_at__lte=now, unit__level="district").exists()
        assert {session.cool_down_minutes for session in standing} == {0, 60}
        hall = published.get(is_held=True)
        assert (hall.opens_at <= now < hall.closes_at, hall.go_at, hall.registrations.count()) == (
            True,
            None,
            8,
        )

    def test_there_is_a_spot_check_in_every_state_and_one_ready_for_today(self):
        states = SpotCheck.objects.values_list("state", flat=True)
        assert set(states) == set(SpotCheck.State.values)
        today = SpotCheck.objects.get(state="drawn", session__isnull=False)
        assert timezone.localdate(today.session.opens_at) == self.today
        assert (today.session.is_held, today.examinees.counting().count()) == (True, 8)
        closed = SpotCheck.objects.get(state="closed")
        [notice] = closed.rectifications.all()
        again = closed.examinees.get(round=1)
        assert (notice.state, again.outcomes.get().conclusion) == ("closed", "passed")
        assert set(closed.publications.values_list("round", flat=True)) == {0, 1}
        assert timezone.localdate(closed.closed_at) > max(
            row.objections_until for row in closed.publications.all()
        )

    def test_one_notice_was_revoked_after_its_absence_was_corrected(self):
        one = Rectification.objects.told().get(state="revoked")
        assert (one.outcome.conclusion, one.came, one.revocation.outcome.by.username) == (
            "absent",
            "excused",
            "city-second",
        )
        assert one.check_of.publications.latest("number").why == "缺考更正为准予缓考"
        assert not Rectification.objects.groundless().exists()

    def test_each_sitting_ended_as_its_story_says(self):
        told = {
            (row["person"], row["session"], row["started"]): int(row["percent"])
            for row in files.rows("sittings.csv", self.today)
        }
        reached = {}
        told_here = Attempt.objects.exclude(registration__session__exam__kind="spot_check")
        for attempt in told_here.select_related(
            "registration__session", "registration__candidate", "current_result"
        ):
            started = timezone.localtime(attempt.started_at).strftime("%Y-%m-%d %H:%M")
            running = attempt.state == Attempt.State.IN_PROGRESS
            registration = attempt.registration
            key = (registration.candidate.name, registration.session.code, "" if running else started)
            reached[key] = None if running else attempt.current_result
        assert reached.keys() == told.keys()
        finished = {key: result for key, result in reached.items() if result}
        assert len(finished) >= 60
        assert len(reached) - len(finished) == 1
        assert [
            (key, result.percent)
            for key, result in finished.items()
            if not told[key] <= result.percent < told[key] + 3
        ] == []
        assert {result.passed for result in finished.values()} == {True, False}

    def test_certificates_are_in_every_state(self):
        found = states(self.today)
        assert set(found) == {"in_force", "expired", "suspended", "revoked", "replaced"}
        assert found["in_force"] > 30
        soon = self.today + timedelta(days=60)
        assert Certificate.objects.filter(state="in_force", expires_on__range=(self.today, soon)).count() >= 4
        assert not Certificate.objects.filter(attempt__current_result__passed=False).exists()

    def test_the_officer_has_an_exam_to_sit_and_a_certificate_that_ends(self):
        officer = User.objects.get(username="officer")
        registration = officer.registrations.get(session__code="ebike-standing")
        assert (registration.due_on, registration.source) == (self.today + timedelta(days=9), "manager")
        assert registration.registered_by.username == "manager"
        assert registration.attempts.count() == 0
        certificate = officer.certificates.get()
        assert self.today < certificate.expires_on <= self.today + timedelta(days=60)
        director = User.objects.get(username="director").certificates.get()
        assert director.expires_on > self.today + timedelta(days=180)

    def test_reminders_stand_in_the_inboxes_and_nothing_was_sent(self):
        found = Message.objects.filter(arrived_at__isnull=False)
        assert {"learning.near", "learning.late", "learning.digest", "certificate.ending"} <= set(
            found.values_list("kind", flat=True)
        )
        assert found.filter(sent_at__isnull=False).count() == 0
        assert found.unread().filter(recipient__username="manager").exists()
        assert found.filter(read_at__isnull=False).exists()
        [confirmed] = found.filter(confirmed_at__isnull=False)
        assert (confirmed.kind, confirmed.recipient.name) == ("learning.late", "孙晓彤")

    def test_a_reviewer_and_a_manager_find_work_on_their_desks(self):
        reviewer, manager = [User.objects.get(username=name) for name in ("reviewer", "manager")]
        waiting = bank_desk.home(reviewer, self.today)["waiting"]
        assert {item.code for item in waiting} == {
            row["item"] for row in files.rows("proposals.csv", self.today)
        }
        assert {bank_acts.why_not_approve(item, reviewer) for item in waiting} == {""}
        unit = manager.grants.get().unit_id
        late = enterprise_desk.home(manager, unit, self.today)["late"]
        assert [(row["registration"].candidate.name, row["days"]) for row in late] == [("李䶮", 1)]

    def test_the_demo_accounts_sign_in_to_their_desks_and_nobody_else_does(self):
        with self.settings(
            PASSWORD_HASHERS=["accounts.hashers.Argon2"]
        ):  # the class was set up before the quick ones
            told = demo_accounts()
            with translation.override("en"):
                assert all(row["label"].isascii() for row in demo_accounts())
        accounts = {account["username"]: account["desk"] for account in told}
        assert list(accounts) == [row["username"] for row in files.data("accounts.json")]
        people = {user.username: user for user in User.objects.filter(username__in=accounts)}
        assert len({user.password for user in people.values()}) == 1
        first = {
            name: desks.desks(scope.grants_of(user), scope.posts_of(user))[0].code
            for name, user in people.items()
        }
        assert first == accounts
        assert all(people[row["username"]].name in row["label"] for row in told)
        others = User.objects.exclude(username__in=accounts)
        assert [user.username for user in others if user.has_usable_password()] == []

    def test_courses_are_studied_finished_late_and_not_begun(self):
        lessons = Counter(row["course"] for row in files.rows("lessons.csv", self.today))
        assert lessons == {
            course.code: course.current.places.count()
            for course in Course.objects.filter(state="published").select_related("current")
        }
        found = {}
        rows = list(Enrolment.objects.told())
        for row, progress in zip(rows, progress_of(rows).values(), strict=True):
            late = row.state == "active" and row.due_on is not None and row.due_on < self.today
            how = "late" if late else row.state if progress.seconds else "not begun"
            found.setdefault((row.course.code, how), []).append(row.person.name)
        assert {key: sorted(names) for key, names in found.items()} == {
            ("general", "active"): ["王雨晨", "苏婉清"],
            ("general", "completed"): ["李䶮"],
            ("general", "late"): ["孙晓彤"],
            ("general", "not begun"): ["欧阳明远"],
            ("ebike", "active"): ["孙晓彤", "李䶮"],
            ("ebike", "not begun"): ["王雨晨"],
            ("ebike", "completed"): ["杨思远"],
            ("cable", "active"): ["朱丹妮"],
            ("cable", "completed"): ["潘志强"],
        }
        assert {row.completion.registration.session.code for row in rows if row.state == "completed"} == {
            "general-standing",
            "ebike-standing",
            "cable-standing",
        }
        call_command(
            "verify_learning", stdout=io.StringIO()
        )  # which ends with an error where an hour is not as it was lived

    def test_the_pools_of_quizzes_and_papers_have_no_item_in_common(self):
        for course in Course.objects.select_related("bank"):
            pool = set(quiz_pool(course, self.today))
            assert len(pool) == course.bank.items.count()
            drawn = PaperItem.objects.filter(revision__in=pool)
            assert not drawn.exists()

    def test_a_second_run_says_so_and_changes_nothing(self):
        def everything():
            models = (User, Post, Item, Attempt, Certificate, AuditEvent)
            return [model.objects.count() for model in models]

        before = everything()
        assert load_demo() == "数据库中已有人员，演示数据未载入，没有任何改动。\n"
        assert everything() == before
