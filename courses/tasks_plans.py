"""What the background worker does for plans, for courses given to very many, and for days that are over."""

from django.utils import timezone
from django_tasks import task

from courses.actions import assigning, closing_days, planning
from courses.models import Assignment, TrainingPlan
from courses.queries import plans


@task()
def fill_plan(plan_pk):
    """Give by a plan what its people lack; gives how many places that were."""
    plan = TrainingPlan.objects.select_related("enterprise__unit").get(pk=plan_pk)
    return planning.fill(plan) if plan.state == TrainingPlan.State.IN_FORCE else 0


@task()
def fill_plans():
    """Whoever was appointed since gets what the plans in force ask."""
    return sum(planning.fill(plan) for plan in plans.in_force())


@task()
def assign(assignment_pk):
    """Carry out a bulk assignment, or go on where a worker died."""
    return assigning.carry_out(Assignment.objects.get(pk=assignment_pk)).state


@task()
def close_days():
    """Write down the verified hours of the days that are over."""
    return closing_days.close_days(now=timezone.now())
