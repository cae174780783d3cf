"""A node delivers what must leave the house, from its start to its end."""

import asyncio
import json

import pytest

from bot.assemble.outside import open_outbox
from bot.errors import SettingsRefused
from bot.outbox.webhook import Webhook
from bot.outbox.worker import OutboxWorker, Patience
from bot.settings import load_settings
from bot.transcripts.open import open_transcripts
from tests.bot.outbox.receiver import receiving
from tests.bot.server.floor import open_floor

SECRET = "a secret of the two"


def test_a_new_handoff_reaches_the_webhook_without_a_word_of_what_was_said(tmp_path):
    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.say("a person please, my parcel is lost")
            await shopper.until_event("handoff_requested")
            while floor.parts.transcripts.store.counts().outbox_waiting:
                await asyncio.sleep(0)
            return shopper.conversation

    with receiving() as receiver:

        def worker(outbox):
            webhook = Webhook(receiver.url, SECRET, allow_private=True)
            return OutboxWorker(outbox, [webhook], Patience(poll_seconds=0.01))

        with open_floor(tmp_path, outbox=worker) as floor:
            conversation = asyncio.run(talk(floor))
        told = [json.loads(one.body) for one in receiver.got]

    assert [(one["kind"], one["conversation"]) for one in told] == [("waiting", conversation)]
    assert "parcel" not in json.dumps(told)


@pytest.mark.parametrize(
    "unsafe",
    [
        {"webhook_url": "https://hook.example", "webhook_secret": "short"},
        {"webhook_secret": SECRET},
        {"mail_host": "mail.example"},
    ],
)
def test_a_node_does_not_start_with_a_channel_that_is_not_safe(tmp_path, unsafe):
    settings = load_settings(None, {}, **unsafe)
    transcripts = open_transcripts(f"sqlite:///{tmp_path}/shop.sqlite3")
    try:
        with pytest.raises(SettingsRefused):
            open_outbox(settings, transcripts)
    finally:
        transcripts.close()
