"""Acting for another: who may, what every record then says, what stays closed, and how it ends."""

import io
import re
from datetime import date, timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts import acting_for
from accounts.models import Login, Post, RecordEntry, Role, RoleGrant, User
from accounts.sessions import SessionStore
from audit.models import AuditEvent
from tests import build
from tests.doors import addresses
from tests.people import PASSWORD, id_number, phone

WHY = "协助更正人员信息"
BANNER = "正在代"
NEW = {"kind": "officer", "full_time": "1", "appointed_on": "2026-05-06", "name": "新来", "id_number": id_number(500), "phone": phone(500)}  # fmt: skip
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
ELSEWHERE = "此人在您的管理范围之外还有任职或角色，不能代为操作。"


def begin(client, person, reason=WHY):
    return client.post(reverse("people:act_for", args=[person.pk]), {"reason": reason})


@pytest.fixture
def acting(cast):
    """A browser of the administrator's, acting for somebody."""

    def begun(person, by=None, **options):
        client = Client(**options)
        client.force_login(by or cast.admin)
        assert begin(client, person).status_code == 302
        return client

    return begun


def lines(*actions):
    found = AuditEvent.objects.filter(action__in=actions) if actions else AuditEvent.objects.all()
    return [(e.action, e.actor_name, e.on_behalf_name) for e in found.order_by("pk")]


def over_in(client, minutes):
    """The browser's acting as it will be in so many minutes."""
    session = client.session
    kept = session[acting_for.KEY]
    until = acting_for.parse_datetime(kept["until"]) - timedelta(minutes=minutes)
    session[acting_for.KEY] = kept | {"until": until.isoformat()}
    session.save()


def who_is_there(client):
    """Whose pages the browser is given."""
    return client.get(reverse("people:me")).context["request"].user.name


def sheet_of(answer):
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


# --- What it is ---------------------------------------------------------------------------------------------------------


def test_everything_that_is_done_names_both(cast, acting):
    client = acting(cast.manager)
    page = client.get("/").content.decode()
    assert ("您（卫管）正在代 <b>赵敏</b> 操作，至 " in page, f"事由：{WHY}" in page) == (True, True)
    assert client.post(reverse("people:appoint", args=[cast.jinhai.uscc]), NEW).status_code == 302
    post = Post.objects.get(person__name="新来")
    assert [(e.title, e.recorded_by) for e in RecordEntry.objects.filter(person=post.person)] == [
        ("任职：津海电动车有限公司 质量安全员", "卫管（代 赵敏）")
    ]
    client.post(reverse("people:act_end"))
    told = [line for line in lines() if line[0] != "account.signed_in"]
    assert {line[1:] for line in told} == {("卫管", "赵敏")}
    assert [line[0] for line in told] == [
        "acting.begun",
        "person.entered",
        "post.appointed",
        "acting.ended",
    ]
    assert set(
        AuditEvent.objects.filter(action="post.appointed").values_list("actor_id", "on_behalf_id")
    ) == {(cast.admin.pk, cast.manager.pk)}
    page = client.get(reverse("people:enterprise", args=[cast.jinhai.uscc])).content.decode()
    assert ("卫管（代 赵敏）" in page, BANNER in page) == (True, False)


def test_the_banner_stands_on_every_page_also_where_a_door_is_closed(cast, acting):
    client = acting(cast.manager)
    for address, status in (("/", 200), ("/people/", 200), ("/audit/", 403), ("/no-such-page/", 404)):
        answer = client.get(address)
        assert (answer.status_code, BANNER in answer.content.decode()) == (status, True), address


def test_the_doors_are_those_of_the_represented_and_not_ones_own(cast, acting):
    client = acting(cast.manager)
    pages = ("people:people", "people:matrix", "dashboards:operations", "dashboards:acts")
    assert [client.get(reverse(name)).status_code for name in pages] == [200, 403, 403, 403]
    seen = reverse("people:person", args=[cast.stranger.pk])
    assert client.get(seen).status_code == 404
    client.post(reverse("people:act_end"))
    assert client.get(seen).status_code == 200


def test_what_a_person_must_do_first_is_not_asked_of_whoever_acts_for_her(cast, acting, settings):
    settings.SECOND_FACTOR, cast.admin.has_second_factor = True, True
    cast.admin.save()
    User.objects.filter(pk=cast.district.pk).update(must_change_password=True)
    assert acting(cast.district).get(reverse("people:people")).status_code == 200


# --- Who may, and for whom ----------------------------------------------------------------------------------------------


def local(cast):
    """The administrator of a district."""
    RoleGrant.objects.create(
        user=cast.director, role=Role.ADMIN, unit=cast.xiqing, starts_on=date(2026, 1, 1)
    )
    return cast.director


def refused(client, person, reason=WHY):
    """What is said; nothing may have begun."""
    answer = begin(client, person, reason)
    assert answer.status_code == 422
    assert acting_for.KEY not in client.session
    assert lines("acting.begun") == []
    return " ".join(
        answer.context["form"].errors.get("__all__", answer.context["form"].errors.get("reason", []))
    )


def test_only_an_administrator_and_only_whom_she_reaches(cast, as_user):
    assert begin(as_user(cast.manager), cast.officer).status_code == 403
    assert begin(as_user(local(cast)), cast.stranger).status_code == 404
    assert begin(as_user(cast.admin), User(pk=10**9)).status_code == 404
    assert lines("acting.begun") == []


def test_for_whom_nobody_may_act(cast, as_user):
    client = as_user(cast.admin)
    assert refused(client, cast.admin) == "不能代自己操作。"
    assert refused(client, local(cast)) == "不能代另一位系统管理员操作。"
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    assert refused(client, cast.officer) == "此账号已停用，不能代为操作。"


def test_nobody_gains_a_right_that_lies_outside_her_reach(cast, as_user):
    client = as_user(local(cast))
    assert begin(client, cast.manager).status_code == 302
    client.post(reverse("people:act_end"))
    over = RoleGrant.objects.create(
        user=cast.station, role=Role.REGULATOR, unit=cast.city_organ, starts_on=date(2999, 1, 1)
    )
    answer = begin(client, cast.station)
    assert (answer.status_code, ELSEWHERE in answer.content.decode()) == (422, True)
    over.delete()
    assert begin(client, cast.station).status_code == 302


def test_a_reason_is_asked(cast, as_user):
    for reason in ("", "   ", "帮忙"):
        assert refused(as_user(cast.admin), cast.manager, reason)


def test_nobody_acts_for_two_at_once(cast, acting):
    client = acting(cast.manager)
    answer = begin(client, cast.station)
    assert (answer.status_code, "什么也没有改变" in answer.content.decode()) == (403, True)
    assert lines("acting.refused") == [("acting.refused", "卫管", "赵敏")]
    assert who_is_there(client) == "赵敏"


# --- Attempts -----------------------------------------------------------------------------------------------------------


def test_whoever_sits_is_represented_by_nobody_and_represents_nobody(cast, as_user):
    room = build.make_session(cast)
    attempt = build.begun(room, cast.officer)
    assert refused(as_user(cast.admin), cast.officer).startswith("此人正在考试")
    build.handed_in(attempt)
    assert begin(as_user(cast.admin), cast.officer).status_code == 302


def test_an_attempt_that_begins_meanwhile_ends_it(cast, acting):
    client = acting(cast.officer)
    build.begun(build.make_session(cast), cast.officer)
    answer = client.post(reverse("people:elder"), {"elder": "1"})
    assert (answer.status_code, "此人正在考试" in answer.content.decode()) == (403, True)
    assert list(User.objects.filter(elder=True)) == []
    assert who_is_there(client) == "卫管"


def test_no_step_of_an_attempt_is_done_in_anothers_name(cast, acting):
    room = build.make_session(cast)
    build.admitted(room, cast.officer)
    client = acting(cast.officer)
    assert client.get(reverse("exams:session", args=[room.code])).status_code == 200
    assert client.post(reverse("exams:start", args=[room.code])).status_code == 403
    attempt = build.begun(room, cast.director)
    body = '{"entries": []}'
    answer = client.post(reverse("exams:save", args=[attempt.pk]), body, content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (403, ["problem"])
    assert lines("attempt.started") == [("attempt.started", "李䶮", "")]
    places = AuditEvent.objects.filter(action="acting.refused").values_list("data__place", "outcome")
    assert list(places) == [("exams:start", "refused"), ("exams:save", "refused")]


# --- What stays closed --------------------------------------------------------------------------------------------------

OPEN = frozenset("""
    healthz readyz metrics robots set_language phone_code phone_code_confirm
    dashboards:home dashboards:organ dashboards:acts dashboards:operations dashboards:task_again
    people:switch_desk people:me people:elder people:alert_mail people:people people:person people:import_template people:imports people:import_run
    people:enterprises people:enterprise people:appoint people:dismiss people:size people:alerts people:post people:paper_add
    people:paper people:matrix people:delegations people:act_end people:duplicates people:merges people:merged
    exams:mine exams:session exams:pulse exams:result exams:review exams:picture exams:sessions exams:session_new exams:exam_new
    exams:attempts exams:attempt_seen exams:session_live exams:session_manage exams:session_results exams:session_register
    exams:session_publish exams:session_renew_papers exams:session_cancel exams:banks exams:import_template exams:bank exams:export
    exams:item exams:blueprints exams:blueprint exams:hall exams:hall_worker exams:hall_screen exams:arrive
    courses:mine courses:course courses:lesson courses:file courses:desk courses:new courses:manage courses:edit courses:publish
    courses:withdraw courses:lesson_new courses:lesson_edit courses:preview courses:lesson_act courses:team courses:choose
    courses:assign courses:cancel courses:after courses:suggested courses:own_file courses:files courses:files_of courses:files_take
    courses:files_cover courses:files_ask courses:person_file courses:person_file_print
    courses:plans courses:plan_new courses:plan courses:plan_people courses:plan_edit courses:plan_force
    courses:plan_drop courses:plan_close courses:entry_new courses:entry_edit courses:entry_end courses:bulk courses:bulk_runs
    courses:bulk_run courses:bulk_again courses:paths courses:hours courses:hours_people
    courses:class courses:classes courses:class_new courses:class_manage courses:class_edit courses:class_screen
    courses:class_act courses:my_hours courses:outside courses:outside_evidence courses:outside_list courses:shortfalls
    courses:hour_rules courses:hour_rule_new courses:hour_rule_end
    messaging:inbox messaging:mail messaging:ledger messaging:proof messaging:kinds
    supervision:checks supervision:check supervision:preview supervision:coverage supervision:profiles supervision:listed supervision:examinee supervision:evidence
    supervision:my_minutes supervision:minutes supervision:signature certificates:minutes
    supervision:public_results supervision:public_result supervision:public_result_file supervision:public_minutes
    supervision:overdue supervision:rectifications supervision:rectification supervision:rectification_pdf supervision:rectification_revocation supervision:rectification_file
    supervision:owed exams:rooms exams:seat_all exams:reseat exams:room_remove
    supervision:session_incidents exams:session_clusters
    supervision:paper supervision:paper_template
    supervision:public_draws supervision:public_draw supervision:public_frame supervision:public_dossier supervision:verifier
    certificates:wallet certificates:certificates certificates:certificate certificates:pdf certificates:decide
    certificates:person_file certificates:letter certificates:verify certificates:verify_code
    api:openapi api:people api:person api:posts api:post api:results api:result api:certificates api:certificate api:api-root
    api:nothing
""".split())  # noqa: SIM905 a wall of quotes reads worse  # fmt: skip


def test_each_address_is_open_or_closed_to_whoever_acts_for_another():
    """A new address stands in one of the two lists before anybody can reach it in another's name."""
    assert (addresses() - acting_for.CLOSED, acting_for.CLOSED - addresses()) == (OPEN, frozenset())


def followed(client):
    """Every page that links lead to, each once."""
    seen, waiting = set(), ["/"]
    while waiting:
        address = waiting.pop()
        if address not in seen:
            seen.add(address)
            answer = client.get(address)
            page = "" if answer.streaming else answer.content.decode(errors="ignore")
            waiting += [link.replace("&amp;", "&") for link in LINK.findall(page)]
    return seen


@pytest.mark.once
@pytest.mark.parametrize("who", ["officer", "manager", "district", "city", "editor"])
def test_no_link_leads_where_whoever_acts_for_another_is_refused(cast, acting, house, who):
    assert len(followed(acting(getattr(cast, who)))) > 5
    assert lines("acting.refused") == []


@pytest.mark.parametrize(
    "name",
    ["account_change_password", "account_set_password", "account_reauthenticate", "account_login", "mfa_index",
     "mfa_activate_totp", "mfa_view_recovery_codes", "mfa_add_webauthn"],
)  # fmt: skip
def test_her_password_and_second_factor_stay_hers(cast, acting, name):
    client = acting(cast.manager)
    for answer in (
        client.get(reverse(name)),
        client.post(reverse(name), {"password1": "x", "password2": "x"}),
    ):
        assert (answer.status_code, BANNER in answer.content.decode()) == (403, True)
    assert who_is_there(client) == "赵敏"


def test_lists_are_taken_away_masked_and_signed_with_both_names(cast, acting):
    client = acting(cast.manager)
    full = client.post("/people/", {"export": "full", "reason": "核对号码"}, follow=True)
    assert "代为操作期间不能导出完整号码" in full.content.decode()
    assert lines("people.exported", "acting.refused") == [("acting.refused", "卫管", "赵敏")]
    book = client.get("/people/", {"export": "xlsx"})
    cells = [str(cell) for row in sheet_of(book) for cell in row]
    assert any(cell.startswith("导出人：卫管（代 赵敏）（admin）") for cell in cells)
    assert not any(cast.officer.id_number in cell for cell in cells)


# --- How it ends --------------------------------------------------------------------------------------------------------


def test_it_ends_by_the_button_and_pressing_twice_does_no_harm(cast, acting):
    client = acting(cast.manager)
    assert client.post(reverse("people:act_end")).url == reverse("people:person", args=[cast.manager.pk])
    assert client.post(reverse("people:act_end")).url == "/"
    assert lines("acting.ended") == [("acting.ended", "卫管", "赵敏")]
    assert who_is_there(client) == "卫管"


def test_what_is_sent_after_the_time_is_refused_and_not_done_in_ones_own_name(cast, acting):
    client = acting(cast.manager)
    over_in(client, 31)
    answer = client.post(reverse("people:elder"), {"elder": "1"})
    said = answer.content.decode()
    assert (answer.status_code, "代为操作的时间已到。这次提交没有执行" in said, BANNER in said) == (
        403,
        True,
        False,
    )
    assert list(User.objects.filter(elder=True)) == []
    assert lines("acting.ended", "person.elder") == [("acting.ended", "卫管", "赵敏")]
    assert client.post(reverse("people:elder"), {"elder": "1"}).status_code == 302
    assert list(User.objects.filter(elder=True)) == [cast.admin]


def test_a_page_asked_for_after_the_time_leads_home_with_a_sentence(cast, acting):
    client = acting(cast.manager)
    over_in(client, 29)
    assert who_is_there(client) == "赵敏"
    over_in(client, 30)
    answer = client.get("/people/", follow=True)
    assert (answer.redirect_chain, "现在您以本人身份操作" in answer.content.decode()) == ([("/", 302)], True)


def demoted(cast):
    cast.admin.grants.update(ends_on=timezone.localdate())


def deactivated(cast):
    User.objects.filter(pk=cast.manager.pk).update(is_active=False)


def promoted(cast):
    RoleGrant.objects.create(
        user=cast.manager, role=Role.ADMIN, unit=cast.city_organ, starts_on=date(2026, 1, 1)
    )


def another_password(cast):
    cast.manager.set_password("quite another one")
    cast.manager.save()


@pytest.mark.parametrize("change", [demoted, deactivated, promoted, another_password])
def test_it_ends_at_once_when_it_would_not_be_allowed_to_begin(cast, acting, change):
    client = acting(cast.manager)
    change(cast)
    assert client.post(reverse("people:appoint", args=[cast.jinhai.uscc]), NEW).status_code == 403
    assert not Post.objects.filter(person__name="新来").exists()
    assert lines("acting.ended") == [("acting.ended", "卫管", "赵敏")]
    assert who_is_there(client) == "卫管"


@pytest.mark.parametrize("is_gone", [True, False])
def test_whoever_is_out_herself_acts_for_nobody(cast, acting, is_gone):
    client = acting(cast.manager)
    if is_gone:
        User.objects.filter(pk=cast.admin.pk).update(is_active=False)
    else:
        cast.admin.set_password("quite another one")
        cast.admin.save()
    answer = client.post(reverse("people:elder"), {"elder": "1"})
    assert (answer.status_code, answer.url.startswith(reverse("account_login"))) == (302, True)
    assert list(User.objects.filter(elder=True)) == []


def test_signing_out_ends_both(cast, acting):
    client = acting(cast.manager)
    client.post(reverse("account_logout"))
    assert client.get("/people/").status_code == 302
    assert lines("acting.ended", "account.signed_out") == [
        ("acting.ended", "卫管", "赵敏"),
        ("account.signed_out", "卫管", ""),
    ]
    assert Login.objects.count() == 0


def test_the_browser_stays_the_administrators(cast, acting):
    acting(cast.manager)
    assert list(Login.objects.values_list("person__name", flat=True)) == ["卫管"]


def test_signing_in_anew_acts_for_nobody(cast, acting):
    client = acting(cast.manager)
    client.force_login(cast.admin)
    assert who_is_there(client) == "卫管"


# --- Attacks ------------------------------------------------------------------------------------------------------------


def test_no_form_writes_the_key_of_the_session(cast, as_user):
    client = as_user(cast.station)
    forged = {
        acting_for.KEY: str(cast.admin.pk),
        "for": str(cast.admin.pk),
        "represents": "1",
        "representing": "1",
    }
    for name in ("people:switch_desk", "people:elder", "people:act_end", "people:notice", "set_language"):
        client.post(reverse(name), forged)
        assert acting_for.KEY not in client.session
    client.cookies[acting_for.KEY] = str(cast.admin.pk)
    assert client.get("/?acting_for=1", HTTP_X_ACTING_FOR="1").context["request"].user == cast.station


def token_of(client, address):
    return str(client.get(address).context["csrf_token"])


def test_a_page_from_before_either_end_sends_nothing_after_it(cast, acting):
    """In another tab, or back in this one: its form would now be somebody else's."""
    client = Client(enforce_csrf_checks=True)
    client.post(
        reverse("account_login"),
        {
            "login": "admin",
            "password": PASSWORD,
            "csrfmiddlewaretoken": token_of(client, reverse("account_login")),
        },
    )
    begins, elder = reverse("people:act_for", args=[cast.manager.pk]), reverse("people:elder")
    own = token_of(client, begins)

    def sends(token, address=elder, **more):
        return client.post(address, {"elder": "1", "csrfmiddlewaretoken": token, **more}).status_code

    assert sends("", begins, reason=WHY) == 403
    assert sends(own, begins, reason=WHY) == 302
    assert sends(own) == 403
    hers = token_of(client, "/people/")
    assert sends("", reverse("people:act_end")) == 403
    assert sends(hers, reverse("people:act_end")) == 302
    assert sends(hers) == 403
    assert list(User.objects.filter(elder=True)) == []
    assert sends(token_of(client, "/people/")) == 302
    assert list(User.objects.filter(elder=True)) == [cast.admin]


def test_a_request_under_way_does_not_bring_back_what_has_ended(cast, acting):
    client = acting(cast.manager)
    under_way = SessionStore(client.cookies["zhikao_session"].value)
    under_way["desk"] = None
    client.post(reverse("people:act_end"))
    with pytest.raises(UpdateError):
        under_way.save()
    assert [acting_for.KEY in SessionStore(row.session_key) for row in Login.objects.all()] == [False]


# --- What the represented person sees -----------------------------------------------------------------------------------


def test_she_sees_afterwards_who_it_was_when_why_and_what_was_done(cast, acting, as_user):
    client = acting(cast.manager)
    client.post(reverse("people:appoint", args=[cast.jinhai.uscc]), NEW)
    client.post(reverse("people:act_end"))
    page = as_user(cast.manager).get(reverse("people:data")).content.decode()
    told = page[page.index("谁代我操作过") :].split("</section>")[0]
    assert [word in told for word in ("卫管", WHY, "登记人员", "任命")] == [True] * 4
    assert "没有人代您操作过" in as_user(cast.station).get(reverse("people:data")).content.decode()
