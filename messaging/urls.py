"""Addresses of messages."""

from django.urls import path

from messaging.views import inbox, ledger

app_name = "messaging"
urlpatterns = [
    path("messages/", inbox.inbox, name="inbox"),
    path("messages/read/", inbox.read_all, name="read_all"),
    path("messages/mail/", inbox.mail, name="mail"),
    path("messages/ledger/", ledger.ledger, name="ledger"),
    path("messages/ledger/<int:pk>/", ledger.proof, name="proof"),
    path("messages/kinds/", ledger.preview, name="kinds"),
    path("messages/<int:pk>/", inbox.message, name="message"),
    path("messages/<int:pk>/confirm/", inbox.confirm, name="confirm"),
]
