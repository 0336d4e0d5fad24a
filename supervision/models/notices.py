"""What an examinee and her enterprise are told, that they read it, and an absence asked for: rows that are only added."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import oneself, scope
from accounts.models import Role
from audit.append_only import AppendOnly
from supervision.models.sittings import Examinee

ENTERPRISE = "examinee__registration__post__enterprise__unit__path"


class Addressee(models.TextChoices):
    """The two who are told."""

    PERSON = "person", _("本人")
    ENTERPRISE = "enterprise", _("企业")


class Notices(models.QuerySet):
    """Notices by whose they are."""

    def newest(self):
        """Of each examinee the last one."""
        later = SpotNotice.objects.filter(examinee=models.OuterRef("examinee"), number__gt=models.OuterRef("number"))  # fmt: skip
        return self.filter(~models.Exists(later))

    def of(self, user):
        """A person's own."""
        return self.filter(examinee__registration__candidate__in=oneself.ids_of(user))

    def managed_by(self, user):
        """Those to the enterprises that a person manages."""
        return self.filter(scope.within(user, Role.MANAGER, path=ENTERPRISE))

    def seen_by(self, user):
        """One's own, those to one's enterprises, and those that one's organs issued."""
        return self.filter(
            Q(examinee__registration__candidate__in=oneself.ids_of(user))
            | scope.within(user, Role.MANAGER, path=ENTERPRISE)
            | scope.within(user, Role.REGULATOR)
        )


class SpotNotice(models.Model):
    """One version of what an examinee is told: (examinee, number), the highest counts; every later one has its reason.

    It says what was so when it was issued, whatever becomes of session, room and seat.
    """

    class Kind(models.TextChoices):
        SUMMONS = "summons", _("通知")
        CANCELLED = "cancelled", _("取消")

    examinee = models.ForeignKey(  # without an index: the constraint's begins with it
        Examinee, models.PROTECT, related_name="notices", db_index=False
    )
    number = models.PositiveIntegerField(_("版本"))
    kind = models.CharField(_("性质"), max_length=12, choices=Kind)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+", verbose_name=_("组织机构"))
    year = models.PositiveIntegerField(_("年度"))
    serial_number = models.PositiveIntegerField(_("序号"))
    subject = models.CharField(_("事项"), max_length=120)
    opens_at = models.DateTimeField(_("开始时间"))
    closes_at = models.DateTimeField(_("截止时间"))
    place = models.CharField(_("地点"), max_length=120, blank=True)
    room = models.CharField(_("考场"), max_length=40, blank=True)
    seat = models.PositiveIntegerField(_("座位号"), null=True)
    bring = models.CharField(_("请携带"), max_length=300, blank=True)
    contact = models.CharField(_("联系人"), max_length=120, blank=True)
    legal_basis = models.CharField(_("依据"), max_length=300)
    why = models.CharField(_("变更理由"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("发出时间"), default=timezone.now)

    # What a later version is issued for when it is another one now.
    TOLD = ("opens_at", "closes_at", "place", "room", "seat", "bring", "contact")

    objects = Notices.as_manager()

    class Meta:
        verbose_name = _("抽查考核通知书")
        ordering = ["examinee", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["examinee", "number"], name="spot_notice_number_once"),
            models.UniqueConstraint(fields=["unit", "year", "serial_number"], name="spot_notice_serial_once"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(why=""), name="spot_notice_changed_with_a_reason"
            ),
            AppendOnly(name="spot_notice_append_only"),
        ]

    def __str__(self):
        return self.serial

    @property
    def serial(self):
        """Its number as documents write it."""
        return f"抽考通〔{self.year}〕{self.serial_number}号"

    @property
    def is_cancelled(self):
        """Whether it says that nobody need come."""
        return self.kind == self.Kind.CANCELLED


class NoticeReading(models.Model):
    """That one side opened one version for the first time."""

    notice = models.ForeignKey(SpotNotice, models.PROTECT, related_name="readings", db_index=False)
    side = models.CharField(_("接收方"), max_length=12, choices=Addressee)
    at = models.DateTimeField(_("阅读时间"), default=timezone.now)
    address = models.CharField(_("网络地址"), max_length=45, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("通知书阅读记录")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "side"], name="notice_read_once_a_side"),
            AppendOnly(name="notice_reading_append_only"),
        ]

    def __str__(self):
        return f"{self.notice_id} {self.side}"


class AbsenceRequest(models.Model):
    """That an examinee cannot come, said beforehand by her or her enterprise, with the reason; its papers are evidence of the case."""

    examinee = models.ForeignKey(Examinee, models.PROTECT, related_name="absence_requests", db_index=False)
    number = models.PositiveIntegerField()
    side = models.CharField(_("申请人"), max_length=12, choices=Addressee)
    why = models.CharField(_("理由"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("申请时间"), default=timezone.now)

    class Meta:
        verbose_name = _("缓考申请")
        ordering = ["examinee", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["examinee", "number"], name="absence_request_number_once"),
            models.CheckConstraint(condition=~Q(why=""), name="absence_request_has_a_reason"),
            AppendOnly(name="absence_request_append_only"),
        ]

    def __str__(self):
        return f"{self.examinee_id}:{self.number}"


class AbsenceDecision(models.Model):
    """What the office answered, with the reason; once."""

    request = models.OneToOneField(AbsenceRequest, models.PROTECT, related_name="decision")
    is_granted = models.BooleanField(_("准予"))
    why = models.CharField(_("理由"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("决定时间"), default=timezone.now)

    class Meta:
        verbose_name = _("缓考决定")
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="absence_decision_has_a_reason"),
            AppendOnly(name="absence_decision_append_only"),
        ]

    def __str__(self):
        return f"{self.request_id}: {self.is_granted}"
