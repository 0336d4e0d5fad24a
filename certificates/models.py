"""What is earned, and what a stranger may check."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import oneself, scope


class Scheme(models.Model):
    """What earns a certificate, for how long, in whose name."""

    code = models.SlugField(_("代码"), max_length=60, unique=True)
    title = models.CharField(_("证明名称"), max_length=80, default="培训考核合格证明")
    exam_kind = models.CharField(_("考试类型"), max_length=16)
    exam = models.ForeignKey("exams.Exam", models.PROTECT, null=True, blank=True, related_name="schemes")
    months = models.PositiveIntegerField(_("有效月数"), default=12)
    issuer = models.CharField(_("出具单位"), max_length=120)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("证明方案")
        ordering = ["code"]

    def __str__(self):
        return self.title


class Numbering(models.Model):
    """The last serial number given in a year; locked while the next one is taken, so no number is given twice."""

    year = models.PositiveIntegerField(_("年份"), unique=True)
    last = models.PositiveIntegerField(_("末号"), default=0)

    class Meta:
        verbose_name = _("编号")

    def __str__(self):
        return f"{self.year}: {self.last}"


class Certificates(models.QuerySet):
    """Certificates by whose they are and who looks after them."""

    def of(self, user):
        """A holder's own, under whichever of her accounts they were earned."""
        return self.filter(holder__in=oneself.ids_of(user))

    def seen_by(self, user):
        """Those earned in enterprises that the person manages or supervises."""
        return self.filter(scope.oversight(user, "post__enterprise__unit__path"))


class Certificate(models.Model):
    """One document: the facts are what was printed, fixed and sealed; only its state lives on."""

    class State(models.TextChoices):
        IN_FORCE = "in_force", _("有效")
        SUSPENDED = "suspended", _("已暂停")
        REVOKED = "revoked", _("已撤销")

    MOVES = {
        State.IN_FORCE: (State.SUSPENDED, State.REVOKED),
        State.SUSPENDED: (State.IN_FORCE, State.REVOKED),
        State.REVOKED: (),
    }

    number = models.CharField(_("证书编号"), max_length=40, unique=True)
    code = models.CharField(_("核验码"), max_length=32, unique=True)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="certificates")
    attempt = models.ForeignKey("exams.Attempt", models.PROTECT, related_name="certificates")
    holder = models.ForeignKey("accounts.User", models.PROTECT, related_name="certificates")
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="certificates")
    facts = models.JSONField(_("内容"))
    seal = models.CharField(max_length=120)
    issued_on = models.DateField(_("发证日期"))
    expires_on = models.DateField(_("有效期至"))
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.IN_FORCE)
    state_why = models.CharField(_("原因"), max_length=200, blank=True)
    state_at = models.DateTimeField(_("状态变更时间"), null=True, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")

    objects = Certificates.as_manager()

    class Meta:
        verbose_name = _("培训考核合格证明")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "attempt"],
                condition=Q(replaces__isnull=True),
                name="certificate_issued_once",
            ),
        ]

    def __str__(self):
        return self.number
