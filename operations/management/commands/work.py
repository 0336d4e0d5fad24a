"""Work off the background queue."""

import os

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """work: one worker in the foreground, for a service of its own. Beside the server one runs already unless WORKER=0."""

    help = "Work off the queue of background tasks and tick the periodic jobs until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="work off what is ready now, then end")

    def run_from_argv(self, argv):
        """As a process of its own it counts in a file that /metrics of this node reads; prometheus-client looks for the folder when it
        is imported, which is later than here.
        """
        folder = settings.VAR_DIR / "measures-work"  # not the server's, which it sweeps whenever it starts
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*_*.db"):
            if not os.path.exists(
                f"/proc/{file.stem.rpartition('_')[2]}"
            ):  # counted by a worker that is gone
                file.unlink(missing_ok=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        super().run_from_argv(argv)

    def handle(self, *args, **options):
        """Work."""
        from operations.worker import HouseWorker

        worker = HouseWorker()
        if options["once"]:
            self.stdout.write(f"{worker.work_off()} done")
        else:
            worker.work()
