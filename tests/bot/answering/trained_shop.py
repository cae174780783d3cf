"""A tiny trained shop for tests: intents and thresholds over hashed vectors, soon made."""

from functools import partial

from bot.answering.doubt import Doubt
from bot.answering.intent_folder import read_intents, write_intents
from bot.answering.live_training import LiveTraining, Trained
from bot.answering.shared_sets import SharedSets
from bot.answering.trained_sets import MadeWith, TrainedSets
from bot.errors import PartMissing
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.hashed_encoder import HashedEncoder
from training.intent_head import OF_FEW, Labelled, fit_head

ENCODER = HashedEncoder()
MADE_WITH = MadeWith(ENCODER.digest, ENCODER.digest)


class OtherEncoder(HashedEncoder):
    """The same vectors under another digest, as other weights have."""

    def __init__(self):
        super().__init__()
        self.digest = "hashed-of-other-weights"


def train(folder, *intents, encoder=ENCODER):
    """Leave a trained set in a state folder: each intent is told by its own name."""
    pairs = [(text, intent) for intent in intents for text in (intent, f"{intent} please")]
    texts, labels = zip(*pairs, strict=True)
    head = fit_head(Labelled(texts, labels, encoder.encode_questions(texts)), OF_FEW, seed=1)
    head.made_from = {"intents": len(intents), "phrases": len(texts)}
    write_intents(head, folder / "intents", encoder.name, encoder.digest)
    Doubt.shipped().save(folder / "doubt", encoder.digest)


def open_trained(encoder, folder):
    """Open a set as `bot.assemble.trained.load_trained` does."""
    try:
        intents, doubt = folder / "intents", folder / "doubt"
        return Trained(
            judge=Doubt.load(doubt, encoder.digest) if doubt.exists() else Doubt.shipped(),
            intents=read_intents(intents, encoder.digest) if intents.exists() else None,
        )
    except ModelFolderRefused as error:
        raise PartMissing(str(error)) from error


def sets_in(folder, shared=None, encoder=ENCODER):
    """The sets of a machine."""
    made_with = MadeWith(encoder.digest, encoder.digest)
    return SharedSets(folder, made_with, shared) if shared else TrainedSets(folder, made_with)


def training_in(folder, shared=None, encoder=ENCODER, **options):
    """What answers on a machine; not loaded yet."""
    return LiveTraining(sets_in(folder, shared, encoder), partial(open_trained, encoder), **options)


def intent_of(training, text):
    """What the set that answers takes a text for."""
    intents = training.current.intents
    return intents.classify([text], ENCODER.encode_questions([text]))[0].intent
