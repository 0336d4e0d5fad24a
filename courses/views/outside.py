"""Outside training: entering it for oneself or for one's people, its evidence, and the second person's word."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts import exporting, scope
from accounts.models import Post
from accounts.paging import export_address, page_of
from accounts.permissions import roles
from accounts.serving import file_answer
from audit.log import record
from audit.transitions import Refused
from courses import presenting_classes
from courses.actions import outside as acts
from courses.doors_classes import checked_outside_or_404, for_enterers, for_hours, outside_or_404
from courses.forms.hours import OutsideFilter, OutsideForm, ReturnForm
from courses.models import OutsideTraining
from courses.queries import shortfalls as queries
from courses.queries.team import managed_posts

ENTERS = roles("outside.enter")


@for_hours
@require_GET
def outside_list(request):
    """The outside trainings of the visitor's people."""
    form = OutsideFilter(request.GET)
    found = queries.list_outside(request.user, **form.values())
    if exporting.is_asked(request):
        header = [
            _("姓名"),
            _("企业"),
            _("培训名称"),
            _("举办单位"),
            _("开始日期"),
            _("结束日期"),
            _("学时（小时）"),
            _("登记人"),
            _("状态"),
            _("核对人"),
        ]
        rows = (
            [one.person.name, one.post.enterprise.unit.name, one.title, one.organiser, one.begins_on, one.ends_on,
             presenting_classes.in_hours(one.minutes), one.entered_by, one.get_state_display(), one.decided_by or ""]
            for one in found
        )  # fmt: skip
        name = _("外部培训") + ".xlsx"
        return exporting.answer(request, name, header, rows, action="outside.exported", form=form)
    page = page_of(request, found)
    return render(
        request,
        "courses/classes/outside_list.html",
        {
            "form": form,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "page_obj": page,
            "rows": [presenting_classes.outside(one, request.user) for one in page],
            "export_url": export_address(request),
            "may_enter": scope.has_role(request.user, *ENTERS),
        },
    )


def _own_posts(user):
    found = Post.objects.filter(pk__in=[post.pk for post in scope.posts_of(user)])
    return found.select_related("person", "enterprise__unit")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Enter what one learned elsewhere; without a post there is nobody to check it."""
    posts = _own_posts(request.user)
    if not posts:
        messages.error(request, _("您现在没有任职，不能登记外部培训。"))
        return redirect("courses:my_hours")
    return _enter(request, posts, "courses:my_hours")


@for_enterers
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request):
    """Enter what one of the visitor's people learned elsewhere."""
    posts = managed_posts(request.user, timezone.localdate()).select_related("person", "enterprise__unit")
    return _enter(
        request, posts.exclude(person=request.user).order_by("person__name", "pk"), "courses:outside_list"
    )


def _enter(request, posts, back):
    form = OutsideForm(request.POST or None, request.FILES or None, by=request.user, posts=posts)
    if request.method == "POST" and form.is_valid():
        post = form.cleaned_data["post"]
        training = OutsideTraining(post=post, person=post.person, **form.said())
        try:
            made = acts.submit(training, form.cleaned_data["file"], by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已登记，等待另一人核对后计入学时。"))
            return redirect("courses:outside", made.pk)
    return _form_page(request, form, back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def mend(request, pk):
    """Write anew what was sent back."""
    found = outside_or_404(request, pk)
    if found.entered_by_id != request.user.pk:
        raise Http404
    form = OutsideForm(
        request.POST or None,
        request.FILES or None,
        by=request.user,
        posts=Post.objects.none(),
        training=found,
    )
    if request.method == "POST" and form.is_valid():
        try:
            acts.mend(found, form.cleaned_data.get("file"), by=request.user, **form.said())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已重新提交，等待核对。"))
            return redirect("courses:outside", pk)
    return _form_page(request, form, training=found)


def _form_page(request, form, **more):
    """The form, with a good file kept aside while something else is being mended."""
    if form.errors:
        form.keep_aside()
    status = 422 if form.errors else 200
    return render(request, "courses/classes/outside_edit.html", {"form": form, **more}, status=status)


@require_GET
@never_cache
def one(request, pk):
    """One outside training with its evidence, and the word of the second person for whoever may be that."""
    found = outside_or_404(request, pk)
    told = presenting_classes.outside(found, request.user)
    facts = [
        (_("人员"), found.person.name),
        (_("任职"), f"{found.post.get_kind_display()} · {found.post.enterprise.unit.name}"),
        (_("举办单位"), found.organiser),
        (
            _("日期"),
            f"{found.begins_on} – {found.ends_on}" if found.ends_on > found.begins_on else found.begins_on,
        ),
        (_("学时（小时）"), told["hours"]),
        (_("登记人"), f"{found.entered_by} · {timezone.localtime(found.entered_at):%Y-%m-%d %H:%M}"),
        (
            _("核对人"),
            found.decided_by
            and f"{found.decided_by} · {timezone.localtime(found.decided_at):%Y-%m-%d %H:%M}",
        ),
    ]
    return render(
        request,
        "courses/classes/outside.html",
        {
            "told": told,
            "training": found,
            "facts": [(label, value) for label, value in facts if value],
            "evidence": list(found.evidence.select_related("by")),
            "may_check": OutsideTraining.objects.checked_by(request.user).filter(pk=pk).exists(),
            "is_enterer": found.entered_by_id == request.user.pk,
            "form": ReturnForm(),
        },
    )


@require_safe
def evidence(request, pk, number):
    """One file, by the door of its training; nothing in it may run, and nothing keeps it."""
    found = outside_or_404(request, pk)
    kept = get_object_or_404(found.evidence, number=number)
    record("outside.evidence_opened", found, number=kept.number)
    return file_answer(kept)


@require_POST
def act(request, pk, act):
    """Confirm, send back, or take back."""
    if act == "withdraw":
        found, done = outside_or_404(request, pk), _("已撤回。")
        do = lambda: acts.withdraw(found, by=request.user)  # noqa: E731 - one of three
    elif act == "confirm":
        found, done = checked_outside_or_404(request, pk), _("已确认，学时已计入并记入个人档案。")
        do = lambda: acts.confirm(found, by=request.user)  # noqa: E731
    elif act == "return":
        found, done = checked_outside_or_404(request, pk), _("已退回，登记的人可以修改后再提交。")
        do = lambda: acts.send_back(found, by=request.user, why=request.POST.get("why", ""))  # noqa: E731
    else:
        raise Http404
    try:
        do()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("courses:outside", pk)
