"""Move every sealed value to the newest key."""

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import keys
from audit.transitions import Refused


class Command(BaseCommand):
    """rotate_keys [--new]: may be killed and run again at any moment, while the house works."""

    help = "Encrypt every phone and ID number with the newest key; --new makes one first."

    def add_arguments(self, parser):
        """Declare the arguments."""
        parser.add_argument("--new", action="store_true", help="put a new key into field_keys.json first")

    def handle(self, *, new, **options):
        """Rotate, tell how far it is, and fail if anything is not as it should be."""
        if new:
            try:
                self.stdout.write(
                    f"已加入新密钥 {keys.add_key()}。请另行备份 field_keys.json，旧密钥不能删除。"
                )
            except Refused as refusal:
                raise CommandError(str(refusal)) from None
        outcome = keys.rotate(self._tell)
        self.stdout.write(f"换到密钥 {outcome.key}：{outcome.moved} 行；全部 {outcome.read} 个加密值可读。"
                          if outcome.is_whole else f"换到密钥 {outcome.key}：{outcome.moved} 行。")  # fmt: skip
        for row, column in outcome.unreadable:
            self.stderr.write(f"不可读：{row} {column}")
        if outcome.unreadable:
            raise CommandError(
                f"{len(outcome.unreadable)} 个加密值不可读，已列出行号；其余 {outcome.read} 个可读。"
            )
        if outcome.left:
            raise CommandError(f"还有 {outcome.left} 行被占用，没有换到新密钥，请再运行一次。")
        self.stdout.write(
            "请重启各进程，再运行一次 rotate_keys：其间用旧密钥写入的少量值会一并换过来。"
            if new
            else "完成。"
        )

    def _tell(self, moved):
        self.stdout.write(f"已换 {moved} 行")
        self.stdout.flush()
