"""A stand-in for the shell's `train`: does at once what `script.json` of the state folder says.

It loads nothing heavy, since it runs with low priority; what it would learn is made beforehand.
"""

import json
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.answering.shared_sets import SharedSets
from bot.answering.trained_sets import MadeWith, TrainedSets
from bot.told_steps import end_with_parent, tell_to
from knowledge_base.folder import write_file
from knowledge_base.model_folder import replace_folder

COMPARISON = {
    "phrases": 120,
    "accuracy": {"value": -0.08, "low": -0.12, "high": -0.04},
    "confidence": {"value": -0.01, "low": -0.02, "high": 0.01},
}
NEW = {
    "id": "chats-0a0a0a0a0a",
    "kind": "new",
    "language": "en",
    "chats": 4,
    "questions": ["Do you ship to Mars?", "Is Mars <b>too far</b>?"],
    "answer": "Not yet, sorry.",
    "wordings": ["We do not."],
    "entry": None,
}
GIFT = {
    "id": "gift",
    "language": "en",
    "questions": ["Do you wrap gifts?"],
    "answer": "Yes.",
    "source": "faq.csv",
}
PHRASINGS = {
    **NEW,
    "id": "chats-0b0b0b0b0b",
    "kind": "phrasings",
    "questions": ["Can it be a present?"],
    "entry": GIFT,
}
DIFFERS = {
    **NEW,
    "id": "chats-0c0c0c0c0c",
    "kind": "differs",
    "questions": ["Is wrapping free?"],
    "answer": "Yes, for 8 yuan.",
    "entry": GIFT,
}
UNANSWERED = {
    **NEW,
    "id": "chats-0d0d0d0d0d",
    "kind": "unanswered",
    "chats": 3,
    "questions": ["Can you engrave a name?", "Do you engrave?"],
    "answer": "",
    "wordings": [],
    "open": {"nobody": 2, "put_off": 1},
    "entry": GIFT,
}
ROW = {"en": "old.csv: row 3 is empty", "zh": "old.csv：第 3 行是空的"}
MINED = {
    "chats": 40,
    "from_desk": 2,
    "exchanges": 120,
    "known": 17,
    "talk": 3,
    "problems": [ROW],
    "problem_count": 1,
    "proposals": [NEW, PHRASINGS, DIFFERS, UNANSWERED],
}
FIGURES = {"figures": {"all": {"answer": {"at": 0.8, "answered": 0.5, "wrong": 0.04}}}}


def main(arguments):
    folder = Path(os.environ["SHOPKEEPER_STATE_FOLDER"])
    script = json.loads((folder / "script.json").read_text("utf-8"))
    (folder / "told.json").write_text(json.dumps(seen(arguments)), encoding="utf-8")
    end_with_parent()
    tell = tell_to(sys.stderr)
    say("a word for people")
    tell("encode", 1, 1)
    tell("folds", 1, 4)
    if script["do"] == "hang":
        (Path(os.environ["TMPDIR"]) / "a-copy-of-the-database").write_text("secret")
        write_file(folder / "hangs", str(os.getpid()))  # in one step: it is read once it is there
        time.sleep(600)
    if script["do"] == "fail":
        say("intents.zh.csv has no columns text,intent.")
        return 2
    if script["do"] == "die":
        os._exit(77)
    if arguments[0] == "mine":
        sys.stdout.write(json.dumps({**MINED, **script.get("mined", {})}))
        return 0
    worse = script["do"] == "worse"
    if not worse:
        keep(folder, MadeWith(*script["made_with"]))
    comparison = {**COMPARISON, "is_worse": worse}
    report = {"thresholds": FIGURES, "comparison": comparison, "problems": ["row 3: \x1b[31mred"]}
    sys.stdout.write(json.dumps(report))
    if worse:
        say("The new model is worse and was not kept.")
    return int(worse)


def keep(folder, made_with):
    """Put the set in place that lies in `made`, and share it where nodes do."""
    shared = opened(os.environ["SHOPKEEPER_DATABASE_URL"])
    alone = shared is None
    sets = (
        TrainedSets(folder, made_with) if alone else SharedSets(folder, made_with, shared.trained)
    )
    with sets.training(), sets.being_made():
        for part in sorted((folder / "made").iterdir()):
            fresh = folder / f".{part.name}.scripted.new"
            shutil.copytree(part, fresh)
            replace_folder(folder / part.name, fresh)
        sets.share("train", datetime.now(UTC))
    if shared is not None:
        shared.close()


def opened(address):
    """What nodes share, where they do."""
    if not address.startswith("postgresql"):
        return None
    from bot.transcripts.published import open_published

    return open_published(address, 10)


def say(words):
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def seen(arguments):
    """What this process was given: its words, the old chats, and how it is to be run."""
    files = [one for one in arguments if "old-chats" in one]
    chats = [Path(one).read_text("utf-8") for one in files]
    return {
        "arguments": arguments,
        "chats": chats,
        "first_to_go": Path("/proc/self/oom_score_adj").read_text("utf-8").strip(),
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "temporary": os.environ["TMPDIR"],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
