import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from rasa_sdk import Action

from bot.actions.action_runner import ActionCall, ActionFailed, InProcessActions, RemoteActions
from bot.assemble.shop import load_actions, load_shop
from bot.errors import SettingsRefused
from bot.settings import load_settings

CALL = ActionCall("action_stock", "c1", "is the kettle there?", "stock", 0.9, {"product": "kettle"})
SAID = {"text": "Three are left.", "buttons": [{"title": "Order", "payload": "/order"}]}


@contextmanager
def action_server(status=200, answer=None, headers=()):
    """An action server that always says the same, and keeps what it was asked."""
    written = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            asked.append((self.path, json.loads(self.rfile.read(length))))
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(written)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_what_an_action_server_says_and_leaves_behind_is_read():
    events = [{"event": "slot", "name": "left", "value": 3}, {"event": "followup"}]
    answer = {"events": events, "responses": [SAID, {"custom": {"handoff": True}}]}
    with action_server(answer=answer) as (url, asked):
        reply = RemoteActions(url).run(CALL)

    ((path, body),) = asked
    assert (path, body["next_action"]) == ("/webhook", "action_stock")
    assert body["tracker"]["slots"] == {"product": "kettle"}
    assert reply.text == "Three are left."
    assert reply.slots == {"product": "kettle", "left": 3}
    assert reply.buttons == (("Order", "/order"),)
    assert reply.handoff


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"not JSON",
        b"[" * 100_000,
        [],
        5,
        {},
        {"responses": 5},
        {"responses": ["Three are left."]},
        {"responses": [{"text": "x", "buttons": 5}]},
        {"responses": [{"text": "x", "buttons": ["Order"]}]},
        {"responses": [SAID], "events": 5},
        {"responses": [SAID], "events": ["slot"]},
    ],
)
def test_an_answer_of_another_shape_is_a_failed_action_and_no_fault(answer):
    with action_server(answer=answer) as (url, _), pytest.raises(ActionFailed):
        RemoteActions(url).run(CALL)


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_only_an_action_that_was_run_counts_and_no_redirect_is_followed(status):
    with action_server(answer={"responses": [SAID]}) as (inside, led):
        to = [("Location", f"{inside}/webhook")]
        with (
            action_server(status, {"responses": [SAID]}, to) as (url, _),
            pytest.raises(ActionFailed, match=str(status)),
        ):
            RemoteActions(url).run(CALL)
    assert led == []


def test_nobody_at_the_address_is_a_failed_action():
    with action_server() as (url, _):
        pass
    with pytest.raises(ActionFailed, match="ConnectionRefusedError"):
        RemoteActions(url).run(CALL)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://me:secret@actions.example"])
def test_an_address_that_cannot_be_used_is_refused_at_the_start(url):
    settings = load_settings(None, {}, action_server_url=url)
    with pytest.raises(SettingsRefused, match="action_server_url"):
        load_actions(settings, load_shop(settings))


def test_what_a_failing_action_says_of_the_shopper_is_not_told_on():
    class Failing(Action):
        def name(self):
            return "action_stock"

        async def run(self, dispatcher, tracker, domain):
            raise ValueError("no parcel for 13800138000")

    with pytest.raises(ActionFailed, match=r"raised ValueError in test_remote_actions") as failed:
        InProcessActions([Failing()]).run(CALL)
    assert "138" not in str(failed.value)
