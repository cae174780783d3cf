"""The child that holds the causal model: JSON lines in, JSON lines out.

    python -m bot.answering.writer_worker var/models/gemma-3-270m

It says `{"ready": true}` (or `{"ready": false, "error": …}` and ends), then answers each
`{"id", "prompt", "stops", "tokens", "seconds"}` with `{"id", "text", "tokens", "seconds",
"model"}`. It ends when its input does.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import BinaryIO

from bot.answering.causal_model import CausalModel
from knowledge_base.errors import ModelFolderRefused


def serve(folder: Path, requests: BinaryIO, replies: BinaryIO) -> int:
    """Load the model and answer until the input ends; the exit code."""
    try:
        model = CausalModel(folder)
        model.load()
    except ModelFolderRefused as refusal:
        _say(replies, {"ready": False, "error": str(refusal)})
        return 3
    _say(replies, {"ready": True})
    for line in requests:
        asked = json.loads(line)
        written = model.continue_text(
            asked["prompt"], asked["stops"], asked["tokens"], asked["seconds"]
        )
        _say(
            replies,
            {
                "id": asked["id"],
                "text": written.text,
                "tokens": written.tokens,
                "seconds": written.seconds,
                "model": model.name,
            },
        )
    return 0


def _say(replies: BinaryIO, what: dict[str, object]) -> None:
    replies.write(json.dumps(what).encode("ascii") + b"\n")
    replies.flush()


def main() -> int:
    """Keep the real standard output for replies; whatever a library prints goes to stderr."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return serve(Path(sys.argv[1]), sys.stdin.buffer, replies)


if __name__ == "__main__":
    sys.exit(main())
