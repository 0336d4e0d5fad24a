"""The doors of messages, shared by their views."""

from django.shortcuts import get_object_or_404

from accounts.doors import holding
from accounts.permissions import roles
from messaging.models import Message

for_operators = holding(*roles("messages.see"))


def own_or_404(request, pk):
    """One of the visitor's own messages."""
    return get_object_or_404(Message.objects.of(request.user), pk=pk)


def seen_or_404(request, pk):
    """A message to somebody in the visitor's reach."""
    return get_object_or_404(
        Message.objects.seen_by(request.user).select_related("recipient", "batch"), pk=pk
    )
