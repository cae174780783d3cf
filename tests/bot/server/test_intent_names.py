"""What staff are told that the shop's intents are called."""

import asyncio


def test_staff_read_intents_in_the_words_of_the_shop(floor):
    async def talk():
        async with floor.staff("mei") as mei:
            return (await mei.web.get("/api/intents")).json()["intents"]

    intents = asyncio.run(talk())

    assert intents["order_status"] == {"zh": "查订单和物流", "en": "Where is my order"}
