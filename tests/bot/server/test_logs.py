import io
import json
import logging

from bot.server.logs import log_of, set_up_logs
from bot.settings import load_settings


def lines_of(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_the_conversation_and_never_the_words_nor_what_strangers_send():
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    try:
        set_up_logs(load_settings(None, {}), stream)
        log_of("bot.test").info("turn.asked", conversation="c1", text="my card is 4111", token="x")
        logging.getLogger("some.library").warning("it says so")
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)

    ours, theirs = lines_of(stream)
    assert (ours["event"], ours["conversation"], ours["level"]) == ("turn.asked", "c1", "info")
    assert ours["text"] == ours["token"] == "(hidden)"
    assert "4111" not in stream.getvalue()
    assert theirs["event"] == "it says so"
