"""What the parts of a plan mean: the filter that names who may be drawn, the strata, the weights; each also in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import Enterprise, PostKind, Unit
from catalog.models import ProductCategory, Region

PRODUCES, SELLS, BOTH = "produces", "sells", "both"
TRADES = {
    PRODUCES: gettext_lazy("生产单位"),
    SELLS: gettext_lazy("销售单位"),
    BOTH: gettext_lazy("生产并销售"),
}
LAST = {"failed": gettext_lazy("上次抽查考核不合格"), "passed": gettext_lazy("上次抽查考核合格")}
# Factors by which a weight grows; the base is 1.
FACTORS = {
    "high": gettext_lazy("高风险企业"),
    "middle": gettext_lazy("较高风险企业"),
    "never": gettext_lazy("从未参加抽查考核"),
    "failed": gettext_lazy("上次抽查考核不合格"),
}


def weight_of(weights, *, risk, tested, last):
    """The weight of a person: the product of the factors that fit her."""
    found = weights.get(risk, 1)
    if not tested:
        found *= weights.get("never", 1)
    if last is False:
        found *= weights.get("failed", 1)
    return found


def in_words(check):
    """Who may be drawn, in pairs of label and words."""
    universe = check.universe
    unit = Unit.objects.filter(code=universe.get("unit", "")).first() or check.unit
    regions = Region.objects.filter(code__in=universe.get("regions", ())).values_list("name", flat=True)
    categories = ProductCategory.objects.filter(code__in=universe.get("categories", ()), valid_to=None)
    rows = [
        (_("机构及其下级"), unit.name),
        (_("区"), _joined(regions)),
        (_("产品类别"), _joined(category.label for category in categories)),
        (_("生产或销售"), TRADES.get(universe.get("trade"), "")),
        (_("风险等级"), _joined(Enterprise.Risk(one).label for one in universe.get("risks", ()))),
        (_("企业规模"), _joined(Enterprise.Size(one).label for one in universe.get("sizes", ()))),
        (_("岗位"), _joined(PostKind(one).label for one in universe.get("kinds", ()))),
        (_("上次结果"), LAST.get(universe.get("last"), "")),
        (_("考核经历"), _("只抽从未参加抽查考核的") if universe.get("never") else ""),
    ]
    return [(label, words or _("不限")) for label, words in rows]


def weights_in_words(weights):
    """The factors that are not 1."""
    told = [f"{FACTORS[name]} ×{factor}" for name, factor in weights.items() if factor != 1]
    return _joined(told) or _("人人相同")


def _joined(words):
    return pgettext("between the names of a list", "、").join(map(str, words))


def stratum_labels(by, codes):
    """{code: words} for the strata of a plan; one query at most."""
    if by == "risk":
        known = dict(Enterprise.Risk.choices)
    elif by == "kind":
        known = dict(PostKind.choices)
    elif by == "size":
        known = dict(Enterprise.Size.choices)
    elif by == "trade":
        known = TRADES
    elif by == "region":
        known = dict(Region.objects.filter(code__in=list(codes)).values_list("code", "name"))
    else:
        known = {"": _("全部")}
    return {code: str(known.get(code) or _("未注明")) for code in codes}
