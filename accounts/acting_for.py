"""Acting for another: an administrator works in somebody's name for a few minutes, and every record names both.

The state lies in the administrator's own session, so it needs no row and nobody else's request asks for it. Each request of hers
asks anew whether it may go on. Whatever is somebody's own alone, and whatever belongs to an attempt, stays closed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts import scope, second_factor
from accounts.models import Role, RoleGrant, User
from accounts.permissions import roles
from accounts.reach import Reach, places_of

KEY = "acting_for"  # in the session
SHORTEST_REASON = 4

# Nobody may be represented here, by the names of addresses; tests/test_acting_for.py knows for each address on which side it stands.
CLOSED = frozenset(
    {
        # inside an attempt, and what is done to one
        "exams:start",
        "exams:sitting",
        "exams:save",
        "exams:hand_in",
        "exams:check",
        "exams:take_over",
        "exams:move_ask",
        "exams:move",
        "exams:session_move",
        "exams:receipt",
        "exams:waiting",
        "exams:enter",
        "exams:attempt_void",
        "exams:attempt_regrade",
        "exams:session_live_act",
        "exams:terminate",
        "exams:session_filing",
        "exams:session_filing_preview",
        # her own learning, whose time nobody else can spend
        "courses:enrol",
        "courses:visit",
        "courses:beat",
        "courses:answer",
        "courses:quiz_begin",
        "courses:quiz_hand_in",
        # her own practice: what was said in it tells what she knows
        "practice:home",
        "practice:wrong",
        "practice:favourites",
        "practice:search",
        "practice:confidence",
        "practice:reviews",
        "practice:mocks",
        "practice:go",
        "practice:topic",
        "practice:item",
        "practice:favourite",
        "practice:said",
        "practice:mock",
        "practice:mock_begin",
        "practice:mock_hand_in",
        "practice:answers",
        "practice:pack",
        "practice:offline",
        "practice:worker",
        "courses:suggested_read",
        "courses:file_confirm",
        # her own presence in a class, and what a second person must confirm
        "courses:class_scanned",
        "courses:class_sign",
        "courses:class_enter",
        "courses:outside_new",
        "courses:outside_enter",
        "courses:outside_mend",
        "courses:outside_act",
        # who looked at a person and her document at the door, and said the word
        "exams:hall_note",
        "exams:hall_notes",
        "exams:hall_go",
        # what two people must do: a name that somebody else may use would count as the second
        "exams:import",
        "exams:bank_new",
        "exams:item_new",
        "exams:item_edit",
        "exams:item_act",
        "exams:blueprint_new",
        "exams:blueprint_edit",
        "exams:blueprint_act",
        "supervision:check_new",
        "supervision:check_edit",
        "supervision:exclude",
        "supervision:approve",
        "supervision:abandon",
        "supervision:freeze",
        "supervision:reveal",
        "supervision:void",
        "supervision:register",
        "supervision:replace",
        "supervision:begin",
        "supervision:conclude",
        "supervision:minutes_draw_up",
        "supervision:minutes_renew",
        "supervision:sign",
        "supervision:refuse",
        "supervision:object",
        "supervision:publish",
        "supervision:publish_correct",
        "supervision:publish_withdraw",
        "supervision:objection_decide",
        "supervision:amend",
        "supervision:amend_rule",
        "supervision:rectify",
        "supervision:rectification_serve",
        "supervision:rectification_acknowledge",
        "supervision:rectification_report",
        "supervision:rectification_recheck",
        "supervision:rectification_time",
        "supervision:rectification_time_rule",
        "supervision:rectification_strike_off",
        "supervision:rectification_revoke",
        "supervision:retake",
        "supervision:retake_conclude",
        "supervision:decide",
        "supervision:close",
        "supervision:notices_issue",
        "supervision:reschedule",
        "supervision:absence_decide",
        # that she herself read it, and what she herself asks for
        "supervision:notice",
        "supervision:absence_ask",
        "certificates:spot_notice",
        "messaging:message",
        "messaging:confirm",
        "messaging:read_all",
        "supervision:incidents",
        "supervision:paper_enter",
        "supervision:paper_import",
        "supervision:paper_review",
        "certificates:paper_print",
        "supervision:package_new",
        "supervision:package",
        "supervision:profile_new",
        "supervision:interests",
        "supervision:interest_end",
        # her own account and data
        "people:notice",
        "people:data",
        "people:data_export",
        "people:devices",
        "people:device_end",
        "people:devices_end_others",
        "people:outside",
        "people:outside_connect",
        "people:outside_end",
        "outside_begin",
        "outside_back",
        # other people's accounts and numbers, roles, tokens, holds
        "people:reveal",
        "people:set_password",
        "people:remove_second_factor",
        "certificates:slip",
        "certificates:enterprise_slips",
        "people:delegation_new",
        "people:delegation_end",
        "people:grants",
        "people:grant_new",
        "people:grant_end",
        "people:tokens",
        "people:token_new",
        "people:token_end",
        "people:holds",
        "people:hold_end",
        "people:merge",
        "people:merge_undo",
        "people:tell_apart",
        # what goes on in the background, where nobody would know of the other
        "people:import",
        "people:import_preview",
        "people:import_undo",
        "people:import_again",
        "people:import_leave",
        "people:act_for",
    }
)
CLOSED_BEGINNINGS = ("account_", "mfa_")  # allauth's pages of one's own password and second factor
SIGN_OUT, END = "account_logout", "people:act_end"

# Higher floors tell here who may not be represented just now: each takes people and gives the keys of those who are at an attempt.
BUSY = []


@dataclass(frozen=True)
class Representing:
    """Who really acts, for whom, until when, and why; `begun` is the line of the log that tells of the beginning."""

    real: User
    represented: User
    until: datetime
    reason: str
    begun: int


def is_closed(place):
    """Whether an address is closed to whoever acts for another."""
    return place in CLOSED or (place.startswith(CLOSED_BEGINNINGS) and place != SIGN_OUT)


def span():
    """For how long at most."""
    return timedelta(minutes=settings.ACTING_MINUTES)


def why_not(by, person, on):
    """Why somebody may not act for a person, in a sentence; empty when she may."""
    if not scope.has_role(by, *roles("people.represent")):
        return _("您现在没有系统管理员角色。")
    if person.pk == by.pk:
        return _("不能代自己操作。")
    if not person.is_active:
        return _("此账号已停用，不能代为操作。")
    grants = RoleGrant.objects.not_over(on).filter(user=person)
    if grants.filter(role=Role.ADMIN).exists():
        return _("不能代另一位系统管理员操作。")
    reach, places = Reach(by, on), places_of([person], on)[person.pk]
    if not reach.runs_all and not (places.all and all(path.startswith(reach.run) for path in places.all)):
        return _("此人在您的管理范围之外还有任职或角色，不能代为操作。")
    busy = set().union(*(those([by, person]) for those in BUSY))
    if person.pk in busy:
        return _("此人正在考试；交卷以前不能代为操作，答卷只能由本人完成。")
    if by.pk in busy:
        return _("您自己有正在进行的考试，交卷以前不能代别人操作。")
    return ""


def kept(person, *, reason, until, begun):
    """What the session keeps of it."""
    return {
        "for": person.pk,
        "hash": person.get_session_auth_hash(),
        "until": until.isoformat(),
        "reason": reason,
        "begun": begun,
    }


def resume(kept, *, by, now):
    """(Representing, why it is over): what the session kept, asked anew; one of the two is empty, and without a person both are."""
    person = User.objects.filter(pk=kept["for"]).first()
    if person is None:
        return None, _("此账号已停用，不能代为操作。")
    found = Representing(by, person, parse_datetime(kept["until"]), kept["reason"], kept["begun"])
    return found, _why_over(found, kept["hash"], now)


def _why_over(found, known, now):
    person, by = found.represented, found.real
    if now >= found.until:
        return _("代为操作的时间已到。")
    if not constant_time_compare(known, person.get_session_auth_hash()):
        return _("此人刚刚更换了密码。")
    if by.must_change_password or second_factor.is_owed(by):
        return _("您自己的登录需要先处理。")
    return why_not(by, person, timezone.localdate(now))
