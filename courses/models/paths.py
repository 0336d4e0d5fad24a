"""The standard way of a post: what its holder does one after the other, and how many days after her appointment."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import PostKind


class Path(models.Model):
    """The way of one kind of post, for all products or for one category; shipped as data, see fixtures/paths/."""

    code = models.SlugField(_("代码"), max_length=60, unique=True)
    name = models.CharField(_("路径名称"), max_length=120)
    post_kind = models.CharField(_("岗位"), max_length=12, choices=PostKind)
    category = models.ForeignKey(
        "catalog.ProductCategory",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="paths",
        verbose_name=_("产品类别"),
    )
    # Whoever was appointed before counts her days from here.
    starts_on = models.DateField(_("施行日期"))

    class Meta:
        verbose_name = _("学习路径")
        ordering = ["post_kind", "category__code", "code"]
        constraints = [
            models.UniqueConstraint(fields=["post_kind", "category"], name="path_of_a_post_once"),
            models.UniqueConstraint(
                fields=["post_kind"], condition=Q(category__isnull=True), name="general_path_of_a_post_once"
            ),
        ]

    def __str__(self):
        return self.name


class PathStep(models.Model):
    """One step: a course, its quizzes, an exam, or the certificate. It names courses and exams by code, since they come and go."""

    class Kind(models.TextChoices):
        COURSE = "course", _("学课程")
        QUIZ = "quiz", _("做练习")
        EXAM = "exam", _("考试")
        CERTIFICATE = "certificate", _("取得证明")

    path = models.ForeignKey(Path, models.CASCADE, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField(_("顺序"))
    kind = models.CharField(_("步骤"), max_length=12, choices=Kind)
    code = models.SlugField(_("课程或考试代码"), max_length=60, blank=True)
    days = models.PositiveSmallIntegerField(_("任职后天数"))

    class Meta:
        verbose_name = _("学习路径步骤")
        ordering = ["path", "position"]
        constraints = [
            models.UniqueConstraint(fields=["path", "position"], name="path_step_position_once"),
            models.CheckConstraint(
                condition=Q(kind="certificate", code="") | (~Q(kind="certificate") & ~Q(code="")),
                name="path_step_names_what_it_asks",
            ),
        ]

    def __str__(self):
        return f"{self.path} {self.position}"
