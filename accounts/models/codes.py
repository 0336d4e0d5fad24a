"""Codes by short message."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PhoneCode(models.Model):
    """The one code of a phone number that may still lead in; a number that nobody has gets a row like any other.

    Whoever looks into the table learns neither numbers nor codes: both are keyed hashes.
    """

    door = models.CharField(max_length=64, unique=True)
    ticket = models.CharField(
        max_length=32
    )  # of the browser that asked; no other can try, or use up the tries
    digest = models.CharField(max_length=64, blank=True)  # empty: used, or tried too often
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("手机验证码")

    def __str__(self):
        return f"{self.door[:8]} {self.sent_at:%Y-%m-%d %H:%M:%S}"
