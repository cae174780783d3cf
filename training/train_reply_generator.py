"""Trains a LoRA adapter for the writer: the examples in, a small safetensors file out.

    python training/train_reply_generator.py build/writing_examples.npz
        var/models/gemma-3-270m/serving build/gemma-3-270m-shop

Three passes over 6,000 examples take minutes on a GPU; `--steps 2 --batch 2` tries the whole path
on a CPU. It imports nothing of Shopkeeper and needs no tokenizer, so that this file, the token
file and the base model are all that must be taken to a machine with a GPU. The base may also be
the packed file itself (`….gguf`). Only the replies are learned, not the prompts.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file

LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
MEASURED_AT_ONCE = 32
LONGEST_REPLY = 100  # tokens, when replies are compared


@dataclass(frozen=True)
class Recipe:
    """What was chosen; goes into the adapter's JSON file."""

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    epochs: int = 3
    batch: int = 32
    learning_rate: float = 4e-4
    warm_up: float = 0.05
    seed: int = 20


@dataclass(frozen=True)
class Example:
    """Tokens, and how many of them are the prompt."""

    tokens: list[int]
    prompt: int


def read_examples(path: Path) -> tuple[list[Example], list[Example], str]:
    """Those for training, those held out, and the digest of their texts."""
    with np.load(path, allow_pickle=False) as arrays:
        ends = np.cumsum(arrays["lengths"])
        tokens = np.split(arrays["tokens"], ends[:-1])
        examples = [
            Example(one.tolist(), int(prompt))
            for one, prompt in zip(tokens, arrays["prompts"], strict=True)
        ]
        held_out = arrays["held_out"]
        digest = str(arrays["digest"])
    kept = [one for one, out in zip(examples, held_out, strict=True) if out]
    return [one for one, out in zip(examples, held_out, strict=True) if not out], kept, digest


def load_base(place: Path, device: str) -> Any:
    """Load the base model in bfloat16 from a folder, or from a packed file."""
    from transformers import AutoModelForCausalLM

    folder, packed = (place.parent, place.name) if place.suffix == ".gguf" else (place, None)
    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=packed, dtype=torch.bfloat16, local_files_only=True
    )
    return model.to(device)


def batches(
    examples: Sequence[Example], size: int, chance: random.Random
) -> Iterator[list[Example]]:
    """One pass in an order of chance; those of about one length go together, to pad little."""
    order = sorted(examples, key=lambda one: len(one.tokens) + chance.random() * 80)
    cuts = [order[at : at + size] for at in range(0, len(order), size)]
    chance.shuffle(cuts)
    yield from cuts


def reply_loss(model: Any, batch: Sequence[Example], device: str) -> tuple[Any, int]:
    """Summed cross-entropy over the tokens of the replies, and how many there are.

    The head, most of this model, is asked only where a reply stands.
    """
    longest = max(len(one.tokens) for one in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros(len(batch), longest, dtype=torch.long)
    learned = torch.zeros(len(batch), longest, dtype=torch.bool)
    for row, one in enumerate(batch):
        ids[row, : len(one.tokens)] = torch.tensor(one.tokens)
        mask[row, : len(one.tokens)] = 1
        learned[row, one.prompt : len(one.tokens)] = True
    ids, mask, learned = ids.to(device), mask.to(device), learned.to(device)
    inner = model.get_base_model()
    hidden = inner.model(input_ids=ids, attention_mask=mask).last_hidden_state
    scores = inner.lm_head(hidden[:, :-1][learned[:, 1:]]).float()
    wanted = ids[:, 1:][learned[:, 1:]]
    return torch.nn.functional.cross_entropy(scores, wanted, reduction="sum"), len(wanted)


def measure_loss(model: Any, examples: Sequence[Example], device: str) -> float:
    """Mean cross-entropy in nats for each token of a reply."""
    model.eval()
    total, count = 0.0, 0
    for at in range(0, len(examples), MEASURED_AT_ONCE):
        loss, tokens = reply_loss(model, examples[at : at + MEASURED_AT_ONCE], device)
        total, count = total + float(loss), count + tokens
    model.train()
    return total / max(count, 1)


def measure_copies(
    model: Any, examples: Sequence[Example], mark: Sequence[int], device: str
) -> dict[str, float]:
    """How often the very reply is written, and how well "no answer" is told.

    Args:
        mark: the tokens of the mark with the end token.
    """
    model.eval()
    same, told, wrongly, marked = 0, 0, 0, 0
    for at in range(0, len(examples), MEASURED_AT_ONCE):
        part = examples[at : at + MEASURED_AT_ONCE]
        for one, written in zip(part, _written(model, part, device), strict=True):
            wanted = one.tokens[one.prompt :]
            same += written == wanted
            marked += wanted == mark
            told += wanted == mark and written == mark
            wrongly += wanted != mark and written == mark
    model.train()
    return {
        "same": same / max(len(examples), 1),
        "no_answer_told": told / max(marked, 1),
        "no_answer_said_wrongly": wrongly / max(len(examples) - marked, 1),
    }


def _written(model: Any, part: Sequence[Example], device: str) -> list[list[int]]:
    end = model.config.eos_token_id
    longest = max(one.prompt for one in part)
    ids = torch.zeros(len(part), longest, dtype=torch.long)
    mask = torch.zeros(len(part), longest, dtype=torch.long)
    for row, one in enumerate(part):
        ids[row, longest - one.prompt :] = torch.tensor(one.tokens[: one.prompt])
        mask[row, longest - one.prompt :] = 1
    made = model.generate(
        input_ids=ids.to(device),
        attention_mask=mask.to(device),
        max_new_tokens=LONGEST_REPLY,
        do_sample=False,
        pad_token_id=0,
    )[:, longest:].tolist()
    return [row[: row.index(end) + 1] if end in row else row for row in made]


def train(
    model: Any, examples: Sequence[Example], recipe: Recipe, steps: int | None, device: str
) -> Iterator[tuple[int, float]]:
    """Train in place; after every step its number and its loss."""
    chance = random.Random(recipe.seed)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.0)
    total = steps or recipe.epochs * math.ceil(len(examples) / recipe.batch)
    warm = max(1, round(total * recipe.warm_up))

    def pace(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(total - warm, 1)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, pace)
    done = 0
    while done < total:
        for batch in batches(examples, recipe.batch, chance):
            with torch.autocast(device, dtype=torch.bfloat16):
                loss, tokens = reply_loss(model, batch, device)
            (loss / tokens).backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            done += 1
            yield done, float(loss.detach()) / tokens
            if done >= total:
                return


def adapter_tensors(model: Any) -> dict[str, Any]:
    """The trained matrices in float16: `model.layers.0.….lora_A` and `….lora_B`."""
    tensors = {}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            plain = name.removeprefix("base_model.model.").removesuffix(".default.weight")
            tensors[plain] = weight.detach().to("cpu", torch.float16).contiguous()
    return tensors


def main() -> None:
    """Read the arguments, train, measure and write."""
    asked = _arguments()
    recipe = Recipe(rank=asked.rank, alpha=2 * asked.rank, epochs=asked.epochs, batch=asked.batch)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(recipe.seed)
    examples, held_out, digest = read_examples(asked.examples)
    held_out = held_out[: asked.measured]
    model = get_peft_model(
        load_base(asked.base, device),
        LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            target_modules=list(LAYERS),
            task_type="CAUSAL_LM",
        ),
    )
    mark = min((one.tokens[one.prompt :] for one in examples), key=len)
    started = time.monotonic()
    with torch.no_grad():
        before = measure_loss(model, held_out, device)
    _say(f"{len(examples)} examples, {len(held_out)} held out, loss before {before:.4f}")
    for step, loss in train(model, examples, recipe, asked.steps, device):
        if step % 50 == 0 or asked.steps:
            _say(f"step {step} loss {loss:.4f} {time.monotonic() - started:.0f} s")
    with torch.no_grad():
        figures = {"loss_before": before, "loss": measure_loss(model, held_out, device)}
    asked.target.mkdir(parents=True, exist_ok=True)
    save_file(adapter_tensors(model), asked.target / "adapter.safetensors")
    with torch.no_grad():
        figures |= measure_copies(model, held_out, mark, device)
    figures["seconds"] = round(time.monotonic() - started)
    _say(str(figures))
    said = {"recipe": asdict(recipe), "examples_sha256": digest, "examples": len(examples),
            "held_out": len(held_out), "figures": figures}  # fmt: skip
    (asked.target / "training.json").write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description="Train a LoRA adapter for the writer.")
    reader.add_argument("examples", type=Path, help="token file of training.writing_examples")
    reader.add_argument("base", type=Path, help="folder of the base model, or its .gguf file")
    reader.add_argument("target", type=Path, help="folder for the adapter")
    reader.add_argument("--rank", type=int, default=Recipe.rank)
    reader.add_argument("--epochs", type=int, default=Recipe.epochs)
    reader.add_argument("--batch", type=int, default=Recipe.batch)
    reader.add_argument("--steps", type=int, help="stop after so many; None: after the epochs")
    reader.add_argument("--measured", type=int, default=400, help="held-out examples to measure on")
    return reader.parse_args()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
