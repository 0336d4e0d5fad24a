import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import audit.append_only
import exams.models.attempts


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0002_chains"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="intervention",
            name="seal",
            field=exams.models.attempts.Keyed(default="", max_length=64, verbose_name="封存码"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="result",
            name="seal",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=64, verbose_name="封存码"
            ),
        ),
        migrations.CreateModel(
            name="Filing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(verbose_name="文件生成时间")),
                ("entries", models.JSONField()),
                ("why", models.CharField(max_length=200, verbose_name="原因")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("seal", models.CharField(max_length=64, verbose_name="封存码")),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="filings",
                        to="exams.attempt",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "result",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="filing",
                        to="exams.result",
                    ),
                ),
            ],
            options={
                "verbose_name": "应急答卷",
                "ordering": ["attempt", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("attempt", "number"), name="filing_number_once"),
                    models.UniqueConstraint(fields=("attempt", "digest"), name="filing_once"),
                    audit.append_only.AppendOnly(name="filing_append_only"),
                ],
            },
        ),
    ]
