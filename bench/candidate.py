"""A simulated candidate: what a browser does from signing in to the review."""

import asyncio
import json
import random
import re

from bench.client import Browser

CHOICE = re.compile(
    r'<input type="(radio|checkbox)" name="q(\d+)/(options|value)" value="([^"]+)"[^>]*>'
    r'.*?<span class="option-text">(.*?)</span>',
    re.S,
)
CONFIG = re.compile(r'<script id="sitting-config" type="application/json">(.*?)</script>', re.S)


class Wrong(Exception):
    """The house answered otherwise than it should."""


def expect(answer, *statuses):
    """The answer, if its status is one of these."""
    if answer.status not in statuses:
        raise Wrong(f"{answer.status}: {answer.body[:300]!r}")
    return answer


class Candidate:
    """One person with one sitting; `said` is what was acknowledged, by position."""

    def __init__(self, pool, record, username, password="", session="", cookies=None, seed=0):
        self.browser = Browser(pool, record, cookies)
        self.username, self.password, self.session = username, password, session
        self.chance = random.Random(f"{seed}:{username}")
        self.attempt = 0
        self.next = 1
        self.questions = []
        self.said = {}
        self.waiting = []
        self.acknowledged = 0
        self._turn = asyncio.Lock()
        self.ended = ""

    async def see_login(self):
        """The sign-in page."""
        expect(await self.browser.get("/accounts/login/", "sign-in page"), 200)

    async def sign_in(self):
        """The sign-in itself."""
        data = {"login": self.username, "password": self.password}
        expect(await self.browser.post("/accounts/login/", "sign-in", data), 302)

    async def see_exam(self):
        """The briefing."""
        expect(await self.browser.get(f"/exams/sessions/{self.session}/", "exam page"), 200)

    async def start(self):
        """The button."""
        answer = expect(await self.browser.post(f"/exams/sessions/{self.session}/start/", "start", {}), 302)
        found = re.fullmatch(r"/exams/attempts/(\d+)/", answer.location)
        if not found:
            raise Wrong(f"start leads to {answer.location}")
        self.attempt = int(found[1])

    async def see_paper(self):
        """The sitting page; remembers what can be answered."""
        address = f"/exams/attempts/{self.attempt}/"
        answer = expect(await self.browser.get(address, "paper"), 200)
        if not CONFIG.search(answer.text):
            # Begun by a start whose answer was lost, and with it the device's name: a person presses "go on here".
            expect(await self.browser.post(f"{address}take-over/", "take-over", {}), 302)
            answer = expect(await self.browser.get(address, "paper"), 200)
        self.read(answer.text)

    def read(self, page):
        """Find the questions and their options in a page."""
        questions = {}
        for kind, position, last, value, text in CHOICE.findall(page):
            question = questions.setdefault(
                int(position), {"kind": last, "single": kind == "radio", "options": []}
            )
            question["options"].append((value, text))
        self.questions = sorted(questions.items())
        config = json.loads(CONFIG.search(page)[1])
        self.next = config["last"] + 1
        if len(self.questions) != config["total"]:
            raise Wrong(f"{len(self.questions)} questions of {config['total']}")

    def choose(self, question):
        """Some answer: (payload, what a reader would call it)."""
        if question["kind"] == "value":
            value, _text = self.chance.choice(question["options"])
            return {"value": value == "true"}, value == "true"
        count = 1 if question["single"] else self.chance.randint(1, len(question["options"]))
        chosen = self.chance.sample(question["options"], count)
        return {"options": [value for value, _text in chosen]}, sorted(text for _value, text in chosen)

    def entries(self, questions):
        """Answers to these questions, numbered as the page numbers them."""
        made = []
        for position, question in questions:
            payload, told = self.choose(question)
            made.append(
                ({"number": self.next, "position": position, "payload": payload, "flagged": False}, told)
            )
            self.next += 1
        return made

    async def save(self, questions, kind="save"):
        """Answer these questions and keep what the house acknowledged; like the page, one send at a time."""
        async with self._turn:
            self.waiting += self.entries(questions)
            return await self.send(kind)

    async def send(self, kind="save", address="save"):
        """Send what waits; gives the status."""
        batch = list(self.waiting)
        body = json.dumps({"entries": [entry for entry, _told in batch]}).encode()
        answer = await self.browser.post_json(f"/exams/attempts/{self.attempt}/{address}/", kind, body)
        if answer.status == 200:
            told = json.loads(answer.body)
            for entry, said in batch:
                self.said[entry["position"]] = said
                self.acknowledged = max(self.acknowledged, entry["number"])
            self.waiting = [one for one in self.waiting if one not in batch]
            if address == "save" and told["last"] < self.acknowledged:
                raise Wrong(f"acknowledged up to {told['last']} instead of {self.acknowledged}")
        return answer

    async def hand_in(self):
        """Hand in and look at the result."""
        expect(await self.send("hand-in", "hand-in"), 200)
        await self.see_result()

    async def see_result(self):
        """The result's page."""
        expect(await self.browser.get(f"/exams/attempts/{self.attempt}/result/", "result"), 200)

    async def review(self):
        """The review."""
        expect(await self.browser.get(f"/exams/attempts/{self.attempt}/review/", "review"), 200)

    def truth(self):
        """What must stand in the database."""
        return {"attempt": self.attempt, "said": self.said, "last": self.acknowledged}
