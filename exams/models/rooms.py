"""Rooms of a session and their seats. A seat is a row, so nobody can be seated who has none, and no seat twice."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LARGEST, WIDEST = 500, 20


class Room(models.Model):
    """A room in which a session is held, with as many seats as it has rows of them."""

    session = models.ForeignKey("ExamSession", models.PROTECT, related_name="rooms", db_index=False)
    name = models.CharField(_("考场"), max_length=40)
    capacity = models.PositiveIntegerField(
        _("座位数"), validators=[MinValueValidator(1), MaxValueValidator(LARGEST)]
    )
    width = models.PositiveIntegerField(
        _("每排座位"), default=6, validators=[MinValueValidator(1), MaxValueValidator(WIDEST)]
    )
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("考场")
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "name"], name="room_name_once"),
            models.CheckConstraint(condition=Q(capacity__gte=1, capacity__lte=LARGEST), name="room_capacity"),
            models.CheckConstraint(condition=Q(width__gte=1, width__lte=WIDEST), name="room_width"),
        ]

    def __str__(self):
        return self.name


class Seat(models.Model):
    """One seat, and who is to sit there."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="seats", db_index=False)
    number = models.PositiveIntegerField(_("座位号"))
    registration = models.OneToOneField(
        "Registration", models.PROTECT, null=True, related_name="seat", verbose_name=_("参考登记")
    )

    class Meta:
        verbose_name = _("座位")
        ordering = ["room", "number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="seat_once")]

    def __str__(self):
        return f"{self.room} {self.number}"

    @property
    def label(self):
        """Where it is, in words."""
        return gettext("%(room)s %(number)s 号") % {"room": self.room.name, "number": self.number}


class RoomSupervisor(models.Model):
    """Who looks after a room."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="supervisors", db_index=False)
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="rooms")

    class Meta:
        verbose_name = _("监考人员")
        ordering = ["room", "pk"]
        constraints = [models.UniqueConstraint(fields=["room", "person"], name="room_supervisor_once")]

    def __str__(self):
        return f"{self.room} {self.person}"
