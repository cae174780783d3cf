import asyncio

import pytest
import websockets


def test_a_socket_that_serves_keeps_nothing_of_its_handshake(floor):
    async def talk():
        async with floor.shopper(), floor.staff():
            return [
                connection._websocket.scope["headers"]
                for connection in floor.node.service.connections
            ]

    assert asyncio.run(talk()) == [[], []]


@pytest.mark.parametrize("path", ["/ws", "/ws/shopper/", "/ws/shoppers", "/api/overview", "/"])
def test_a_socket_at_any_other_address_gets_no_handshake(path, floor):
    async def knock():
        async with floor.socket(path):
            raise AssertionError("it opened")

    with pytest.raises(websockets.InvalidStatus) as refused:
        asyncio.run(knock())
    assert refused.value.response.status_code == 403
