"""Print the documents of the demo's courses anew, after their texts were changed."""

from django.core.management.base import BaseCommand

from config.demo import handouts


class Command(BaseCommand):
    """print_handouts: every Markdown text of a document lesson becomes the PDF beside it."""

    help = "Print the PDF documents of the demo's courses from their Markdown."

    def handle(self, *args, **options):
        """Print and name each."""
        for source in handouts.sources():
            target = source.with_suffix(".pdf")
            target.write_bytes(handouts.printed(source))
            self.stdout.write(f"{target.name} {source.parent.name}: {target.stat().st_size // 1024} KiB")
