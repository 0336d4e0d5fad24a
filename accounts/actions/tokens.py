"""Making and ending tokens of other systems."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import scope, tokens
from accounts.models import ApiToken, Role, TokenScope
from audit.log import record
from audit.transitions import Refused

LONGEST = timedelta(days=365)


@transaction.atomic
def make_token(unit, *, name, scopes, expires_on, by):
    """A token for a unit in one's reach, from today for at most a year: the row, and the secret that nobody can read again."""
    if not unit.path.startswith(tuple(scope.paths(by, Role.ADMIN))):
        raise Refused(_("只能为自己管理范围内的单位建立令牌。"))
    wanted = [one for one in TokenScope.values if one in scopes]
    if not wanted or len(wanted) != len(set(scopes)):
        raise Refused(_("请至少选择一项可读取的内容。"))
    today = timezone.localdate()
    if not today <= expires_on <= today + LONGEST:
        raise Refused(_("有效期最早为今天，最长一年。"))
    prefix, secret = tokens.new_secret()
    token = ApiToken.objects.create(
        name=name,
        unit=unit,
        scopes=wanted,
        prefix=prefix,
        secret_hash=tokens.hashed(secret),
        made_by=by,
        starts_on=today,
        expires_on=expires_on,
    )
    record("token.made", token, by=by, unit=unit.code, scopes=wanted, expires_on=expires_on.isoformat())
    return token, secret


@transaction.atomic
def end_token(token, *, by):
    """End a token at once; ending it twice changes nothing."""
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("unit").get(pk=token.pk)
    if token.ended_at is None:
        token.ended_at = timezone.now()
        token.save(update_fields=["ended_at"])
        record("token.ended", token, by=by, unit=token.unit.code)
    return token
