"""What a password must be besides long: mixed, not about its owner, and new."""

import re

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import FormerPassword

CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z\d]")
WANTED = 3
SHORTEST_NAME = {"ascii": 4, "other": 2}  # two Chinese characters are a name, two letters are in every word
HISTORY = 5


class InOurWords:
    """Django's rule; its Chinese is not complete, and says 你 where the house says 您."""

    def get_error_message(self):
        """What is wrong is told by the rule."""
        return self.get_help_text()


class LongEnough(InOurWords, MinimumLengthValidator):
    """So many characters at least."""

    def get_help_text(self):
        """The rule."""
        return _("密码至少 {count} 个字符。").format(count=self.min_length)


class NotSimilar(InOurWords, UserAttributeSimilarityValidator):
    """Not like the name, the username or the address of mail."""

    def get_help_text(self):
        """The rule."""
        return _("密码不能与姓名、用户名或邮箱相近。")


class NotCommon(InOurWords, CommonPasswordValidator):
    """None that many have."""

    def get_help_text(self):
        """The rule."""
        return _("密码不能是常见的密码。")


class Mixed:
    """Three of four: small letters, capitals, digits, other characters."""

    def validate(self, password, user=None):
        """Refuse what is too plain."""
        if sum(bool(re.search(one, password)) for one in CLASSES) < WANTED:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self):
        """The rule."""
        return _("密码须包含小写字母、大写字母、数字、其他字符这四类中的至少三类。")


class NotAboutOneself:
    """Neither name nor username, phone, ID number or address of mail."""

    def validate(self, password, user=None):
        """Refuse what holds something that others know of the owner."""
        if user is None:
            return
        typed = password.lower()
        if any(word in typed for word in map(str.lower, _known_of(user))):
            raise ValidationError(self.get_help_text(), code="password_about_oneself")

    def get_help_text(self):
        """The rule."""
        return _("密码不能包含姓名、用户名、手机号、证件号码或邮箱。")


def _known_of(user):
    for name in (user.name, user.username, user.email.partition("@")[0]):
        if len(name) >= SHORTEST_NAME["ascii" if name.isascii() else "other"]:
            yield name
    if user.phone_sealed:
        yield user.phone[-8:]
    if user.id_sealed:
        yield user.id_number[-6:]
        yield user.id_number[6:14]  # the birthday


class NotUsedBefore:
    """Neither the present password nor one of the last five."""

    def validate(self, password, user=None):
        """Refuse what the person had; costs as many checks as there are hashes."""
        if user is None or user.pk is None:
            return
        if check_password(password, user.password):
            raise ValidationError(_("新密码不能与当前密码相同。"), code="password_unchanged")
        former = FormerPassword.objects.filter(person_id=user.pk).order_by("-pk")
        for encoded in former.values_list("encoded", flat=True)[:HISTORY]:
            if check_password(password, encoded):
                raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self):
        """The rule."""
        return _("不能使用最近用过的五个密码。")
