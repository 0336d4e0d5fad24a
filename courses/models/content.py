"""Courses, their lessons as they are written, and the editions that people study."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scope
from accounts.models import Role
from audit.append_only import AppendOnly


class Courses(models.QuerySet):
    """Courses by who writes them and for whom they are."""

    def written_by(self, user):
        """Courses of units where the person edits."""
        return self.filter(scope.within(user, Role.EDITOR))

    def offered_to(self, enterprise):
        """Published courses of the units at and above an enterprise, in its categories or in none."""
        return self.filter(scope.offered(enterprise), state=Course.State.PUBLISHED)


class Course(models.Model):
    """What is learned, by whom it is kept, for whom it is, and where it leads; people study one of its editions."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤下")

    MOVES = {
        State.DRAFT: (State.PUBLISHED,),
        State.PUBLISHED: (State.WITHDRAWN,),
        State.WITHDRAWN: (State.PUBLISHED,),
    }

    code = models.SlugField(_("代码"), max_length=60, unique=True)
    name = models.CharField(_("课程名称"), max_length=120)
    summary = models.CharField(_("简介"), max_length=300, blank=True)
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="courses", verbose_name=_("主管单位")
    )
    category = models.ForeignKey(
        "catalog.ProductCategory",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="courses",
        verbose_name=_("产品类别"),
    )
    post_kinds = models.JSONField(_("适用岗位"), default=list, blank=True)
    # What its quizzes draw from: only ever a bank for practice, see `exams.models.ItemBank.is_practice`.
    bank = models.ForeignKey(
        "exams.ItemBank",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="courses",
        verbose_name=_("练习题库"),
    )
    session = models.ForeignKey(
        "exams.ExamSession",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="courses",
        verbose_name=_("学完后登记的考试场次"),
    )
    prerequisites = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="leads_to", verbose_name=_("先修课程")
    )
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.DRAFT)
    current = models.ForeignKey("Edition", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(_("撤下理由"), max_length=200, blank=True, default="")

    objects = Courses.as_manager()

    class Meta:
        verbose_name = _("课程")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(current__isnull=False, published_at__isnull=False),
                name="course_published_with_an_edition",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_why="")),
                name="course_withdrawn_with_a_reason",
            ),
        ]

    def __str__(self):
        return self.name


class LessonFile(models.Model):
    """A picture, video, captions or document of a course, named by the digest of its bytes; it is added and never changed."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="files", db_index=False)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)
    name = models.CharField(_("文件名"), max_length=120)
    size = models.PositiveBigIntegerField(_("大小"))
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("课程文件")
        ordering = ["course", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["course", "digest"], name="lesson_file_once"),
            AppendOnly(name="lesson_file_append_only"),
        ]

    def __str__(self):
        return self.name

    @property
    def path(self):
        """Where its bytes lie below MEDIA_ROOT."""
        return f"courses/{self.digest[:2]}/{self.digest}.{self.kind}"


class Lesson(models.Model):
    """A place in the course as it is being written: its kind never changes, its revisions are added."""

    class Kind(models.TextChoices):
        ARTICLE = "article", _("图文")
        VIDEO = "video", _("视频")
        DOCUMENT = "document", _("文档")
        QUIZ = "quiz", _("练习")
        LIVE = "live", _("直播课")
        CLASSROOM = "classroom", _("集中培训")

    # Learned by coming to a class: no page of theirs counts time, see `courses.models.classes`.
    IN_CLASS = (Kind.LIVE, Kind.CLASSROOM)

    course = models.ForeignKey(Course, models.PROTECT, related_name="lessons")
    position = models.PositiveIntegerField(_("顺序"))
    kind = models.CharField(_("形式"), max_length=12, choices=Kind)
    current = models.ForeignKey("LessonRevision", models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)  # of the draft; editions keep what they hold

    class Meta:
        verbose_name = _("课时")
        ordering = ["course", "position", "pk"]

    def __str__(self):
        return str(self.current.title if self.current else self.get_kind_display())


class LessonRevision(models.Model):
    """One immutable state of a lesson: (lesson, number), the highest is what the editor sees; editions point at theirs."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField(_("版本"))
    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("正文"), blank=True)
    file = models.ForeignKey(
        LessonFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("文件")
    )
    captions = models.ForeignKey(
        LessonFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("字幕")
    )
    minutes = models.PositiveSmallIntegerField(_("学习时间（分钟）"))
    items = models.PositiveSmallIntegerField(_("题数"), default=0)  # of a quiz
    provisions = models.ManyToManyField("catalog.LegalProvision", blank=True, related_name="lessons")
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("编写时间"), default=timezone.now)

    class Meta:
        verbose_name = _("课时版本")
        ordering = ["lesson", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["lesson", "number"], name="lesson_revision_number_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="lesson_takes_time"),
            AppendOnly(name="lesson_revision_append_only"),
        ]

    def __str__(self):
        return f"{self.title} v{self.number}"

    @property
    def kind(self):
        """Its lesson's."""
        return self.lesson.kind

    @property
    def seconds(self):
        """What it needs, in seconds."""
        return self.minutes * 60


class Edition(models.Model):
    """What publishing fixed: the lessons in their order; (course, number), the highest is given to whoever enrols."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="editions", db_index=False)
    number = models.PositiveIntegerField(_("版次"))
    name = models.CharField(_("课程名称"), max_length=120)
    prerequisites = models.ManyToManyField(Course, blank=True, related_name="+")
    note = models.CharField(_("说明"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("发布时间"), default=timezone.now)

    class Meta:
        verbose_name = _("课程版次")
        ordering = ["course", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="edition_number_once"),
            AppendOnly(name="edition_append_only"),
        ]

    def __str__(self):
        return f"{self.name} {self.number}"


class EditionLesson(models.Model):
    """One place of an edition."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="places", db_index=False)
    position = models.PositiveIntegerField(_("顺序"))
    revision = models.ForeignKey(LessonRevision, models.PROTECT, related_name="places")

    class Meta:
        verbose_name = _("版次课时")
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "position"], name="edition_position_once"),
            models.UniqueConstraint(fields=["edition", "revision"], name="edition_revision_once"),
            AppendOnly(name="edition_lesson_append_only"),
        ]

    def __str__(self):
        return f"{self.edition} {self.position}"
