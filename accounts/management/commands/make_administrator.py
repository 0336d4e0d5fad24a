"""Make the first administrator."""

import os
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.actions import make_administrator
from accounts.models import User


class Command(BaseCommand):
    """make_administrator USERNAME [--name NAME]: asks for the password, or takes it from ADMIN_PASSWORD."""

    help = "Make an administrator of the whole tree; ADMIN_PASSWORD may hold the password."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", default="")

    def handle(self, *args, username, name, **options):
        password = os.environ.get("ADMIN_PASSWORD") or self._ask()
        try:
            validate_password(password, User(username=username, name=name))
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        user = make_administrator(username, name=name, password=password)
        self.stdout.write(f"系统管理员 {user.username} 已就绪，可以登录。")

    def _ask(self):
        password = getpass("密码：")
        if password != getpass("再输一次："):
            raise CommandError("两次输入的密码不一致。")
        return password
