import asyncio

from tests.bot.server.floor import open_floor, sign_in


def test_an_admin_reads_figures_that_say_of_how_many_they_are(tmp_path):
    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.ask("How much is delivery?")
        async with floor.web() as web:
            await sign_in(web, "boss")
            told = (await web.get("/api/figures", params={"days": 30})).json()
            refused = [
                (await web.get(f"/api/figures?days={days}")).status_code for days in (0, 999)
            ]
            return told, refused

    with open_floor(tmp_path) as floor:
        told, refused = asyncio.run(talk(floor))

    assert (told["days"], told["conversations"], told["bot_only"]) == (30, 1, 1)
    assert told["first_wait"] == {"count": 0, "median_seconds": None, "p90_seconds": None}
    assert told["scores"] == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}
    assert (told["waiting_now"], told["longest_waiting_since"]) == (0, None)
    assert refused == [400, 400]
