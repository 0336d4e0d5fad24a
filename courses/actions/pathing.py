"""Bringing the standard paths of posts into the house; they are shipped as data."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import PostKind
from audit.log import record
from audit.transitions import Refused
from catalog.models import ProductCategory
from courses.models import Path, PathStep

HEADINGS = ("path", "name", "post", "category", "kind", "code", "days")


@transaction.atomic
def load(rows, *, starts_on, by=None):
    """Enter or change paths by rows with `HEADINGS`, all or none; a path that stands already keeps the day from which it counts."""
    wanted = {}
    for number, row in enumerate(rows, start=2):
        if reason := why_not_row(row):
            raise Refused(_("第 %(number)s 行：%(reason)s") % {"number": number, "reason": reason})
        wanted.setdefault(row["path"], []).append(row)
    categories = {one.code: one for one in ProductCategory.objects.filter(valid_to=None)}
    made = []
    for code, steps in wanted.items():
        category = steps[0]["category"]
        if category and category not in categories:
            continue  # of a catalog that this house does not have
        fields = {
            "name": steps[0]["name"],
            "post_kind": steps[0]["post"],
            "category": categories.get(category),
        }
        path, _is_new = Path.objects.update_or_create(
            code=code, defaults=fields, create_defaults={**fields, "starts_on": starts_on}
        )
        path.steps.all().delete()
        PathStep.objects.bulk_create(
            PathStep(path=path, position=at, kind=one["kind"], code=one["code"], days=int(one["days"]))
            for at, one in enumerate(steps, start=1)
        )
        record("path.loaded", path, by=by, steps=len(steps))
        made.append(path)
    return made


def why_not_row(row):
    """Why a row of the table cannot be a step."""
    if missing := [name for name in HEADINGS if row.get(name) is None]:
        return _("缺少 %(names)s 列。") % {"names": _("、").join(missing)}
    if row["post"] not in PostKind.values:
        return _("没有“%(value)s”这种岗位。") % {"value": row["post"]}
    if row["kind"] not in PathStep.Kind.values:
        return _("没有“%(value)s”这种步骤。") % {"value": row["kind"]}
    if not row["days"].isdigit():
        return _("任职后天数应为整数。")
    if bool(row["code"]) == (row["kind"] == PathStep.Kind.CERTIFICATE):
        return _("课程、练习和考试应写明代码，证明不写。")
    return ""
