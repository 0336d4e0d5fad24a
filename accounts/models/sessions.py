"""Who is signed in, from which browser."""

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.privacy import Hold


class Logins(BaseSessionManager.from_queryset(models.QuerySet)):
    """Sign-ins by what may be done with them."""

    def over(self, now):
        """Those that have ended."""
        return self.filter(expire_date__lt=now)

    def disposable(self, now):
        """Of those the ones that no hold on their person keeps."""
        return self.over(now).filter(~Exists(Hold.objects.on(OuterRef("person"))))


class Login(AbstractBaseSession):
    """A browser's session, with the person who is signed in: both are read by one query.

    The browser is told by a code of `accounts.devices`, its address by a mask; the full one stands in the log of acts only.
    """

    person = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="logins")
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)  # to five minutes, see `accounts.sessions`
    browser = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=45, blank=True)

    objects = Logins()

    class Meta:
        verbose_name = _("登录")

    def save(self, *args, **kwargs):
        """A row that exists keeps what was noted when it was made."""
        if kwargs.get("force_update"):
            kwargs["update_fields"] = ("session_data", "expire_date", "person")
        super().save(*args, **kwargs)

    @classmethod
    def get_session_store_class(cls):
        """The store that keeps rows of this table."""
        from accounts.sessions import SessionStore

        return SessionStore
