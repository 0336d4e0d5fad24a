"""What becomes of every row that points at a person when two files are made one: one table, and what it says of two people."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from django.apps import apps
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import oneself, scope
from accounts.models import Hold, Merge, Post, RecordEntry, Role, RoleGrant, User
from accounts.permissions import roles
from accounts.reach import Reach

MOVES = "moves"  # goes to the person who is kept, and back with the undo
STAYS = "stays"  # tells what somebody did or knew under this account; a file is read from all accounts, see `accounts.oneself`
ENDS = "ends"  # is over, and does not come back

# Every column of every table that points at a person; a test fails where one is missing. Tables of higher floors stand here by
# name, as their acts stand in the labels of the log.
DECIDED = {
    "accounts.Post.person": MOVES,
    "accounts.RoleGrant.user": MOVES,
    "accounts.Hold.person": MOVES,
    "accounts.Qualification.person": MOVES,
    "accounts.User.merged_into": MOVES,  # so that it always names the one who is left
    "exams.Registration.candidate": MOVES,
    "courses.Enrolment.person": MOVES,
    "certificates.Certificate.holder": MOVES,
    "supervision.Exclusion.person": MOVES,
    "supervision.Interest.person": MOVES,
    "accounts.Login.person": ENDS,
    "socialaccount.SocialAccount.user": ENDS,  # who merges does not say by what somebody signs in; she links it anew
    # append-only: nothing of them can move
    "accounts.RecordEntry.person": STAYS,
    "accounts.Acceptance.person": STAYS,
    "accounts.FormerPassword.person": STAYS,
    "accounts.NotSame.first": STAYS,
    "accounts.NotSame.second": STAYS,
    "accounts.NotSame.by": STAYS,
    "audit.AuditEvent.actor": STAYS,
    "audit.AuditEvent.on_behalf": STAYS,
    "exams.Arrival.by": STAYS,
    "exams.Filing.by": STAYS,
    "exams.Intervention.by": STAYS,
    "exams.ItemRevision.author": STAYS,
    "exams.Result.scored_by": STAYS,
    "exams.Termination.by": STAYS,
    "courses.LessonFile.by": STAYS,
    "courses.LessonRevision.by": STAYS,
    "courses.Edition.by": STAYS,
    "courses.Enrolment.assigned_by": STAYS,
    "practice.PracticeAnswer.person": STAYS,
    "practice.Favourite.person": STAYS,
    "practice.Mock.person": STAYS,
    "courses.Suggestion.person": STAYS,
    "courses.TrainingFile.person": STAYS,
    "courses.TrainingFile.by": STAYS,
    "courses.Acknowledgement.person": STAYS,
    "courses.FileExport.by": STAYS,
    "courses.Assignment.asked_by": STAYS,
    "courses.PlanEntry.by": STAYS,
    "courses.PlanEntryEnd.by": STAYS,
    "courses.TrainingPlan.made_by": STAYS,
    "courses.ClassAttendance.person": STAYS,  # she came under this account; hours are read from all accounts
    "courses.ClassMeeting.planned_by": STAYS,
    "courses.ClassSign.by": STAYS,
    "courses.HourRule.by": STAYS,
    "courses.HourRuleEnd.by": STAYS,
    "courses.OutsideEvidence.by": STAYS,
    "courses.OutsideTraining.person": STAYS,  # with the two who stand for it
    "courses.OutsideTraining.entered_by": STAYS,
    "courses.OutsideTraining.decided_by": STAYS,
    "supervision.Attendance.by": STAYS,
    "supervision.Attendance.person": STAYS,
    "supervision.Draw.frozen_by": STAYS,
    "supervision.Decision.by": STAYS,
    "supervision.DrawnInspector.person": STAYS,
    "supervision.Evidence.by": STAYS,
    "supervision.Extension.by": STAYS,
    "supervision.ExtensionRuling.by": STAYS,
    "supervision.FrameLine.person": STAYS,
    "supervision.Incident.by": STAYS,
    "supervision.Outcome.by": STAYS,
    "supervision.Minutes.by": STAYS,
    "supervision.Objection.by": STAYS,
    "supervision.ObjectionDecision.by": STAYS,
    "supervision.Publication.by": STAYS,
    "supervision.Refusal.by": STAYS,
    "supervision.Signature.by": STAYS,
    "supervision.Withdrawal.by": STAYS,
    "supervision.Recheck.by": STAYS,
    "supervision.PaperResult.by": STAYS,
    "supervision.PaperReview.by": STAYS,
    "supervision.PaperReview.entered_by": STAYS,
    "supervision.PrintedForm.by": STAYS,
    "supervision.Replacement.by": STAYS,
    "supervision.Report.by": STAYS,
    "supervision.Reveal.by": STAYS,
    "supervision.Revocation.by": STAYS,
    "supervision.RuleProfile.made_by": STAYS,
    "supervision.Service.by": STAYS,
    "supervision.Voiding.by": STAYS,
    "supervision.SpotNotice.by": STAYS,
    "supervision.NoticeReading.by": STAYS,
    "supervision.AbsenceRequest.by": STAYS,
    "supervision.AmendmentProposal.by": STAYS,
    "supervision.AmendmentRuling.by": STAYS,
    "supervision.AbsenceDecision.by": STAYS,
    # who did it
    "accounts.AlertMail.person": STAYS,  # of that morning
    "messaging.Message.recipient": STAYS,  # told under that account; an inbox is read from all of them
    "messaging.MailChoice.person": STAYS,
    "accounts.ApiToken.made_by": STAYS,  # a token is its unit's
    "accounts.Hold.by": STAYS,
    "accounts.Hold.ended_by": STAYS,
    "accounts.Import.by": STAYS,
    "accounts.Merge.kept": STAYS,
    "accounts.Merge.absorbed": STAYS,
    "accounts.Merge.by": STAYS,
    "accounts.Merge.undone_by": STAYS,
    "accounts.RoleGrant.granted_by": STAYS,
    "exams.Picture.uploaded_by": STAYS,
    "exams.Room.made_by": STAYS,
    "exams.RoomSupervisor.person": STAYS,
    "exams.Registration.registered_by": STAYS,
    "supervision.EvidencePackage.by": STAYS,
    "supervision.Exclusion.by": STAYS,
    "supervision.Interest.declared_by": STAYS,
    "supervision.Rectification.closed_by": STAYS,
    "supervision.Rectification.issued_by": STAYS,
    "supervision.Retake.called_by": STAYS,
    "supervision.Retake.concluded_by": STAYS,
    "supervision.SpotCheck.approved_by": STAYS,
    "supervision.SpotCheck.changed_by": STAYS,
    "supervision.SpotCheck.planned_by": STAYS,
    # by what one signed in: it opens nothing any more, and serves again after an undo
    "account.EmailAddress.user": STAYS,
    "mfa.Authenticator.user": STAYS,
}

# By which columns, besides the person, a moved row must not meet another of the one who is kept; and of which rows that is asked.
MEETS = {
    "accounts.Post.person": (("enterprise", "kind"), Q(ended_on=None)),
    "accounts.RoleGrant.user": (("role", "unit"), Q(ends_on=None)),
    "accounts.Hold.person": ((), Q(ended_at=None)),
    "exams.Registration.candidate": (("session",), Q()),
    "courses.Enrolment.person": (("course",), Q(state="active")),
    "supervision.Exclusion.person": (("check_of",), Q()),
}
# Of these the row that meets another stays where it is; of posts and roles it is ended and goes along.
LEFT_BEHIND = (
    "accounts.Hold.person",
    "exams.Registration.candidate",
    "courses.Enrolment.person",
    "supervision.Exclusion.person",
)
UNTOLD = ("accounts.User.merged_into", "accounts.Qualification.person")  # what a page need not count
# Rows that people sit under, and so must not change hands while somebody does.
RUNNING = ("exams.Attempt", "registration__candidate", Q(state="in_progress"))
# What hangs on a moved row: made for the one who is kept after the merge, it could go back with neither of them.
HANGS = (
    ("exams.Registration", "candidate", "accounts.Post", "post"),
    ("courses.Enrolment", "person", "accounts.Post", "post"),
    ("certificates.Certificate", "holder", "accounts.Post", "post"),
    ("certificates.Certificate", "holder", "exams.Registration", "attempt__registration"),
)
# Which lines of the file tell of a moved row: model, what names it there, how.
TOLD_OF = (
    ("accounts.Post", "pk", "post:{}"),
    ("exams.Registration", "attempts__pk", "attempt:{}"),
    ("courses.Enrolment", "pk", "course:{}"),
    ("certificates.Certificate", "number", "certificate:{}"),
)
NUMBERS = {  # what belongs together; the first of each finds the person
    "id": ("id_hash", "id_sealed", "id_mask"),
    "phone": ("phone_hash", "phone_sealed", "phone_mask"),
    "email": ("email",),
}


def model_of(label):
    """The model of this name, or None where its app is not installed."""
    try:
        return apps.get_model(label)
    except LookupError:
        return None


def columns(decision):
    """The columns so decided: [(label, model, name of the column)]."""
    found = []
    for label, decided in DECIDED.items():
        path, _dot, name = label.rpartition(".")
        if decided == decision and (model := model_of(path)):
            found.append((label, model, name))
    return found


def relations():
    """Every column that points at a person, as the database knows them: the table above must name each."""
    return sorted(
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in User._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    )


def meeting(label, model, name, kept, absorbed):
    """The rows of the absorbed person that would meet one of the kept person's: {pk: pk of the one that is met}."""
    if label not in MEETS:
        return {}
    fields, when = MEETS[label]
    other = model._base_manager.filter(when, **{name: kept}, **{one: OuterRef(one) for one in fields})
    rows = model._base_manager.filter(when, **{name: absorbed}).annotate(met=Subquery(other.values("pk")[:1]))
    return dict(rows.filter(met__isnull=False).values_list("pk", "met"))


def goes_over(kept, absorbed):
    """Which numbers only the absorbed person has, so that they become the kept person's."""
    return [
        name
        for name, columns_ in NUMBERS.items()
        if getattr(absorbed, columns_[0]) and not getattr(kept, columns_[0])
    ]


def numbers_differ(kept, absorbed):
    """Whether both have an ID number and not the same."""
    return bool(kept.id_hash and absorbed.id_hash and kept.id_hash != absorbed.id_hash)


# --- Who may -----------------------------------------------------------------------------------------------------------

ORGANS = roles("people.merge")


def paths_of(people):
    """Where people ever stood: ({path of an enterprise}, [(role, path)]); two queries."""
    posts = Post.objects.filter(person__in=people).values_list("enterprise__unit__path", flat=True)
    grants = RoleGrant.objects.filter(user__in=people).values_list("role", "unit__path")
    return set(posts.order_by()), list(grants)


def why_not_reached(kept, absorbed, by):
    """Why somebody may not merge these two, in a sentence; empty when all of both lies in her reach.

    Whoever gives roles may also unite them; others only those of managers in the enterprises that they supervise. Nobody
    merges herself, or she would give herself what another may do.
    """
    if by.pk in (kept.pk, absorbed.pk):
        return _("不能合并自己的账号，请由另一位监管人员或系统管理员办理。")
    reach, administered = Reach(by, timezone.localdate()), tuple(scope.paths(by, Role.ADMIN))
    posts, grants = paths_of([kept.pk, absorbed.pk])
    if not posts and not grants and not reach.runs_all:
        return _("这两个账号没有任职和角色，请由全市的系统管理员合并。")
    outside = sum(not reach.supervises(path) for path in posts)
    if outside:
        return ngettext(
            "两人还在您管理范围之外的 {count} 家企业任过职，不能由您合并，请由上级监管机构办理。",
            "两人还在您管理范围之外的 {count} 家企业任过职，不能由您合并，请由上级监管机构办理。",
            outside,
        ).format(count=outside)
    for role, path in grants:
        below = path.startswith(administered) or (role == Role.MANAGER and reach.supervises(path))
        if not below:
            return _("两人担有或担过您无权授予的角色，请由管理该角色的系统管理员合并。")
    return ""


def why_not_one(kept, absorbed):
    """What stands against it that is neither reach nor number: sentences."""
    if kept.pk == absorbed.pk:
        return [_("请选择两个不同的人。")]
    found = []
    if absorbed.merged_into_id or kept.merged_into_id:
        found.append(_("其中一个账号已经并入另一人，不能再参加合并。"))
    elif not kept.is_active:
        found.append(_("要保留的账号已停用。请对调两人，保留可以登录的账号。"))
    label, path, when = RUNNING
    if (model := model_of(label)) and (
        sitting := model._base_manager.filter(when, **{f"{path}__in": [kept.pk, absorbed.pk]}).count()
    ):
        found.append(_("两人中有正在进行的考试（{count} 场），请待交卷后再合并。").format(count=sitting))
    return found


# --- What would happen ---------------------------------------------------------------------------------------------------


@dataclass
class Outlook:
    """What a merge of two people would do, and what stands against it."""

    kept: User
    absorbed: User
    refusals: list = field(default_factory=list)
    needs_number_reason: bool = False
    moves: dict = field(default_factory=dict)  # verbose name of the table → how many
    stays: dict = field(default_factory=dict)
    over: list = field(default_factory=list)  # names of NUMBERS
    left: list = field(default_factory=list)
    posts_twice: list = field(default_factory=list)
    grants_twice: list = field(default_factory=list)
    sessions_twice: list = field(default_factory=list)
    holds: int = 0
    logins: int = 0


def outlook(kept, absorbed, by):
    """Hold two people against each other; reads only."""
    found = Outlook(kept, absorbed, refusals=why_not_one(kept, absorbed))
    if kept.pk == absorbed.pk:
        return found
    if sentence := why_not_reached(kept, absorbed, by):
        found.refusals.append(sentence)
    found.needs_number_reason = numbers_differ(kept, absorbed)
    found.over = goes_over(kept, absorbed)
    found.left = [
        name for name, cols in NUMBERS.items() if getattr(absorbed, cols[0]) and name not in found.over
    ]
    twice = {}
    for label, model, name in columns(MOVES):
        if model is User:
            continue
        twice[label] = meeting(label, model, name, kept.pk, absorbed.pk)
        rows = model._base_manager.filter(**{name: absorbed.pk})
        count = rows.exclude(pk__in=twice[label] if label in LEFT_BEHIND else ()).count()
        if count and label not in UNTOLD:
            found.moves[str(model._meta.verbose_name)] = count
    if lines := RecordEntry.objects.filter(person__in=oneself.ids_of(absorbed)).count():
        found.stays[str(RecordEntry._meta.verbose_name)] = lines
    found.posts_twice = list(
        Post.objects.filter(pk__in=twice["accounts.Post.person"]).select_related("enterprise__unit")
    )
    found.grants_twice = list(
        RoleGrant.objects.filter(pk__in=twice["accounts.RoleGrant.user"]).select_related("unit")
    )
    label = "exams.Registration.candidate"
    if model := model_of("exams.Registration"):
        found.sessions_twice = list(model._base_manager.filter(pk__in=twice[label]).select_related("session"))
    found.holds = Hold.objects.filter(person__in=[kept.pk, absorbed.pk], ended_at=None).count()
    found.logins = absorbed.logins.filter(expire_date__gt=timezone.now()).count()
    return found


# --- The way back -------------------------------------------------------------------------------------------------------


def why_not_back(merge, former, by, now):
    """Why a merge cannot be taken back by somebody, in a sentence; empty when it can."""
    if merge.undone_at:
        return _("这次合并已经撤销。")
    if not merge.may_be_undone(now):
        return _("合并满 30 天后不能再撤销。")
    if sentence := why_not_reached(merge.kept, merge.absorbed, by):
        return sentence
    later = Merge.objects.filter(Q(kept=merge.kept) | Q(absorbed=merge.kept), pk__gt=merge.pk, undone_at=None)
    if later.exists():
        return _("此后还有涉及同一人的合并，请从最近的一次开始依次撤销。")
    if since := since_then(merge, former):
        told = _("、").join(
            _("{what} {count} 项").format(what=what, count=count) for what, count in since.items()
        )
        return _("合并之后已有新的变化（{items}），为免丢失，什么都没有撤销。").format(items=told)
    return ""


def since_then(merge, former):
    """What was built upon the merge and could go back with neither of the two: {what: how many}.

    What happened to a moved row itself stands against nothing, since it goes back with the row.
    """
    found, kept = Counter(), merge.kept_id
    moved = former["moved"]
    for label, name, onto, path in HANGS:
        model, own = model_of(label), moved.get(f"{label}.{name}", ())
        pks = next((pks for column, pks in moved.items() if column.rpartition(".")[0] == onto), ())
        if model and pks:
            rows = model._base_manager.filter(**{name: kept, f"{path}__in": pks}).exclude(pk__in=own)
            found[model._meta.verbose_name] = max(found[model._meta.verbose_name], rows.count())
    label, path, when = RUNNING
    if model := model_of(label):
        own = moved.get("exams.Registration.candidate", ())
        found[_("正在进行的考试")] = model._base_manager.filter(when, registration__in=own).count()
    for one, model, over in (("posts", Post, "ended_on"), ("grants", RoleGrant, "ends_on")):
        ended = model.objects.filter(
            pk__in=[met for _twice, met in former["twice"][one]], **{f"{over}__isnull": False}
        ).count()
        found[_("离任") if model is Post else _("收回授权")] = ended
    found[_("改由他人使用的号码或邮箱")] = sum(
        _is_anothers(merge, former, name) for name in former["numbers"]
    )
    return +found


def _is_anothers(merge, former, name):
    first = NUMBERS[name][0]
    value = former["numbers"][name][first]
    owner = User.objects.filter(**{first: value}).values_list("pk", flat=True).first()
    return owner not in (None, merge.kept_id, merge.absorbed_id)


def lines_to_return(merge, former):
    """The newest lines of the file that were written for the kept person and tell of rows that go back."""
    subjects = []
    for label, name, words in TOLD_OF:
        if model := model_of(label):
            pks = [
                pk
                for column, own in former["moved"].items()
                if column.rpartition(".")[0] == label
                for pk in own
            ]
            values = model._base_manager.filter(pk__in=pks, **{f"{name}__isnull": False}).values_list(
                name, flat=True
            )
            subjects += [words.format(value) for value in values.distinct()]
    later = RecordEntry.objects.filter(subject=OuterRef("subject")).order_by("-number").values("number")[:1]
    rows = (
        RecordEntry.objects.filter(person=merge.kept_id).alias(last=Subquery(later)).filter(number=F("last"))
    )
    return [line for some in _chunks(subjects) for line in rows.filter(subject__in=some).order_by("pk")]


def _chunks(values, size=500):
    edges = [*range(0, len(values), size), len(values)]
    return [values[start:end] for start, end in pairwise(edges)]


def words_of(label):
    """The table of a decided column in words, for a page; of those that people know by no name nothing."""
    model = None if label in UNTOLD else model_of(label.rpartition(".")[0])
    return model._meta.verbose_name if model else ""
