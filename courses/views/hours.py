"""Hours of a year: one's own, those of one's people, and the rules."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import exporting, scope
from accounts.paging import export_address, page_of
from audit.transitions import Refused
from courses import presenting_classes
from courses.actions import hour_rules as acts
from courses.doors_classes import for_hours, for_rulers, rule_or_404
from courses.forms.hours import EndRuleForm, HourRuleForm, ShortfallFilter
from courses.models import HourRule, OutsideTraining
from courses.queries import classes as class_queries
from courses.queries import shortfalls as queries
from courses.queries.yearly import Hours, hours_between

YEARS_SHOWN = 5


@require_GET
@never_cache
def mine(request):
    """One's own hours: this year by source, what the rules ask, the years before, classes and outside trainings."""
    today = timezone.localdate()
    told = hours_between([request.user], today.year - YEARS_SHOWN + 1, today.year).get(request.user.pk, {})
    return render(
        request,
        "courses/classes/my_hours.html",
        {
            "year": today.year,
            "hours": presenting_classes.hours(told.get(today.year, Hours())),
            "owed": [
                presenting_classes.year_row(row) for row in queries.of_person(request.user, today.year, today)
            ],
            "years": [
                (year, presenting_classes.in_hours(one.total))
                for year, one in sorted(told.items(), reverse=True)
                if year < today.year
            ],
            "attended": class_queries.attended(request.user)[:30],
            "trainings": [
                presenting_classes.outside(one, request.user)
                for one in OutsideTraining.objects.of(request.user).told()[:30]
            ],
            "may_enter": bool(scope.posts_of(request.user)),
        },
    )


@for_hours
@require_GET
def shortfalls(request):
    """Who of the visitor's people owes how many hours, and what is lacking; without a rule it says why there is none."""
    today = timezone.localdate()
    years = range(today.year, today.year - YEARS_SHOWN, -1)
    year = int(request.GET["year"]) if request.GET.get("year") in map(str, years) else today.year
    rules = queries.rules_for(request.user, queries.day_of(year, today))
    form = ShortfallFilter(request.GET, years=years, rules=rules)
    said = form.values()
    chosen = [rule for rule in rules if not said["rule"] or str(rule.pk) == said["rule"]]
    everybody = queries.list_short(request.user, chosen, year, today, said["q"])
    rows = [row for row in everybody if not said["state"] or row.state == said["state"]]
    if exporting.is_asked(request):
        return _exported(request, form, rows)
    page = page_of(request, rows)
    return render(
        request,
        "courses/classes/shortfalls.html",
        {
            "form": form,
            "year": year,
            "rules": rules,
            "chosen": said["rule"],
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [presenting_classes.year_row(row) for row in page],
            "counts": {
                "all": len(everybody),
                "short": sum(row.state == queries.SHORT for row in everybody),
                "met": sum(row.state == queries.MET for row in everybody),
            },
            "export_url": export_address(request),
            "may_rule": scope.has_role(request.user, *queries.RULES),
        },
    )


def _exported(request, form, rows):
    header = [
        _("姓名"), _("企业"), _("岗位"), _("年度"), _("学时规则"), _("依据"), _("应学（小时）"), _("课程（分钟）"), _("课堂（分钟）"),
        _("外部培训（分钟）"), _("计入（小时）"), _("上年结转（小时）"), _("还差（小时）"),
    ]  # fmt: skip
    hours = presenting_classes.in_hours
    told = (
        [row.post.person.name, row.post.enterprise.unit.name, row.post.get_kind_display(), row.year.year, row.rule.name,
         row.rule.legal_basis, hours(row.year.owed), row.hours.course, row.hours.classes, row.hours.outside,
         hours(row.year.done), hours(row.year.carried), hours(row.year.short)]
        for row in rows
    )  # fmt: skip
    name = _("年度学时") + ".xlsx"
    return exporting.answer(request, name, header, told, action="shortfalls.exported", form=form)


@for_hours
@require_GET
def rules(request):
    """The rules of hours that concern the visitor's units, and why none is shipped."""
    today = timezone.localdate()
    ended = set(queries.rules_ended_by(request.user).values_list("pk", flat=True))
    return render(
        request,
        "courses/classes/rules.html",
        {
            "rows": [
                {
                    "it": one,
                    "is_on": one.starts_on <= today and (one.over_on is None or one.over_on > today),
                    "is_over": one.over_on is not None and one.over_on <= today,
                    "sources": _("、").join(
                        str(label) for code, label in HourRule.Source.choices if code in one.sources
                    ),
                    "may_end": one.pk in ended
                    and not hasattr(one, "end")
                    and (one.over_on is None or one.over_on > today),
                }
                for one in queries.rules_seen_by(request.user).told()
            ],
            "today": today,
            "may_rule": scope.has_role(request.user, *queries.RULES),
        },
    )


@for_rulers
@require_http_methods(["GET", "HEAD", "POST"])
def rule_new(request):
    """Add a rule, with its legal basis."""
    today = timezone.localdate()
    initial = {"sources": HourRule.Source.values, "starts_on": today.replace(month=1, day=1)}
    form = HourRuleForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        acts.add(form.instance, by=request.user)
        messages.success(request, _("学时规则已添加；只能终止，不能修改。"))
        return redirect("courses:hour_rules")
    return render(
        request, "courses/classes/rule_new.html", {"form": form}, status=422 if form.errors else 200
    )


@for_rulers
@require_POST
def rule_end(request, pk):
    """End a rule."""
    found, form = rule_or_404(request, pk), EndRuleForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect("courses:hour_rules")
    try:
        acts.end(found, by=request.user, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("规则已终止。"))
    return redirect("courses:hour_rules")
