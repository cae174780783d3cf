"""What is loaded with rasa-sdk, in a program of its own: here much is loaded already."""

import json
import subprocess
import sys

LOADED = """
import json, sys
import bot.actions.action_runner, bot.actions.order_status
before = sorted(name for name in sys.modules if name.partition(".")[0] == "sanic")
import rasa_sdk, sanic
sanic.Sanic("shop")
actions = [bot.actions.action_runner.Action is rasa_sdk.Action, rasa_sdk.Action.__module__]
print(json.dumps([before, sanic.Sanic.__module__, *actions]))
"""


def loaded(*first: str) -> list[object]:
    program = "".join(f"import {name}\n" for name in first) + LOADED
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return json.loads(ran.stdout)


def test_a_server_does_without_the_web_server_of_rasa_and_a_shops_action_may_have_it() -> None:
    assert loaded() == [[], "sanic.app", True, "rasa_sdk.interfaces"]


def test_who_has_loaded_the_web_server_before_keeps_it() -> None:
    before, *rest = loaded("sanic")
    assert "sanic.app" in before
    assert rest == ["sanic.app", True, "rasa_sdk.interfaces"]
