"""The doors of the bank desk, shared by its views."""

from django.shortcuts import get_object_or_404

from accounts.permissions import roles
from exams.models import Item, ItemBank

WORK = roles("banks.work")


def bank_or_404(user, code):
    """A bank through the door of those who work in it."""
    return get_object_or_404(ItemBank.objects.worked_by(user).select_related("unit", "category"), code=code)


def item_or_404(bank, code):
    """An item of a bank that was already opened through its door."""
    found = Item.objects.filter(bank=bank).select_related("bank__unit", "current__author", "topic")
    return get_object_or_404(found, code=code)
