"""Who is signed in, from which browser."""

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class Login(AbstractBaseSession):
    """A browser's session, with the person who is signed in: both are read by one query."""

    person = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="logins")

    objects = BaseSessionManager()

    class Meta:
        verbose_name = _("登录")

    @classmethod
    def get_session_store_class(cls):
        """The store that keeps rows of this table."""
        from accounts.sessions import SessionStore

        return SessionStore
