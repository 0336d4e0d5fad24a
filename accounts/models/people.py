"""The person: one for a lifetime, over many employers."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import identifiers, vault
from accounts.tails import Tail


class People(BaseUserManager.from_queryset(models.QuerySet)):
    """Finding people by what they know of themselves."""

    def create_user(self, username, password=None, *, phone="", id_number="", **fields):
        """A new person who may sign in."""
        user = self.model(username=username, **fields)
        user.phone, user.id_number = phone, id_number
        user.set_password(password)
        user.save(using=self._db)
        return user

    def by_phone(self, phone):
        """The person with this phone, or None."""
        return self.filter(
            phone_hash=vault.fingerprint("phone", identifiers.normalise_phone(phone) or "-")
        ).first()

    def by_id_number(self, number):
        """The person with this ID number, or None."""
        return self.filter(
            id_hash=vault.fingerprint("id", identifiers.normalise_id_number(number) or "-")
        ).first()


class User(AbstractBaseUser):
    """A person. Deactivated, never deleted. Phone and ID number are encrypted; reading them in full is logged by who reads."""

    username = models.CharField(_("用户名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    email = models.EmailField(_("邮箱"), blank=True)
    phone_sealed = models.TextField(blank=True)
    phone_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    phone_mask = models.CharField(_("手机号"), max_length=20, blank=True)
    id_sealed = models.TextField(blank=True)
    id_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    id_mask = models.CharField(_("证件号码"), max_length=24, blank=True)
    is_active = models.BooleanField(_("可登录"), default=True)
    elder = models.BooleanField(_("长者模式"), default=False)
    # As she chose it last while signed in; what is written to her while she is away follows it. Empty: she never chose.
    language = models.CharField(_("语言"), max_length=10, blank=True, default="", db_default="")
    alert_mail = models.BooleanField(_("预警邮件"), default=True, db_default=True)
    must_change_password = models.BooleanField(_("须修改密码"), default=False)
    password_set_at = models.DateTimeField(default=timezone.now)
    has_second_factor = models.BooleanField(_("已启用双重验证"), default=False)
    issued_until = models.DateTimeField(null=True, blank=True)  # how long a one-time password opens the door
    joined_at = models.DateTimeField(_("建档时间"), auto_now_add=True)
    # In whom she was found to be the same person; always the one who is left of a chain, see `accounts.oneself`.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="absorbed")

    objects = People()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("人员")
        indexes = [  # people sign in without minding capitals
            models.Index(Upper("username"), name="person_by_username"),
            models.Index(Upper("email"), name="person_by_email"),
            # by the last four digits, which the mask shows
            models.Index(Tail("phone_mask"), name="person_by_phone_tail"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["email"], condition=~Q(email=""), name="email_once"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (~Q(merged_into=models.F("pk")) & Q(is_active=False)),
                name="merged_is_inactive",
            ),
        ]

    def __str__(self):
        return self.name or self.username

    def set_password(self, raw_password):
        """Keep a password and since when it is in use."""
        super().set_password(raw_password)
        self.password_set_at = timezone.now()

    @property
    def password_is_old(self):
        """Whether the password has been in use for longer than passwords of office may be."""
        days = settings.PASSWORD_DAYS
        return bool(days) and timezone.now() - self.password_set_at > timedelta(days=days)

    @property
    def is_taken_up(self):
        """Whether she has made the account hers: by a password of her own, or by having signed in at all."""
        return self.last_login is not None or (self.has_usable_password() and not self.must_change_password)

    @property
    def phone(self):
        """The full phone number, decrypted."""
        return vault.decrypt(self.phone_sealed)

    @phone.setter
    def phone(self, text):
        phone = identifiers.normalise_phone(text) if text else ""
        self.phone_sealed = vault.encrypt(phone)
        self.phone_hash = vault.fingerprint("phone", phone)
        self.phone_mask = identifiers.mask_phone(phone)

    @property
    def id_number(self):
        """The full ID number, decrypted."""
        return vault.decrypt(self.id_sealed)

    @id_number.setter
    def id_number(self, text):
        number = identifiers.normalise_id_number(text) if text else ""
        self.id_sealed = vault.encrypt(number)
        self.id_hash = vault.fingerprint("id", number)
        self.id_mask = identifiers.mask_id_number(number)
