import asyncio

import pytest


def test_a_shopper_asks_and_the_bot_answers(floor):
    async def talk():
        async with floor.shopper() as shopper:
            accepted = await shopper.say("where is my parcel?")
            answer = await shopper.until_event("bot_answered")
            return accepted, answer

    accepted, answer = asyncio.run(talk())

    assert accepted["seq"] == 1
    assert answer["seq"] == 2
    assert answer["text"] == "You said: where is my parcel?"
    assert answer["author"] == {"role": "bot"}
    assert answer["source"] == "known"
