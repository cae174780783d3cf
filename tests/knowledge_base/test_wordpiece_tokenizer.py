import json
from random import Random

import pytest

from knowledge_base.encoder import SERVING_FOLDER, TOKENIZER_FILE
from knowledge_base.wordpiece_tokenizer import WordPieceTokenizer, wordpiece_tokenizer

PIECES = ["[UNK]", "[CLS]", "[SEP]", "tea", "##pot", "##s", "cafe", "?", "'", "[", "]", "sep", "茶"]
KIND = {
    "normalizer": {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    },
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "model": {
        "type": "WordPiece",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {piece: number for number, piece in enumerate(PIECES)},
    },
}


@pytest.fixture
def tokenizer():
    return WordPieceTokenizer(KIND["model"]["vocab"])


def pieces(tokenizer, text):
    return [PIECES[number] for number in tokenizer.encode(text)[1:-1]]


def test_a_word_is_cut_into_its_longest_pieces_from_the_left(tokenizer):
    assert pieces(tokenizer, "teapots tea") == ["tea", "##pot", "##s", "tea"]


def test_a_word_that_cannot_be_cut_to_its_end_is_unknown_as_a_whole(tokenizer):
    assert pieces(tokenizer, "teapotx tea") == ["[UNK]", "tea"]
    assert pieces(tokenizer, "tea" + "s" * 98) == ["[UNK]"]


def test_case_accents_and_what_cannot_be_seen_make_no_difference(tokenizer):
    assert pieces(tokenizer, "CAF\u00c9 Te\u200ba\u0000s") == ["cafe", "tea", "##s"]
    assert pieces(tokenizer, "tea\u00a0\ttea\n") == ["tea", "tea"]


def test_marks_and_chinese_characters_stand_alone(tokenizer):
    assert pieces(tokenizer, "tea?'s") == ["tea", "?", "'", "[UNK]"]
    assert pieces(tokenizer, "tea茶tea") == ["tea", "茶", "tea"]


def test_text_that_looks_like_a_special_token_stays_text(tokenizer):
    assert tokenizer.encode("[SEP]").count(PIECES.index("[SEP]")) == 1
    assert pieces(tokenizer, "[SEP]") == ["[", "sep", "]"]
    assert tokenizer.encode("") == [1, 2]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("normalizer", {"lowercase": False}),
        ("normalizer", {"type": "Sequence"}),
        ("pre_tokenizer", {"type": "Whitespace"}),
        ("model", {"type": "BPE"}),
        ("model", {"continuing_subword_prefix": "_"}),
        ("model", {"vocab": {"tea": 0}}),
    ],
)
def test_tokenizers_of_another_kind_are_left_to_the_library(part, change):
    assert wordpiece_tokenizer(json.dumps(KIND)) is not None
    assert wordpiece_tokenizer(json.dumps(KIND | {part: KIND[part] | change})) is None
    assert wordpiece_tokenizer(json.dumps(KIND | {"pre_tokenizer": None})) is None


@pytest.mark.weights
def test_it_gives_the_ids_of_the_tokenizers_library(state_folder):
    from tokenizers import Tokenizer

    file = state_folder / "models" / "all-MiniLM-L6-v2" / SERVING_FOLDER / TOKENIZER_FILE
    written = file.read_text(encoding="utf-8")
    ours, theirs = wordpiece_tokenizer(written), Tokenizer.from_file(str(file))
    theirs.no_padding()
    theirs.no_truncation()
    assert ours is not None
    random = Random(5)
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    known = [piece for piece in json.loads(written)["model"]["vocab"] if piece not in special]
    texts = [
        "",
        " ",
        "Caf\u00e9 cr\u00e8me, 2\u00bd kg!",
        "怎么退货？",
        "na\u00efve \u0130stanbul \u039f\u0394\u039f\u03a3",
        "😀👍🏽",
    ]
    texts += ["x" * 100, "x" * 101, "한국어 мир ไทย"]
    for _ in range(3_000):
        parts = [random.choice(known) for _ in range(random.randrange(1, 12))]
        texts.append(random.choice(["", " ", "  "]).join(parts))
    # Characters that came to Unicode after the library's tables were made are read otherwise.
    texts += [f"tea{chr(code)}pot" for code in (*range(1, 0x61D), *range(0x1E00, 0x2100))]
    texts += [f"tea{chr(code)}pot" for code in range(0x4E00, 0x9FA6, 7)]
    assert [text for text in texts if ours.encode(text) != theirs.encode(text).ids] == []
