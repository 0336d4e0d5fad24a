"""What the background worker does for spot checks."""

from django_tasks import task

from supervision.actions import packages
from supervision.models import EvidencePackage


@task()
def make_package(package_pk):
    """Make an evidence package that was asked for; a second worker finds it made."""
    package = EvidencePackage.objects.select_related("check_of__unit", "by").get(pk=package_pk)
    if package.state == EvidencePackage.State.WAITING:
        package = packages.make(package)
    return package.state


@task()
def clear_packages():
    """Throw away the packages whose days are over."""
    packages.sweep()
