"""A node notices what was trained while it serves."""

import asyncio
from datetime import UTC, datetime

from bot.answering.answer import Answer, Decision, Source, Trace
from tests.bot.answering.trained_shop import intent_of, sets_in, train, training_in
from tests.bot.server.floor import open_floor, sign_in

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TEXT = "warranty please"


class SaysTheIntent:
    """Answers with the intent that the trained set tells."""

    def __init__(self, training):
        self.training = training

    def answer_batch(self, questions):
        return [self._answer(question) for question in questions]

    def foresee(self, text):
        return lambda: None

    def write(self, unwritten):
        return unwritten.otherwise

    def _answer(self, question):
        said = intent_of(self.training, question.text)
        trace = Trace("en", rule="script")
        return Answer(Decision.ANSWER, said, 0.9, "en", trace, question.memory, source=Source.KNOWN)


async def says(floor, text, *answers):
    """Ask until one of the answers comes; a node polls several times a second."""
    async with floor.shopper() as shopper:
        for _ in range(100):
            said = (await shopper.ask(text))["text"]
            if said in answers:
                return said
            await asyncio.sleep(0.1)
    return said


def test_a_node_answers_by_what_is_trained_while_it_serves(tmp_path):
    train(tmp_path, "cost", "status")
    training = training_in(tmp_path)
    training.load(NOW)
    answerer = SaysTheIntent(training)

    async def work(floor):
        before = await says(floor, "cost please", "cost")
        train(tmp_path, "cost", "status", "warranty")
        return before, await says(floor, TEXT, "warranty")

    options = {"training": training, "answerer": answerer, "bus_poll_seconds": 0.2}
    with open_floor(tmp_path, **options) as floor:
        assert asyncio.run(work(floor)) == ("cost", "warranty")


def test_what_cannot_be_taken_over_is_told_to_admins_and_the_old_one_answers(tmp_path):
    train(tmp_path, "cost", "status")
    training = training_in(tmp_path)
    training.load(NOW)

    async def work(floor):
        async with floor.web() as web:
            await sign_in(web, "boss")
            with sets_in(tmp_path).being_made():  # or it is taken over before it is spoiled
                train(tmp_path, "cost", "status", "warranty")
                (tmp_path / "intents" / "model.json").write_bytes(b"{}")
            for _ in range(100):
                told = (await web.get("/api/overview")).json()["versions"]
                if "training_refused" in told:
                    break
                await asyncio.sleep(0.1)
            return told, await says(floor, "cost please", "cost")

    options = {"training": training, "answerer": SaysTheIntent(training), "bus_poll_seconds": 0.2}
    with open_floor(tmp_path, **options) as floor:
        told, said = asyncio.run(work(floor))
    assert "altered" in told["training_refused"]
    assert told["intents"] == training.current.intents.version
    assert said == "cost"
