"""The table of all doors: every address of our own, who gets in, and how the others are turned away.

The rule behind it: a page for a role answers 403 to those without it; a row behind a page answers 404 to those who may not know
that it exists; a stranger without a login is sent to sign in.
"""

from dataclasses import dataclass

from django.urls import get_resolver

NOBODY = frozenset()
EVERYBODY = frozenset(
    [
        "officer",
        "director",
        "principal",
        "manager",
        "stranger",
        "stranger_manager",
        "station",
        "district",
        "other_district",
        "city",
        "editor",
        "reviewer",
        "admin",
    ]
)
POST_HOLDERS = frozenset({"officer", "director", "principal", "stranger"})
OVERSEERS = frozenset(
    {"manager", "stranger_manager", "station", "district", "other_district", "city", "admin"}
)
OVER_JINHAI = frozenset({"manager", "station", "district", "city", "admin"})
ORGANS = frozenset({"station", "district", "other_district", "city", "admin"})
BANK = frozenset({"editor", "reviewer", "admin"})
LEARNERS = POST_HOLDERS - {"stranger"}  # in Jinhai, for whose products the course is
CLASS_HOLDERS = frozenset(
    {"manager", "stranger_manager", "station", "district", "other_district", "city", "editor"}
)
LENDERS = EVERYBODY - POST_HOLDERS - {"admin"}
REGULATORS = frozenset({"station", "district", "other_district", "city"})
OVER_XIQING = frozenset({"district", "city"})
SEES_MINUTES = OVER_XIQING | {"manager"}


@dataclass(frozen=True)
class Door:
    """Who gets in and how the others are turned away; some are let in only to be sent on with a sentence."""

    arguments: tuple = ()
    opens: frozenset = NOBODY
    sent_on: frozenset = NOBODY
    otherwise: int = 404
    otherwise_role: tuple = (None, NOBODY)  # another refusal for some of those turned away
    method: str = "get"
    open_status: int = 200
    public: bool = False


def page(opens, *arguments, **more):
    """A page."""
    return Door(arguments=arguments, opens=opens, **more)


def act(opens, *arguments, otherwise=404, **more):
    """An act, tried with an empty form: whoever is let in is sent back to a page with a sentence."""
    return Door(arguments=arguments, opens=opens, otherwise=otherwise, method="post", open_status=302, **more)


NO_ROLE = {"otherwise": 403}
FOREIGN_OR_NO_ROLE = {"otherwise": 404, "otherwise_role": (403, EVERYBODY - OVERSEERS)}
FOREIGN_OR_NO_ORGAN = {"otherwise": 404, "otherwise_role": (403, EVERYBODY - ORGANS)}
FOREIGN_OR_NO_REGULATOR = {"otherwise": 404, "otherwise_role": (403, EVERYBODY - REGULATORS)}
FOREIGN_OR_NO_MANAGER = {
    "otherwise": 404,
    "otherwise_role": (403, EVERYBODY - {"manager", "stranger_manager"}),
}

NO_TOKEN = {"public": True, "open_status": 401}  # the same answer for everybody

# Arguments in braces are filled from the house below.
TABLE = {
    "healthz": page(EVERYBODY, public=True),
    "readyz": page(EVERYBODY, public=True),
    "metrics": page(EVERYBODY, public=True),  # from this machine, see tests/test_health.py
    "robots": page(EVERYBODY, public=True),
    "set_language": act(EVERYBODY, public=True),
    # signing in by a code; whoever is in is sent on, and without a number there is no code to type
    "phone_code": page(NOBODY, sent_on=EVERYBODY, public=True),
    "phone_code_confirm": page(EVERYBODY, public=True, open_status=302),
    # signing in by an account elsewhere; where this house would send somebody is no page of its own
    "outside_begin": Door(("weixin",), sent_on=EVERYBODY, method="post", public=True),
    "outside_back": page(NOBODY, "weixin", public=True, open_status=403, otherwise=403),
    # first screens
    "dashboards:home": page(EVERYBODY),
    "dashboards:organ": page(frozenset({"district", "city", "admin"}), "TJ-XQ", otherwise=404,
                             otherwise_role=(403, EVERYBODY - ORGANS)),
    "dashboards:acts": page(frozenset({"admin"}), **NO_ROLE),
    "dashboards:operations": page(frozenset({"admin"}), **NO_ROLE),
    "dashboards:task_again": act(frozenset({"admin"}), "{task}", **NO_ROLE),
    # people
    "people:switch_desk": page(EVERYBODY),
    "people:me": page(EVERYBODY),
    "people:elder": act(EVERYBODY),
    "people:alert_mail": act(EVERYBODY),
    "people:notice": page(EVERYBODY),
    "people:data": page(EVERYBODY),
    "people:data_export": Door((), EVERYBODY, method="post"),  # without a password: masked
    "people:delegations": page(EVERYBODY),
    "people:delegation_new": page(LENDERS, **NO_ROLE),
    "people:delegation_end": act(frozenset({"manager", "director"}), "{lent}"),
    "people:act_for": page(frozenset({"admin"}), "{officer}", **NO_ROLE),
    "people:act_end": act(EVERYBODY),
    "people:holds": page(frozenset({"admin"}), **NO_ROLE),
    "people:hold_end": act(frozenset({"admin"}), "{hold}", **NO_ROLE),
    "people:devices": page(EVERYBODY),
    "people:device_end": act(EVERYBODY, "nosuchdevice"),  # whoever names no device of her own reads that it is gone
    "people:outside": page(EVERYBODY),
    "people:outside_connect": act(EVERYBODY, "weixin"),  # says once more who she is first
    "people:outside_end": act(EVERYBODY, "weixin"),
    "people:devices_end_others": act(EVERYBODY),
    "people:people": page(OVERSEERS, **NO_ROLE),
    "people:person": page(OVER_JINHAI, "{officer}"),
    # let in, and asked for the reason that the empty form lacks
    "people:reveal": Door(("{officer}",), OVER_JINHAI, method="post", open_status=422),
    # the officer has a password: those who see her page are refused with a sentence, the administrator resets it
    "people:set_password": Door(("{officer}",), frozenset({"admin"}), sent_on=OVER_JINHAI - {"admin"}, method="post"),
    # let in, and asked for the reason that the empty form lacks
    "people:remove_second_factor": Door(("{officer}",), OVER_JINHAI, method="post", open_status=422),
    "people:duplicates": page(ORGANS, **NO_ROLE),
    "people:tell_apart": act(ORGANS - {"other_district"}, "{officer}", "{director}", **FOREIGN_OR_NO_ORGAN),
    "people:merge": page(ORGANS - {"other_district"}, "{officer}", "{director}", **FOREIGN_OR_NO_ORGAN),
    "people:merges": page(ORGANS, **NO_ROLE),
    "people:merged": page(ORGANS - {"other_district"}, "{merge}", **FOREIGN_OR_NO_ORGAN),
    # let in, and asked for the reason that the empty form lacks
    "people:merge_undo": Door(("{merge}",), ORGANS - {"other_district"}, method="post", open_status=422, **FOREIGN_OR_NO_ORGAN),
    "people:import": page(OVERSEERS, **NO_ROLE),
    "people:import_template": page(OVERSEERS, **NO_ROLE),
    "people:import_preview": page(NOBODY, "nosuchtoken", otherwise=404, otherwise_role=(403, EVERYBODY - OVERSEERS)),
    "people:imports": page(OVERSEERS, **NO_ROLE),
    "people:import_run": page(frozenset({"station", "admin"}), "{import_}", **FOREIGN_OR_NO_ROLE),
    "people:import_undo": act(frozenset({"station", "admin"}), "{import_}", **FOREIGN_OR_NO_ROLE),
    "people:import_again": act(frozenset({"station", "admin"}), "{import_}", **FOREIGN_OR_NO_ROLE),
    "people:import_leave": act(frozenset({"station", "admin"}), "{import_}", **FOREIGN_OR_NO_ROLE),
    "people:enterprises": page(OVERSEERS, **NO_ROLE),
    "people:enterprise": page(OVER_JINHAI, "{jinhai}"),
    "people:appoint": page(OVER_JINHAI, "{jinhai}"),
    "people:dismiss": page(OVER_JINHAI, "{post}"),
    "people:size": page(OVER_JINHAI - {"manager"}, "{jinhai}"),
    "people:alerts": page(OVERSEERS, **NO_ROLE),
    "people:post": page(OVER_JINHAI, "{post}"),
    # let in, and asked for the file that the empty form lacks
    "people:paper_add": Door(("{post}",), OVER_JINHAI, method="post", open_status=422),
    "people:paper": page(OVER_JINHAI, "{post}", "1"),
    "people:grants": page(frozenset({"admin"}), **NO_ROLE),
    "people:grant_new": page(frozenset({"admin"}), **NO_ROLE),
    "people:matrix": page(frozenset({"admin"}), **NO_ROLE),
    "people:grant_end": act(frozenset({"admin"}), "{grant}", **NO_ROLE),
    "people:tokens": page(frozenset({"admin"}), **NO_ROLE),
    "people:token_new": page(frozenset({"admin"}), **NO_ROLE),
    "people:token_end": act(frozenset({"admin"}), "{token}", **NO_ROLE),
    # the candidate
    "exams:mine": page(EVERYBODY),
    "exams:session": page(POST_HOLDERS - {"stranger"}, "{session}"),
    "exams:start": act(frozenset({"director"}), "{session}", otherwise=404, sent_on=frozenset({"officer", "principal"})),
    "exams:waiting": page(frozenset({"officer"}), "{hall}"),
    "exams:enter": act(frozenset({"officer"}), "{hall}"),
    "exams:sitting": page(frozenset({"director"}), "{running}"),
    "exams:save": act(frozenset({"director"}), "{running}"),
    "exams:check": page(frozenset({"director"}), "{running}"),
    "exams:take_over": act(frozenset({"director"}), "{running}"),
    "exams:move_ask": act(frozenset({"director"}), "{running}"),
    "exams:pulse": page(EVERYBODY, "1", public=True),
    "exams:result": page(frozenset({"officer"}), "{finished}"),
    "exams:review": page(frozenset({"officer"}), "{finished}"),
    "exams:receipt": page(frozenset({"officer"}), "{finished}"),
    "exams:hand_in": act(frozenset({"director"}), "{running}"),
    "exams:picture": page(NOBODY, "0" * 64),
    # sessions
    "exams:sessions": page(OVERSEERS, **NO_ROLE),
    "exams:session_new": page(OVERSEERS, **NO_ROLE),
    "exams:exam_new": page(ORGANS, **NO_ROLE),
    "exams:attempts": page(OVERSEERS, **NO_ROLE),
    "exams:attempt_seen": page(OVER_JINHAI, "{finished}", **FOREIGN_OR_NO_ROLE),
    "exams:attempt_void": act(frozenset({"city", "admin"}), "{finished}", otherwise=404, otherwise_role=(403, EVERYBODY - ORGANS)),
    "exams:attempt_regrade": act(frozenset({"city", "admin"}), "{finished}", otherwise=404, otherwise_role=(403, EVERYBODY - ORGANS)),
    "exams:terminate": page(frozenset({"city", "admin"}), "{running}", **FOREIGN_OR_NO_ROLE),
    "exams:session_clusters": page(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ORGAN),
    "exams:session_move": act(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:move": page(frozenset({"city", "admin"}), "{move}", "000000", **FOREIGN_OR_NO_ROLE),
    "exams:session_live": page(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_live_act": act(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:hall": page(frozenset({"city", "admin"}), "{hall}", **FOREIGN_OR_NO_ROLE),
    "exams:hall_worker": page(frozenset({"city", "admin"}), "{hall}", **FOREIGN_OR_NO_ROLE),
    "exams:hall_screen": page(frozenset({"city", "admin"}), "{hall}", **FOREIGN_OR_NO_ROLE),
    "exams:hall_go": page(frozenset({"city", "admin"}), "{hall}", **FOREIGN_OR_NO_ROLE),
    "exams:hall_notes": page(frozenset({"city", "admin"}), "{hall}", **FOREIGN_OR_NO_ROLE),
    "exams:hall_note": act(frozenset({"city", "admin"}), "{hall}", "{admission}", **FOREIGN_OR_NO_ROLE),
    "exams:rooms": page(frozenset({"city", "admin"}), "{hall}", **FOREIGN_OR_NO_ROLE),
    "exams:seat_all": act(frozenset({"city", "admin"}), "{hall}", **FOREIGN_OR_NO_ROLE),
    "exams:reseat": act(frozenset({"city", "admin"}), "{hall}", **FOREIGN_OR_NO_ROLE),
    "exams:room_remove": act(frozenset({"city", "admin"}), "{hall}", "{room}", **FOREIGN_OR_NO_ROLE),
    "exams:arrive": page(frozenset({"city", "admin"}), "{admission}", "{pass_}", **FOREIGN_OR_NO_ROLE),
    "exams:session_filing": page(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_filing_preview": page(NOBODY, "{session}", "nosuchtoken", **FOREIGN_OR_NO_ROLE),
    "exams:session_manage": page(OVERSEERS - {"stranger_manager"}, "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_results": page(OVERSEERS - {"stranger_manager"}, "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_register": Door(("{session}",), OVERSEERS - {"stranger_manager"}, method="post", **FOREIGN_OR_NO_ROLE),
    "exams:session_publish": act(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_renew_papers": act(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    "exams:session_cancel": act(frozenset({"city", "admin"}), "{session}", **FOREIGN_OR_NO_ROLE),
    # banks
    "exams:bank_new": page(frozenset({"editor"}), **NO_ROLE),
    "exams:banks": page(BANK, **NO_ROLE),
    "exams:import_template": page(BANK, **NO_ROLE),
    "exams:bank": page(BANK, "{bank}"),
    "exams:import": page(frozenset({"editor"}), "{bank}", sent_on=BANK - {"editor"}),
    "exams:export": page(BANK, "{bank}", "csv"),
    "exams:item": page(BANK, "{bank}", "{item}"),
    "exams:item_new": page(frozenset({"editor"}), "{bank}", sent_on=BANK - {"editor"}),
    "exams:item_edit": page(frozenset({"editor"}), "{bank}", "{item}", sent_on=BANK - {"editor"}),
    "exams:item_act": act(BANK, "{bank}", "{item}", "retire"),
    "exams:blueprints": page(BANK | ORGANS, **NO_ROLE),
    "exams:blueprint": page(BANK | {"city"}, "{blueprint}"),
    "exams:blueprint_new": page(frozenset({"editor"}), sent_on=EVERYBODY - {"editor"}),
    "exams:blueprint_edit": page(NOBODY, "{blueprint}", sent_on=BANK | {"city"}),
    "exams:blueprint_act": act(BANK | {"city"}, "{blueprint}", "publish"),
    # spot checks
    # messages
    "messaging:inbox": page(EVERYBODY),
    "messaging:read_all": act(EVERYBODY),
    "messaging:mail": act(EVERYBODY),
    "messaging:message": page(frozenset({"officer"}), "{message}"),
    "messaging:confirm": act(frozenset({"officer"}), "{message}"),
    "messaging:ledger": page(frozenset({"admin"}), **NO_ROLE),
    "messaging:proof": page(frozenset({"admin"}), "{message}", **NO_ROLE),
    "messaging:kinds": page(frozenset({"admin"}), **NO_ROLE),
    # courses: what a learner has, what a writer writes, what a manager gives
    "courses:mine": page(EVERYBODY),
    "courses:course": page(LEARNERS, "{course}"),
    "courses:enrol": act(LEARNERS, "{course}"),
    "courses:lesson": page(frozenset({"officer"}), "{course}", "{course_lesson}", sent_on=LEARNERS - {"officer"}),
    "courses:visit": Door(("{course}", "{course_lesson}"), frozenset({"officer"}), method="post"),
    "courses:beat": Door(("{visit}",), frozenset({"officer"}), method="post"),
    "courses:answer": Door(("{presence}",), frozenset({"officer"}), method="post", open_status=409),  # without its token
    "courses:quiz_begin": act(frozenset({"officer"}), "{course}", "{quiz_lesson}"),
    "courses:quiz_hand_in": act(frozenset({"officer"}), "{quiz_try}"),
    "courses:file": page(LEARNERS | {"editor"}, "{course}", "{course_file}"),
    "courses:after": page(frozenset({"officer"}), "{finished}"),
    "courses:suggested": page(frozenset({"officer"}), "{suggestion}"),
    "courses:suggested_read": act(frozenset({"officer"}), "{suggestion}"),
    "courses:own_file": page(EVERYBODY - POST_HOLDERS, sent_on=POST_HOLDERS),
    "courses:files": page(frozenset({"city", "admin"}), sent_on=OVERSEERS - {"city", "admin"}, **NO_ROLE),  # who has one enterprise
    "courses:files_of": page(OVER_JINHAI, "{jinhai}", **FOREIGN_OR_NO_ROLE),
    "courses:files_cover": page(OVER_JINHAI, "{jinhai}", "{year}", **FOREIGN_OR_NO_ROLE),
    "courses:files_ask": act(OVER_JINHAI, "{jinhai}", "{year}", **FOREIGN_OR_NO_ROLE),
    "courses:files_take": page(NOBODY, "{jinhai}", "{file_export}", sent_on=OVER_JINHAI, **FOREIGN_OR_NO_ROLE),
    "courses:person_file": page(OVER_JINHAI | {"officer"}, "{jinhai}", "{officer}"),
    "courses:person_file_print": page(OVER_JINHAI | {"officer"}, "{jinhai}", "{officer}", "{year}", "xlsx"),
    "courses:file_confirm": act(LEARNERS, "{jinhai}", "{year}"),
    "courses:desk": page(frozenset({"editor"}), **NO_ROLE),
    "courses:new": page(frozenset({"editor"}), **NO_ROLE),
    "courses:manage": page(frozenset({"editor"}), "{course}", **NO_ROLE),
    "courses:edit": page(frozenset({"editor"}), "{course}", **NO_ROLE),
    "courses:publish": act(frozenset({"editor"}), "{course}", **NO_ROLE),
    "courses:withdraw": act(frozenset({"editor"}), "{course}", **NO_ROLE),
    "courses:lesson_new": page(frozenset({"editor"}), "{course}", "video", **NO_ROLE),
    "courses:lesson_edit": page(frozenset({"editor"}), "{course}", "{written_lesson}", **NO_ROLE),
    "courses:preview": page(frozenset({"editor"}), "{course}", "{written_lesson}", **NO_ROLE),
    "courses:lesson_act": act(frozenset({"editor"}), "{course}", "{written_lesson}", "up", **NO_ROLE),
    "courses:team": page(OVERSEERS, **NO_ROLE),
    "courses:plans": page(OVERSEERS, **NO_ROLE),
    "courses:plan_new": page(frozenset({"manager", "stranger_manager"}), **NO_ROLE),
    "courses:plan": page(OVER_JINHAI, "{plan}", **FOREIGN_OR_NO_ROLE),
    "courses:plan_people": page(OVER_JINHAI, "{plan}", **FOREIGN_OR_NO_ROLE),
    "courses:plan_edit": page(frozenset({"manager"}), "{plan}", **FOREIGN_OR_NO_MANAGER),
    "courses:plan_force": act(frozenset({"manager"}), "{plan}", **FOREIGN_OR_NO_MANAGER),
    "courses:plan_drop": act(frozenset({"manager"}), "{plan}", **FOREIGN_OR_NO_MANAGER),
    "courses:plan_close": act(frozenset({"manager"}), "{plan}", **FOREIGN_OR_NO_MANAGER),
    "courses:entry_new": page(frozenset({"manager"}), "{plan}", **FOREIGN_OR_NO_MANAGER),
    "courses:entry_edit": page(frozenset({"manager"}), "{plan}", "1", **FOREIGN_OR_NO_MANAGER),
    "courses:entry_end": act(frozenset({"manager"}), "{plan}", "1", **FOREIGN_OR_NO_MANAGER),
    "courses:bulk": page(frozenset({"manager", "stranger_manager"}), **NO_ROLE),
    "courses:bulk_runs": page(frozenset({"manager", "stranger_manager"}), **NO_ROLE),
    "courses:bulk_run": page(frozenset({"manager"}), "{assignment}", **FOREIGN_OR_NO_MANAGER),
    "courses:bulk_again": act(frozenset({"manager"}), "{assignment}", **FOREIGN_OR_NO_MANAGER),
    "courses:paths": page(OVERSEERS, **NO_ROLE),
    "courses:hours": page(ORGANS, **NO_ROLE),
    "courses:hours_people": page(OVERSEERS, **NO_ROLE),
    "courses:choose": page(frozenset({"manager", "stranger_manager"}), **NO_ROLE),
    "courses:assign": page(frozenset({"manager"}), "{course}", **FOREIGN_OR_NO_MANAGER),
    "courses:cancel": act(frozenset({"manager"}), "{enrolment}", **FOREIGN_OR_NO_MANAGER),
    # practice: everybody's own; the director sits an exam at this moment and reads that she must wait
    "practice:home": page(EVERYBODY),
    "practice:go": page(EVERYBODY - {"director"}, "daily", otherwise=403),
    "practice:topic": page(POST_HOLDERS - {"director"}, "{practice_topic}", otherwise_role=(403, frozenset({"director"}))),
    "practice:item": page(POST_HOLDERS - {"director"}, "{practice_item}", otherwise_role=(403, frozenset({"director"}))),
    "practice:favourite": act(POST_HOLDERS, "{practice_item}"),
    "practice:said": act(EVERYBODY),
    "practice:reviews": page(frozenset({"officer"}), "{practice_device}", otherwise_role=(403, frozenset({"director"}))),
    "practice:wrong": page(EVERYBODY),
    "practice:favourites": page(EVERYBODY),
    "practice:search": page(EVERYBODY),
    "practice:confidence": page(EVERYBODY),
    "practice:mocks": page(EVERYBODY),
    "practice:mock_begin": act(EVERYBODY),
    "practice:mock": page(frozenset({"officer"}), "{mock}"),
    "practice:mock_hand_in": act(frozenset({"officer"}), "{mock}"),
    "practice:answers": Door((), EVERYBODY, method="post", open_status=400),  # without any
    "practice:pack": page(EVERYBODY - {"director"}, otherwise=403),
    "practice:offline": page(EVERYBODY - {"director"}, otherwise=403),
    "practice:worker": page(EVERYBODY),
    # classes, outside training, hours of a year
    "courses:class": page(LEARNERS, "{meeting}"),
    "courses:class_scanned": Door(("{meeting}", "234567"), LEARNERS, open_status=422),  # not the code of the moment
    "courses:class_sign": act(LEARNERS, "{meeting}"),
    "courses:classes": page(OVERSEERS | {"editor"}, **NO_ROLE),
    "courses:class_new": page(CLASS_HOLDERS, **NO_ROLE),
    "courses:class_manage": page(OVER_JINHAI, "{meeting}", otherwise_role=(403, EVERYBODY - OVERSEERS - {"editor"})),
    "courses:class_edit": page(frozenset({"manager"}), "{planned_meeting}", otherwise_role=(403, EVERYBODY - CLASS_HOLDERS)),
    "courses:class_screen": page(frozenset({"manager"}), "{meeting}", otherwise_role=(403, EVERYBODY - CLASS_HOLDERS)),
    "courses:class_enter": act(frozenset({"manager"}), "{meeting}", otherwise_role=(403, EVERYBODY - CLASS_HOLDERS)),
    "courses:class_act": act(frozenset({"manager"}), "{meeting}", "cancel", otherwise_role=(403, EVERYBODY - CLASS_HOLDERS)),
    "courses:my_hours": page(EVERYBODY),
    "courses:outside_new": page(POST_HOLDERS, sent_on=EVERYBODY - POST_HOLDERS),
    "courses:outside": page(OVER_JINHAI | {"officer"}, "{outside}"),
    "courses:outside_mend": page(frozenset({"officer"}), "{outside}"),
    "courses:outside_evidence": page(OVER_JINHAI | {"officer"}, "{outside}", "1"),
    "courses:outside_act": act(OVER_JINHAI - {"admin"}, "{outside}", "return"),
    "courses:outside_list": page(OVERSEERS, **NO_ROLE),
    "courses:outside_enter": page(frozenset({"manager", "stranger_manager"}), **NO_ROLE),
    "courses:shortfalls": page(OVERSEERS, **NO_ROLE),
    "courses:hour_rules": page(OVERSEERS, **NO_ROLE),
    "courses:hour_rule_new": page(frozenset({"admin"}), **NO_ROLE),
    "courses:hour_rule_end": act(frozenset({"admin"}), "{hour_rule}", **NO_ROLE),
    "supervision:checks": page(REGULATORS, **NO_ROLE),
    "supervision:check_new": page(REGULATORS, **NO_ROLE),
    "supervision:preview": Door((), REGULATORS, method="post", **NO_ROLE),
    "supervision:coverage": page(REGULATORS, **NO_ROLE),
    "supervision:profiles": page(REGULATORS, **NO_ROLE),
    "supervision:profile_new": page(frozenset({"city"}), "small", **NO_ROLE),
    "supervision:interests": page(REGULATORS, **NO_ROLE),
    "supervision:interest_end": act(OVER_XIQING, "{interest}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:check": page(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:check_edit": page(OVER_XIQING, "{planned}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:exclude": act(OVER_XIQING, "{planned}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:approve": act(OVER_XIQING, "{planned}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:abandon": act(OVER_XIQING, "{planned}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:freeze": act(OVER_XIQING, "{planned}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:reveal": act(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:void": act(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:register": act(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:listed": page(OVER_XIQING, "{drawn}", "1", **FOREIGN_OR_NO_REGULATOR),
    "supervision:replace": act(NOBODY, "{drawn}", **FOREIGN_OR_NO_REGULATOR),  # the empty form names nobody on the list
    "supervision:begin": act(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:conclude": act(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:examinee": page(OVER_XIQING, "{drawn}", "{examinee}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:incidents": page(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:session_incidents": page(NOBODY, "{session}", **FOREIGN_OR_NO_REGULATOR),  # no check has this session
    "supervision:evidence": page(OVER_XIQING, "{drawn}", "{evidence}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:minutes_draw_up": act(OVER_XIQING, "{recorded}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:minutes_renew": act(OVER_XIQING, "{recorded}", "{recorded_one}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:publish": act(OVER_XIQING, "{recorded}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:publish_correct": act(OVER_XIQING, "{recorded}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:publish_withdraw": act(OVER_XIQING, "{recorded}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:objection_decide": act(OVER_XIQING, "{recorded}", "{objection}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:my_minutes": page(EVERYBODY),
    "supervision:minutes": page(SEES_MINUTES, "{minutes}"),
    "supervision:sign": Door(("{minutes}", "enterprise"), sent_on=SEES_MINUTES),  # signed already
    "supervision:refuse": act(SEES_MINUTES, "{minutes}"),
    # let in, and asked for the reason that the empty form lacks
    "supervision:object": Door(("{minutes}",), SEES_MINUTES, method="post", open_status=422),
    "supervision:signature": page(SEES_MINUTES, "{minutes}", "{signature}"),
    "supervision:public_results": page(EVERYBODY, public=True),
    "supervision:public_result": page(EVERYBODY, "{recorded}", public=True),
    "supervision:public_result_file": page(EVERYBODY, "{recorded}", "csv", public=True),
    "supervision:public_minutes": page(EVERYBODY, "{minutes_code}", public=True),
    "certificates:minutes": page(SEES_MINUTES, "{minutes}"),
    "supervision:overdue": page(REGULATORS, **NO_ROLE),
    "supervision:rectifications": page(OVERSEERS, **NO_ROLE),
    "supervision:rectification": page(OVER_JINHAI | {"officer"}, "{notice}"),
    "supervision:rectification_pdf": page(OVER_JINHAI | {"officer"}, "{notice}"),
    "supervision:rectification_file": page(OVER_JINHAI, "{notice}", "{proof}", **FOREIGN_OR_NO_ROLE),
    "supervision:rectification_serve": page(OVER_XIQING, "{notice_fresh}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:rectification_acknowledge": act(frozenset({"manager"}), "{notice}", **FOREIGN_OR_NO_MANAGER),
    "supervision:rectification_report": page(frozenset({"manager"}), "{notice}", **FOREIGN_OR_NO_MANAGER),
    "supervision:rectification_recheck": act(OVER_XIQING, "{notice}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:rectification_time": act(frozenset({"manager"}), "{notice}", **FOREIGN_OR_NO_MANAGER),
    "supervision:rectification_time_rule": act(OVER_XIQING, "{notice}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:rectification_strike_off": act(OVER_XIQING, "{notice}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:rectification_revoke": act(OVER_XIQING, "{notice}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:rectification_revocation": page(OVER_JINHAI | {"officer"}, "{notice_revoked}"),
    "supervision:amend": page(OVER_XIQING, "{failed}", "{absent}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:amend_rule": act(OVER_XIQING, "{failed}", "{proposal}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:rectify": page(OVER_XIQING, "{failed}", "{absent}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:decide": act(OVER_XIQING, "{failed}", "{absent}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:retake": act(OVER_XIQING, "{failed}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:retake_conclude": act(OVER_XIQING, "{failed}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:close": act(OVER_XIQING, "{failed}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:notices_issue": act(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:reschedule": act(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:absence_decide": act(OVER_XIQING, "{drawn}", "{absence}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:owed": page(REGULATORS, **NO_ROLE),
    # the drawn person, her enterprise's manager and the office
    "supervision:notice": page(OVER_XIQING | {"manager", "officer"}, "{examinee}"),
    "supervision:absence_ask": Door(("{examinee}",), frozenset({"manager", "officer"}), method="post", open_status=422),
    "certificates:spot_notice": page(OVER_XIQING | {"manager", "officer"}, "{examinee}", "1"),
    # on paper, and taking evidence away
    "supervision:paper": page(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:paper_template": page(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:paper_import": page(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:paper_enter": page(OVER_XIQING, "{drawn}", "{examinee}", "total", **FOREIGN_OR_NO_REGULATOR),
    "supervision:paper_review": act(OVER_XIQING, "{drawn}", "{examinee}", "1", **FOREIGN_OR_NO_REGULATOR),
    "certificates:paper_print": act(OVER_XIQING, "{drawn}", "{round}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:package_new": act(OVER_XIQING, "{drawn}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:package": page(OVER_XIQING, "{drawn}", "{package}", **FOREIGN_OR_NO_REGULATOR),
    "supervision:public_draws": page(EVERYBODY, public=True),
    "supervision:public_draw": page(EVERYBODY, "{draw}", public=True),
    "supervision:public_frame": page(EVERYBODY, "{draw}", public=True),
    "supervision:public_dossier": page(EVERYBODY, "{draw}", public=True),
    "supervision:verifier": page(EVERYBODY, public=True),
    # certificates
    "certificates:wallet": page(EVERYBODY),
    "certificates:certificates": page(OVERSEERS, **NO_ROLE),
    "certificates:certificate": page(OVER_JINHAI | {"officer"}, "{certificate}"),
    "certificates:pdf": page(OVER_JINHAI | {"officer"}, "{certificate}"),
    "certificates:decide": act(OVER_JINHAI - {"manager"}, "{certificate}"),
    "certificates:person_file": page(OVER_JINHAI | {"officer"}, "{officer}"),
    # like people:set_password, printed
    "certificates:slip": Door(("{officer}",), frozenset({"admin"}), sent_on=OVER_JINHAI - {"admin"}, method="post"),
    "certificates:enterprise_slips": Door(("{jinhai}",), OVER_JINHAI, method="post"),
    "certificates:letter": page(OVER_JINHAI, "{post}"),
    "certificates:verify": page(EVERYBODY, public=True),
    "certificates:verify_code": page(EVERYBODY, "{code}", public=True),
    # other systems: no login opens anything, see api/tests/test_doors.py for what a token opens
    "api:openapi": page(EVERYBODY, public=True),
    "api:people": page(EVERYBODY, **NO_TOKEN),
    "api:person": page(EVERYBODY, "{officer}", **NO_TOKEN),
    "api:posts": page(EVERYBODY, **NO_TOKEN),
    "api:post": page(EVERYBODY, "{post}", **NO_TOKEN),
    "api:results": page(EVERYBODY, **NO_TOKEN),
    "api:result": page(EVERYBODY, "{finished}", **NO_TOKEN),
    "api:certificates": page(EVERYBODY, **NO_TOKEN),
    "api:certificate": page(EVERYBODY, "{certificate}", **NO_TOKEN),
    "api:api-root": page(EVERYBODY, public=True, open_status=404),
    "api:nothing": page(EVERYBODY, "nothing", public=True, open_status=404),
}  # fmt: skip


def addresses():
    """The names of all addresses of our own; allauth's own doors are allauth's to test."""

    def walk(resolver, prefix=""):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
            else:
                yield f"{prefix}{pattern.name}"

    return {name for name in walk(get_resolver()) if not name.startswith(("account_", "mfa_"))}
