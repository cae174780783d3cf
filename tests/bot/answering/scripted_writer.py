"""A writer without a model: a real child process that does what its script says, step by step.

    python scripted_writer.py SCRIPT.json HISTORY.jsonl

SCRIPT is {"start": "ready"|"refuse"|"hang"|"die"|"garbage", "steps": [step, …]}; a step is
{"text": …}, {"raw": …}, {"hang": true}, {"die": code}, {"flood": bytes} or {"wrong_id": true};
after the last step it echoes. Every request is written to HISTORY. Each start takes up where the
history ends, so that a restarted child goes on with its script.
"""

import json
import os
import signal
import sys
from pathlib import Path

script = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
history = Path(sys.argv[2])
out = sys.stdout.buffer


def say(what):
    out.write((what if isinstance(what, str) else json.dumps(what)).encode() + b"\n")
    out.flush()


def play(step, request):
    if "hang" in step:
        signal.pause()
    if "die" in step:
        os._exit(step["die"])
    if "raw" in step:
        return say(step["raw"])
    if "flood" in step:
        out.write(b"x" * step["flood"])
        return out.flush()
    number = request["id"] + 1000 if "wrong_id" in step else request["id"]
    text = step.get("text", request["prompt"])
    return say({"id": number, "text": text, "tokens": 3, "seconds": 0.01, "model": "scripted"})


match script.get("start", "ready"):
    case "ready":
        say({"ready": True})
    case "refuse":
        say({"ready": False, "error": "the model folder is altered"})
        sys.exit(3)
    case "hang":
        signal.pause()
    case "die":
        os._exit(9)
    case "garbage":
        say("<html>")

asked = len(history.read_text(encoding="utf-8").splitlines()) if history.exists() else 0
for line in sys.stdin.buffer:
    with history.open("ab") as file:
        file.write(line)
    steps = script["steps"]
    play(steps[asked] if asked < len(steps) else {}, json.loads(line))
    asked += 1
