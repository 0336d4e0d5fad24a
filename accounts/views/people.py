"""People as their enterprises and regulators see them."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import acting_for, actions, alike, exporting, identifiers, queries, scope, telling
from accounts.desks import address
from accounts.doors import holding
from accounts.forms import PeopleFilter, RevealForm
from accounts.models import User
from accounts.paging import export_address, page_of
from accounts.permissions import roles
from accounts.reach import Reach, places_of
from audit.transitions import Refused

OVERSEERS = roles("people.see")


@holding(*OVERSEERS)
def people(request):
    """The people in post in one's enterprises.

    Filters live in the address, so a search for a whole ID number or phone stands there too. It is answered, but goes no
    further: the log keeps only that somebody searched, the browser tells no next page the address it came from, and
    nothing keeps the answer. The policy is not `no-referrer`, under which browsers hide the origin of forms as well.
    """
    today = timezone.localdate()
    form = PeopleFilter(request.GET, viewer=request.user)
    chosen = form.values()
    response = _people(request, form, chosen, today)
    if not (identifiers.why_not_phone(chosen["q"]) and identifiers.why_not_id_number(chosen["q"])):
        response["Referrer-Policy"] = "strict-origin"
        add_never_cache_headers(response)
    return response


def _people(request, form, chosen, today):
    found = queries.list_people(request.user, **chosen, on=today)
    found = queries.with_posts(found, request.user)
    if exporting.is_asked(request):
        return _people_workbook(request, found, today, form)
    page = page_of(request, found)
    rows = [(person, telling.posts(pairs)) for person, pairs in queries.standings(page, today)]
    context = {"form": form, "page_obj": page, "rows": rows, "export_url": export_address(request)}
    return render(request, "people/people.html", context)


def _people_workbook(request, found, today, form):
    header = [_("姓名"), _("证件号码"), _("手机号"), _("企业"), _("统一社会信用代码"), _("区"), _("岗位"),
              _("任职日期"), _("离任日期"), _("在岗有效"), _("证明有效期至")]  # fmt: skip
    rows = []
    for person, pairs in queries.standings(list(found[: exporting.MOST_ROWS + 1]), today):
        numbers = exporting.Sealed(person, "id_number"), exporting.Sealed(person, "phone")
        for told in telling.posts(pairs):
            post, standing = told["post"], told["standing"]
            unit = post.enterprise.unit
            rows.append([
                person.name, *numbers, unit.name, post.enterprise.uscc, unit.region or "",
                post.get_kind_display(), post.appointed_on, post.ended_on or "",
                standing["label"] if standing else _("已离任"), standing["until"] if standing else "",
            ])  # fmt: skip
    return exporting.answer(
        request, _("质量安全人员.xlsx"), header, rows, action="people.exported", form=form
    )


def _person_page(request, pk, *, form=None, factor_form=None, revealed=None, status=200):
    today = timezone.localdate()
    seen = queries.with_posts(queries.people_seen_by(request.user), request.user)
    person = get_object_or_404(seen, pk=pk)
    [(_person, pairs)] = queries.standings([person], today)
    file = queries.file_of(person, request.user, today)
    sealed = Reach(request.user, today).why_sealed(places_of([person], today)[person.pk])
    context = {
        "person": person,
        "posts": telling.posts(pairs),
        "entries": [telling.entry(line, today) for line in file],
        "form": form or RevealForm(),
        "may_issue": not queries.why_not_issue(person, by=request.user, on=today),
        "may_remove_factor": not queries.why_not_remove_factor(person, by=request.user, on=today),
        "factor_form": factor_form or RevealForm(prefix="factor"),
        "may_act_for": scope.has_role(request.user, *roles("people.represent"))
        and not acting_for.why_not(request.user, person, today),
        "slip_url": address("certificates:slip", person.pk),
        "also": alike.also_known_as(person),
        "revealed": revealed,
        "why_sealed": _(sealed) if sealed else "",
        "file_url": address("certificates:person_file", person.pk),
    }
    return render(request, "people/person.html", context, status=status)


def person(request, pk):
    """One person: posts, standing, file; an account that was merged leads to the one that is left."""
    left = User.objects.filter(pk=pk).values_list("merged_into_id", flat=True).first()
    if left and queries.people_seen_by(request.user).filter(pk=left).exists():
        return redirect("people:person", left)
    return _person_page(request, pk)


@never_cache
@require_POST
def reveal(request, pk):
    """Show phone and ID number in full, once, for a reason."""
    person = get_object_or_404(queries.people_seen_by(request.user), pk=pk)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _person_page(request, pk, form=form, status=422)
    try:
        revealed = actions.reveal(person, reason=form.cleaned_data["reason"], by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("people:person", pk)
    return _person_page(request, pk, revealed=revealed)


@never_cache
@require_POST
def set_password(request, pk):
    """Issue a one-time password and show it on the answer, nowhere else and never again."""
    person = get_object_or_404(queries.people_seen_by(request.user), pk=pk)
    try:
        password = actions.issue_password(person, by=request.user, on=timezone.localdate())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("people:person", pk)
    sign_in = request.build_absolute_uri(address("account_login"))
    context = {"person": person, "password": password, "address": sign_in}
    return render(request, "people/password.html", context)


@require_POST
def remove_second_factor(request, pk):
    """Take a lost second factor away, for a reason."""
    person = get_object_or_404(queries.people_seen_by(request.user), pk=pk)
    form = RevealForm(request.POST, prefix="factor")
    if not form.is_valid():
        return _person_page(request, pk, factor_form=form, status=422)
    reason = form.cleaned_data["reason"]
    try:
        actions.remove_second_factor(person, reason=reason, by=request.user, on=timezone.localdate())
        messages.success(
            request, _("已解除 %(name)s 的双重验证，其所有设备已退出登录。") % {"name": person.name}
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("people:person", pk)
