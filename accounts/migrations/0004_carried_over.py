"""What the rows of before mean for the columns and tables that 0003 brings."""

from datetime import date, timedelta

from django.db import migrations
from django.db.models import Exists, OuterRef
from django.utils import timezone

FOREVER = "9999-12-31"


def let_them_end(apps, schema_editor):
    """One-time passwords that were issued before they could end have fourteen days from now."""
    people = apps.get_model("accounts", "User").objects.filter(must_change_password=True, issued_until=None)
    people.update(issued_until=timezone.now() + timedelta(days=14))


def fill(apps, schema_editor):
    """What the personnel files already say of certificates, as columns."""
    entries = apps.get_model("accounts", "RecordEntry").objects
    qualification = apps.get_model("accounts", "Qualification")
    later = entries.filter(subject=OuterRef("subject"), number__gt=OuterRef("number"))
    lines = entries.filter(~Exists(later), kind="certificate").order_by("pk")
    batch = []
    for line in lines.iterator(chunk_size=2000):
        batch.append(
            qualification(
                subject=line.subject,
                person_id=line.person_id,
                kind=line.facts.get("post_kind") or "",
                in_force=line.facts.get("state") == "in_force",
                until=date.fromisoformat(line.facts.get("expires_on") or FOREVER),
            )
        )
        if len(batch) == 2000:
            qualification.objects.bulk_create(batch)
            batch = []
    qualification.objects.bulk_create(batch)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_whole"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        migrations.RunPython(let_them_end, migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
        # allauth's table knows of an account elsewhere whose it is; that a person has one of each sort is our rule
        migrations.RunSQL(
            "CREATE UNIQUE INDEX outside_once_for_each_person ON socialaccount_socialaccount (user_id, provider)",
            "DROP INDEX outside_once_for_each_person",
        ),
    ]
