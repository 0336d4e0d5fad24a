"""Pages of a list."""

from django.core.paginator import Paginator

PER_PAGE = 30


def page_of(request, rows):
    """The page that the address asks for, with `pages` for the numbers under the list."""
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    page.pages = page.paginator.get_elided_page_range(page.number)
    return page


def filters_used(chosen):
    """What the log keeps of a list's filters: which were used and whether somebody searched, never what was typed.

    A search may hold a full ID number or phone, and the log keeps whatever it is given for ever.
    """
    names = sorted(name for name, value in chosen.items() if value and name not in ("q", "export", "page"))
    return {"filters": names, "searched": bool(chosen.get("q"))}


def export_address(request):
    """The same list as a workbook."""
    chosen = request.GET.copy()
    chosen.pop("page", None)
    chosen["export"] = "xlsx"
    return f"?{chosen.urlencode()}"
