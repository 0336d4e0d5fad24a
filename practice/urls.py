"""Addresses of practice; all of them lie below /practice/, for that is as far as its worker reaches."""

from django.urls import path

from exams import converters  # noqa: F401 - its names are used below
from practice.views import lists, mocks, phone, sets

app_name = "practice"
urlpatterns = [
    path("practice/", lists.home, name="home"),
    path("practice/go/<slug:code>/", sets.go, name="go"),
    path("practice/topics/<key:pk>/", sets.topic, name="topic"),
    path("practice/items/<key:pk>/", sets.item, name="item"),
    path("practice/items/<key:pk>/favourite/", sets.favourite, name="favourite"),
    path("practice/said/", sets.said, name="said"),
    path("practice/reviews/<slug:device>/", sets.reviews, name="reviews"),
    path("practice/wrong/", lists.wrong, name="wrong"),
    path("practice/favourites/", lists.favourites, name="favourites"),
    path("practice/search/", lists.search, name="search"),
    path("practice/confidence/", lists.confidence, name="confidence"),
    path("practice/mock/", mocks.mocks, name="mocks"),
    path("practice/mock/begin/", mocks.begin, name="mock_begin"),
    path("practice/mock/<key:pk>/", mocks.mock, name="mock"),
    path("practice/mock/<key:pk>/hand-in/", mocks.hand_in, name="mock_hand_in"),
    path("practice/answers/", phone.answers, name="answers"),
    path("practice/pack/", phone.pack, name="pack"),
    path("practice/offline/", phone.offline, name="offline"),
    path("practice/worker.js", phone.worker, name="worker"),
]
