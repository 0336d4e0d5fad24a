"""Work off the background queue."""

from django.core.management.base import BaseCommand

from operations.worker import HouseWorker


class Command(BaseCommand):
    """work: one worker in the foreground, for a service of its own. Beside the server one runs already unless WORKER=0."""

    help = "Work off the queue of background tasks and tick the periodic jobs until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="work off what is ready now, then end")

    def handle(self, *args, **options):
        """Work."""
        worker = HouseWorker()
        if not options["once"]:
            worker.work()
            return
        done = 0
        while worker.run_one():
            done += 1
        self.stdout.write(f"{done} done")
