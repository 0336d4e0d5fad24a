"""The appointment letter: what the house knows of a post, laid out for signature and seal; in Chinese whatever its reader reads."""

from django.utils import translation

from accounts.models import PostKind
from catalog.models import LegalProvision
from certificates import pdf

# Which order binds whom, and its article on appointing; the words come from the catalog.
ORDERS = {"produces": "ZJ75", "sells": "ZJ76"}
ARTICLE = "第三条"
BLANK_DAY = "　　　　年　　月　　日"


def legal_basis(enterprise, on):
    """The provisions on which an appointment in this enterprise rests, as far as the catalog holds them."""
    codes = [code for trade, code in ORDERS.items() if getattr(enterprise, trade)]
    provisions = LegalProvision.objects.in_force(on).filter(document__code__in=codes, article=ARTICLE)
    return list(provisions.select_related("document"))


def chinese_day(day):
    """A day as letters write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def render(post, *, printed_at, printed_by) -> bytes:
    """The letter of a post as PDF."""
    provisions = legal_basis(post.enterprise, post.appointed_on)
    with translation.override("zh-hans"):
        context = {
            "person": post.person,
            "enterprise": post.enterprise,
            "kind": post.get_kind_display(),
            "full_time": "专职" if post.full_time else "兼职",
            "categories": "、".join(category.name for category in post.categories.all()),
            "appointed_on": chinese_day(post.appointed_on),
            "paper": post.paper,
            "basis": "、".join(f"{p.document}（{p.document.number}）{p.article}" for p in provisions),
            "is_principal": post.kind == PostKind.PRINCIPAL,
            "sells_only": post.enterprise.sells and not post.enterprise.produces,
            "blank_day": BLANK_DAY,
            "printed_at": printed_at.strftime("%Y-%m-%d %H:%M"),
            "printed_by": printed_by,
        }
        return pdf.render_document("certificates/pdf/appointment_letter.html", context)
