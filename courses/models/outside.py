"""What was learned elsewhere: entered with evidence by one person, confirmed or sent back by another."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import oneself, papers, scope
from accounts.models import Role
from audit.append_only import AppendOnly

MOST_MINUTES = 60_000


class OutsideTrainings(models.QuerySet):
    """Outside trainings by whose they are and who looks after them."""

    def of(self, user):
        """One's own, of all accounts that are hers."""
        return self.filter(person__in=oneself.ids_of(user))

    def seen_by(self, user):
        """Those of the enterprises that the person manages or supervises."""
        return self.filter(scope.oversight(user, "post__enterprise__unit__path"))

    def checked_by(self, user):
        """Those that she might check, as far as her role goes: of the enterprises that she manages or whose regulator she is."""
        return self.filter(
            scope.within(user, Role.MANAGER, Role.REGULATOR, path="post__enterprise__unit__path")
        )

    def reached_by(self, user):
        """Her own and those that she looks after."""
        own = Q(person__in=oneself.ids_of(user))
        return self.filter(own | scope.oversight(user, "post__enterprise__unit__path"))

    def told(self):
        """With all that a list says of them."""
        return self.select_related("person", "post__enterprise__unit", "entered_by", "decided_by")


class OutsideTraining(models.Model):
    """A training that somebody took elsewhere; its minutes count once a second person has confirmed it."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("待核对")
        RETURNED = "returned", _("已退回")
        CONFIRMED = "confirmed", _("已确认")
        WITHDRAWN = "withdrawn", _("已撤回")

    MOVES = {
        State.SUBMITTED: (State.CONFIRMED, State.RETURNED, State.WITHDRAWN),
        State.RETURNED: (State.SUBMITTED, State.WITHDRAWN),
        State.CONFIRMED: (),
        State.WITHDRAWN: (),
    }

    person = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="outside_trainings", verbose_name=_("人员")
    )
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", verbose_name=_("任职"))
    organiser = models.CharField(_("举办单位"), max_length=120)
    title = models.CharField(_("培训名称"), max_length=120)
    begins_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"))
    minutes = models.PositiveIntegerField(
        _("学时（分钟）"), validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    entered_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("登记时间"), default=timezone.now)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.SUBMITTED)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    returned_why = models.CharField(_("退回理由"), max_length=200, blank=True, default="")

    objects = OutsideTrainings.as_manager()

    class Meta:
        verbose_name = _("外部培训")
        ordering = ["-ends_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organiser", "title", "begins_on"],
                condition=~Q(state="withdrawn"),
                name="outside_training_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("begins_on"), minutes__gte=1), name="outside_training_takes_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("entered_by"))
                    & ~Q(decided_by=F("person"))
                ),
                name="outside_training_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(returned_why=""),
                name="outside_training_returned_with_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.title}"


class OutsideEvidence(models.Model):
    """A file that shows it: (training, number), added and never changed."""

    training = models.ForeignKey(OutsideTraining, models.PROTECT, related_name="evidence", db_index=False)
    number = models.PositiveIntegerField(_("序号"))
    name = models.CharField(_("文件名"), max_length=120)
    kind = models.CharField(max_length=4)
    size = models.PositiveIntegerField(_("大小"))
    digest = models.CharField(_("摘要"), max_length=64)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("上传时间"), default=timezone.now)

    class Meta:
        verbose_name = _("外部培训证明材料")
        ordering = ["training", "number"]
        constraints = [
            models.UniqueConstraint(fields=["training", "number"], name="outside_evidence_number_once"),
            AppendOnly(name="outside_evidence_append_only"),
        ]

    def __str__(self):
        return self.name

    @property
    def path(self):
        """Where it lies below MEDIA_ROOT."""
        return papers.path_of(self.digest, self.kind)
