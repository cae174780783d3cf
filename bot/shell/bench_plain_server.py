"""The plain server of the bench: sentence-transformers on the event loop, for every message.

No transcript, no resume, no limits, no thresholds: the least that answers. It is here to be
measured against, in the same run and on the same weights.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import numpy as np
from websockets.asyncio.server import ServerConnection, serve

from knowledge_base.encoder import FLOAT_FOLDER, SentenceTransformersEncoder
from knowledge_base.entry import Entry
from knowledge_base.model_catalogue import model_folder
from knowledge_base.model_folder import read_manifest
from knowledge_base.versions import VersionFolder


async def main(asked: dict[str, str]) -> None:
    """Serve until the process is told to end."""
    encoder = _encoder(asked)
    entries = _entries(Path(asked["knowledge"]))
    phrasings = [(question, entry) for entry in entries for question in entry.questions[:1]]
    began = time.perf_counter()
    vectors = encoder.encode_questions([question for question, _ in phrasings])
    encoded = time.perf_counter() - began

    async def answer(socket: ServerConnection) -> None:
        async for message in socket:
            text = json.loads(message)["text"]
            vector = encoder.encode_questions([text])[0]
            nearest = int(np.argmax(vectors @ vector))
            await socket.send(json.dumps({"text": phrasings[nearest][1].answer}))

    async with serve(answer, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        sys.stderr.write(f"plain {port} {encoded:.2f}\n")
        sys.stderr.flush()
        await server.serve_forever()


def _encoder(asked: dict[str, str]) -> SentenceTransformersEncoder:
    folder = model_folder(Path(asked["state_folder"]), asked["encoder"])
    encoder = SentenceTransformersEncoder(folder / FLOAT_FOLDER, read_manifest(folder))
    encoder.load()
    return encoder


def _entries(folder: Path) -> tuple[Entry, ...]:
    versions = VersionFolder(folder)
    current = versions.current()
    assert current is not None  # the bench looked before it started this process
    return versions.entries(current)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
