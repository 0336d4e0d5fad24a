"""What follows a fail or an absence: the notice to put things right, its service, the report, the retake, the decision."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scope
from audit.append_only import AppendOnly
from supervision.models.checks import SpotCheck
from supervision.models.sittings import Examinee, Outcome, counting

ENTERPRISE = "examinee__registration__post__enterprise__unit__path"
ABANDONED = SpotCheck.State.ABANDONED


class Rectifications(models.QuerySet):
    """Notices by who sees them and what waits."""

    def seen_by(self, user):
        """Those of enterprises that the person manages or supervises."""
        return self.filter(scope.oversight(user, ENTERPRISE))

    def of(self, user):
        """Those that concern the person herself."""
        return self.filter(examinee__registration__candidate=user)

    def run_by(self, user):
        """Those of the checks that the person runs."""
        return self.filter(check_of__in=SpotCheck.objects.run_by(user))

    def in_force(self):
        """Those whose case was not abandoned and that were not revoked."""
        return self.exclude(state=Rectification.State.REVOKED).exclude(check_of__state=ABANDONED)

    def open(self):
        """Those in which something is still to be done, by whomever."""
        return self.in_force().exclude(state=Rectification.State.CLOSED)

    def grounded(self):
        """Those whose outcome, as it counts now, still has to be put right."""
        return self.annotate(came=counting("examinee")).filter(came__in=Outcome.NEEDS_RECTIFYING)

    def groundless(self):
        """Those to be revoked: the outcome was changed to one that asks for nothing."""
        found = self.in_force().annotate(came=counting("examinee"))
        return found.exclude(came__in=Outcome.NEEDS_RECTIFYING)

    def waiting(self):
        """Those for which the enterprise still has to report."""
        state = Rectification.State
        return self.open().grounded().filter(state__in=(state.ISSUED, state.SERVED, state.RETURNED))

    def told(self):
        """With everything that a line of a list says."""
        return self.annotate(came=counting("examinee")).select_related(
            "check_of__unit",
            "check_of__profile",
            "examinee__registration__candidate",
            "examinee__registration__post__enterprise__unit",
        )


class Rectification(models.Model):
    """A notice to an enterprise to put right what an examinee's outcome showed, and how far it has come."""

    class State(models.TextChoices):
        ISSUED = "issued", _("已发出")
        SERVED = "served", _("已送达")
        REPORTED = "reported", _("已报告")
        RETURNED = "returned", _("已退回")
        ACCEPTED = "accepted", _("复查通过")
        CLOSED = "closed", _("已销号")
        REVOKED = "revoked", _("已撤销")

    MOVES = {
        State.ISSUED: (State.SERVED, State.REVOKED),
        State.SERVED: (State.REPORTED, State.REVOKED),
        State.REPORTED: (State.ACCEPTED, State.RETURNED, State.REVOKED),
        State.RETURNED: (State.REPORTED, State.REVOKED),
        State.ACCEPTED: (State.CLOSED, State.REVOKED),
        State.CLOSED: (State.REVOKED,),
        State.REVOKED: (),
    }

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="rectifications")
    examinee = models.ForeignKey(Examinee, models.PROTECT, related_name="rectifications")
    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="+")  # what it rests on
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="+", verbose_name=_("发出机关"), db_index=False
    )
    year = models.PositiveIntegerField(_("年份"))
    number = models.PositiveIntegerField(_("序号"))
    facts = models.TextField(_("查明的情况"))
    basis = models.CharField(_("依据"), max_length=300)  # as it read when the notice was issued
    demands = models.TextField(_("整改要求"))
    missed = models.JSONField(_("失分的知识点"), default=list)
    contact = models.CharField(_("联系人及电话"), max_length=80)
    due_on = models.DateField(_("整改期限"))
    serve_by = models.DateField(_("送达期限"))
    recheck_by = models.DateField(_("复查期限"), null=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ISSUED)
    issued_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("签发人"))
    issued_at = models.DateTimeField(_("发出时间"), default=timezone.now)
    closed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("销号时间"), null=True)

    objects = Rectifications.as_manager()

    class Meta:
        verbose_name = _("整改通知书")
        ordering = ["-year", "unit", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "number"], name="rectification_number_once"),
            models.UniqueConstraint(
                fields=["examinee"], condition=~Q(state="revoked"), name="rectification_once_in_force"
            ),
            models.CheckConstraint(condition=~Q(facts="") & ~Q(demands=""), name="rectification_says_what"),
            models.CheckConstraint(  # what was struck off and then revoked keeps both stamps
                condition=Q(state__in=("closed", "revoked"), closed_at__isnull=False, closed_by__isnull=False)
                | Q(~Q(state="closed"), closed_at__isnull=True, closed_by__isnull=True),
                name="rectification_closed_stamp",
            ),
            models.CheckConstraint(
                condition=~Q(state="reported") | Q(recheck_by__isnull=False), name="rectification_recheck_due"
            ),
        ]

    def __str__(self):
        return self.serial

    @property
    def serial(self):
        """Its number as documents write it."""
        return f"整改〔{self.year}〕{self.number}号"

    @property
    def person(self):
        """Whom it concerns; takes what was loaded."""
        return self.examinee.registration.candidate

    @property
    def enterprise(self):
        """To whom it is addressed; takes what was loaded."""
        return self.examinee.registration.post.enterprise

    @property
    def is_over(self):
        """Whether nothing of it counts any more: it was revoked, or its case abandoned; takes what was loaded."""
        return self.state == self.State.REVOKED or self.check_of.state == ABANDONED

    @property
    def is_groundless(self):
        """Whether it is to be revoked, its outcome having been changed; takes what `told` loaded."""
        return not self.is_over and self.came not in Outcome.NEEDS_RECTIFYING

    @property
    def came_to(self):
        """The conclusion of its examinee as it counts now, in words; takes what `told` loaded."""
        return Outcome.Conclusion(self.came).label


class Service(models.Model):
    """The proof that a notice reached its addressee."""

    class How(models.TextChoices):
        IN_PERSON = "in_person", _("直接送达")
        MAIL = "mail", _("邮寄送达")
        SYSTEM = "system", _("系统送达（已阅确认）")
        LEFT = "left", _("留置送达")

    rectification = models.OneToOneField(Rectification, models.PROTECT, related_name="service")
    how = models.CharField(_("送达方式"), max_length=10, choices=How)
    served_at = models.DateTimeField(_("送达时间"))
    receiver = models.CharField(_("收件人"), max_length=60, blank=True)
    receiver_role = models.CharField(_("收件人身份"), max_length=60, blank=True)
    witness = models.CharField(_("见证人及身份"), max_length=80, blank=True)
    note = models.CharField(
        _("说明"), max_length=200, blank=True, help_text=_("例如：邮件号码、拒收的理由、送达地点。")
    )
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("登记时间"), default=timezone.now)

    class Meta:
        verbose_name = _("送达回证")
        constraints = [
            models.CheckConstraint(
                condition=Q(how="left") & ~Q(witness="") | ~Q(how="left") & ~Q(receiver=""),
                name="service_has_its_witness_or_receiver",
            ),
            AppendOnly(name="service_append_only"),
        ]

    def __str__(self):
        return f"{self.rectification_id} {self.how}"


class Revocation(models.Model):
    """The taking back of a notice whose outcome was changed, with the reason and a number of its own."""

    rectification = models.OneToOneField(Rectification, models.PROTECT, related_name="revocation")
    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="+")  # that took its ground
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveIntegerField(_("年份"))
    number = models.PositiveIntegerField(_("序号"))
    why = models.CharField(_("撤销的理由"), max_length=300)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("签发人"))
    at = models.DateTimeField(_("撤销时间"), default=timezone.now)

    class Meta:
        verbose_name = _("整改通知书撤销")
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "number"], name="revocation_number_once"),
            models.CheckConstraint(condition=~Q(why=""), name="revocation_has_a_reason"),
            AppendOnly(name="revocation_append_only"),
        ]

    def __str__(self):
        return self.serial

    @property
    def serial(self):
        """Its number as documents write it."""
        return f"整改撤〔{self.year}〕{self.number}号"


class Report(models.Model):
    """What an enterprise says it has done: (notice, number), the highest counts."""

    rectification = models.ForeignKey(
        Rectification, models.PROTECT, related_name="reports", db_index=False
    )  # the constraint's index begins with it
    number = models.PositiveIntegerField()
    measures = models.TextField(_("整改措施"))
    training = models.JSONField(_("补训"), default=list)  # [{"topic", "on", "hours", "teacher"}]
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("提交时间"), default=timezone.now)

    class Meta:
        verbose_name = _("整改报告")
        ordering = ["rectification", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rectification", "number"], name="report_number_once"),
            models.CheckConstraint(condition=~Q(measures=""), name="report_says_what"),
            AppendOnly(name="report_append_only"),
        ]

    def __str__(self):
        return f"{self.rectification_id}:{self.number}"


class Recheck(models.Model):
    """What the organ found when it looked after a report: accepted, or returned with the reason."""

    report = models.OneToOneField(Report, models.PROTECT, related_name="recheck")
    is_accepted = models.BooleanField(_("通过"))
    found = models.CharField(_("复查意见"), max_length=500)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("复查时间"), default=timezone.now)

    class Meta:
        verbose_name = _("整改复查")
        constraints = [
            models.CheckConstraint(condition=~Q(found=""), name="recheck_says_what"),
            AppendOnly(name="recheck_append_only"),
        ]

    def __str__(self):
        return f"{self.report_id}:{self.is_accepted}"


class Extension(models.Model):
    """A request for more time, with its reason: (notice, number)."""

    rectification = models.ForeignKey(
        Rectification, models.PROTECT, related_name="extensions", db_index=False
    )  # the constraint's index begins with it
    number = models.PositiveIntegerField()
    until = models.DateField(_("申请延至"))
    why = models.CharField(_("理由"), max_length=300)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("申请时间"), default=timezone.now)

    class Meta:
        verbose_name = _("延期申请")
        ordering = ["rectification", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rectification", "number"], name="extension_number_once"),
            models.CheckConstraint(condition=~Q(why=""), name="extension_has_a_reason"),
            AppendOnly(name="extension_append_only"),
        ]

    def __str__(self):
        return f"{self.rectification_id}:{self.number}"


class ExtensionRuling(models.Model):
    """Whether more time was given, with the reason."""

    extension = models.OneToOneField(Extension, models.PROTECT, related_name="ruling")
    is_granted = models.BooleanField(_("同意"))
    why = models.CharField(_("理由"), max_length=300)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("决定时间"), default=timezone.now)

    class Meta:
        verbose_name = _("延期决定")
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="extension_ruling_has_a_reason"),
            AppendOnly(name="extension_ruling_append_only"),
        ]

    def __str__(self):
        return f"{self.extension_id}:{self.is_granted}"


class Retake(models.Model):
    """One further round of a check, in a session of its own, for everybody who has not passed yet."""

    class State(models.TextChoices):
        CALLED = "called", _("已安排")
        CONCLUDED = "concluded", _("已结束")

    MOVES = {State.CALLED: (State.CONCLUDED,), State.CONCLUDED: ()}

    check_of = models.ForeignKey(
        SpotCheck, models.PROTECT, related_name="retakes", db_index=False
    )  # the constraint's index begins with it
    round = models.PositiveIntegerField(_("轮次"))
    session = models.OneToOneField("exams.ExamSession", models.PROTECT, related_name="retake")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.CALLED)
    called_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    called_at = models.DateTimeField(_("安排时间"), default=timezone.now)
    concluded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    concluded_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        verbose_name = _("补考")
        ordering = ["check_of", "round"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "round"], name="retake_round_once"),
            models.CheckConstraint(condition=Q(round__gte=1), name="retake_round_from_one"),
            models.CheckConstraint(
                condition=Q(state="concluded", concluded_at__isnull=False, concluded_by__isnull=False)
                | Q(state="called", concluded_at__isnull=True, concluded_by__isnull=True),
                name="retake_concluded_stamp",
            ),
        ]

    def __str__(self):
        return f"{self.check_of_id} / {self.round}"


class Decision(models.Model):
    """What a supervisor decided about somebody who did not pass in the end, with the reason: (examinee, number)."""

    class Measure(models.TextChoices):
        MOVE = "move", _("责令调整岗位")
        INTERVIEW = "interview", _("约谈")
        WATCH = "watch", _("列入重点监管或提高风险等级")
        OTHER = "other", _("其他措施")
        NONE = "none", _("不采取措施")
        EXCUSED = "excused", _("以准予缓考结案，不再另定日期")

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="decisions")
    examinee = models.ForeignKey(
        Examinee, models.PROTECT, related_name="decisions", db_index=False
    )  # the constraint's index begins with it
    number = models.PositiveIntegerField()
    measure = models.CharField(_("措施"), max_length=10, choices=Measure)
    why = models.CharField(_("理由"), max_length=500)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("决定时间"), default=timezone.now)

    class Meta:
        verbose_name = _("处理决定")
        ordering = ["examinee", "number"]
        constraints = [
            models.UniqueConstraint(fields=["examinee", "number"], name="decision_number_once"),
            models.CheckConstraint(condition=~Q(why=""), name="decision_has_a_reason"),
            AppendOnly(name="decision_append_only"),
        ]

    def __str__(self):
        return f"{self.examinee_id}:{self.measure}"
