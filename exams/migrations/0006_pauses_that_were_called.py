from django.db import migrations
from django.db.models import OuterRef, Q, Subquery


def called(apps, schema_editor):
    """Of the clocks that stand still now a pause holds those that no proposal to terminate stopped."""
    Attempt, Termination = apps.get_model("exams", "Attempt"), apps.get_model("exams", "Termination")
    steps = Termination.objects.filter(attempt=OuterRef("pk")).order_by("-number")
    standing = Attempt.objects.filter(state="in_progress", paused_at__isnull=False).annotate(
        step=Subquery(steps.values("kind")[:1]), stopped=Subquery(steps.values("stopped_clock")[:1])
    )
    by_a_pause = standing.filter(Q(step__isnull=True) | ~Q(step="proposed") | Q(stopped=False))
    Attempt.objects.filter(pk__in=list(by_a_pause.values_list("pk", flat=True))).update(pause_called=True)


class Migration(migrations.Migration):
    dependencies = [("exams", "0005_spot_checks")]

    operations = [migrations.RunPython(called, migrations.RunPython.noop)]
