import sys
import time

import pytest

from bot.answering.causal_model import CausalModel, NarrowHead, in_a_loop, whole_sentences
from bot.answering.writer_process import WriterLimits, WriterProcess
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_folder import Manifest, new_folder

STOPS = ("\n", "顾客：")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A generator folder with a small random model: it writes nonsense, but in earnest."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    signs = ["<s>", "</s>", "<unk>", *"abcdefghijklmnopqrstuvwxyz .。退货"]
    tokenizer = Tokenizer(models.WordLevel({one: at for at, one in enumerate(signs)}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    torch.manual_seed(1)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    config = LlamaConfig(
        vocab_size=len(signs), num_attention_heads=2, max_position_embeddings=512,
        bos_token_id=0, eos_token_id=1, **sizes,
    )  # fmt: skip
    target = tmp_path_factory.mktemp("models") / "tiny"
    with new_folder(target, Manifest("tiny", "generator", {}, {})) as folder:
        fast = PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
        )
        fast.save_pretrained(folder / "serving")
        LlamaForCausalLM(config).save_pretrained(folder / "serving")
    return target


@pytest.fixture(scope="module")
def model(tiny):
    loaded = CausalModel(tiny)
    loaded.load()
    return loaded


def test_the_same_prompt_is_always_continued_in_the_same_way(model):
    one, other = (model.continue_text("return a kettle", STOPS, 24, 30.0) for _ in range(2))
    assert (one.text, one.tokens) == (other.text, other.tokens)
    assert 1 <= one.tokens <= 24
    assert model.name == "tiny"


def test_the_deadline_stops_the_writing_itself(model):
    started = time.monotonic()
    written = model.continue_text("return", (), 400, 0.0)
    assert written.tokens == 1
    assert time.monotonic() - started < 5.0


def test_the_real_worker_answers_over_its_pipes(tiny, model):
    command = [sys.executable, "-m", "bot.answering.writer_worker", str(tiny)]
    process = WriterProcess(command, WriterLimits(reply_seconds=30.0, tokens=24))
    try:
        process.start()
        assert process.wait_until_ready()
        expected = model.continue_text("return a kettle.", STOPS, 24, 30.0)
        reply = process.write("return a kettle.", STOPS)
        assert (reply.text if reply else "") == " ".join(expected.text.split())
        assert process.state == "ready"
    finally:
        process.close()


def test_an_altered_generator_is_refused(tiny, tmp_path):
    import shutil

    copy = shutil.copytree(tiny, tmp_path / "tiny")
    with (copy / "serving" / "model.safetensors").open("r+b") as file:
        file.seek(200)
        file.write(b"\x00\x01\x02")
    with pytest.raises(ModelFolderRefused, match="shopkeeper models fetch tiny"):
        CausalModel(copy).load()


def test_a_narrowed_head_scores_the_kept_tokens_as_before_and_no_other():
    import torch

    weight, hidden = torch.eye(4), torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])
    head = NarrowHead(weight)
    head.narrow([1, 3])
    assert head(hidden).tolist() == [[[float("-inf"), 2.0, float("-inf"), 4.0]]]


@pytest.mark.parametrize(
    ("raw", "finished", "text"),
    [
        (" 可以退货。\n\n资料：x", True, "可以退货。"),
        ("可以退货。另外我们", False, "可以退货。"),
        ("It costs 1.5 yuan. And then", False, "It costs 1.5 yuan."),
        ("no end at all", False, ""),
        ("不行 顾客：那", True, "不行"),
        ("", True, ""),
    ],
)
def test_a_reply_ends_at_its_stop_or_at_its_last_whole_sentence(raw, finished, text):
    assert whole_sentences(raw, STOPS, finished) == text


def test_a_loop_is_seen_and_a_list_is_not():
    assert in_a_loop([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9])
    assert in_a_loop([1, 2, 3, 4, 5, 6] * 3)
    assert not in_a_loop([1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert not in_a_loop([])
