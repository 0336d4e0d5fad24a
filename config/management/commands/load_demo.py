"""Load the demo city into an empty database."""

from django.core.management.base import BaseCommand

from accounts.models import Enterprise, Post, User
from certificates.models import Certificate
from config.demo.loading import load
from exams.models import Attempt, Item


class Command(BaseCommand):
    """load_demo: once, all or nothing; where people are known it changes nothing."""

    help = "Load the demo city (organs, enterprises, people, question banks, exams, results) into an empty database."

    def handle(self, *args, **options):
        """Load and count."""
        if not load():
            self.stdout.write("数据库中已有人员，演示数据未载入，没有任何改动。")
            return
        counts = {
            "企业": Enterprise,
            "人员": User,
            "任职": Post,
            "试题": Item,
            "答卷": Attempt,
            "合格证明": Certificate,
        }
        told = "、".join(f"{name} {model.objects.count()}" for name, model in counts.items())
        self.stdout.write(f"演示城市已载入：{told}")
