"""A BERT of two layers and fifty words with random weights, as a model folder that serves."""

import json

import numpy as np
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from knowledge_base.encoder import FLOAT_FOLDER, SERVING_FOLDER, load_encoder
from knowledge_base.model_folder import Manifest, new_folder
from training.export_encoder import export_encoder

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "where", "is", "my", "parcel", "refund", "money",
         "back", "how", "much", "does", "it", "cost", "price", "track", "order", "please",
         "now", "the", "a", "lamp", "bowl", "我", "要", "退", "款", "运", "费"]  # fmt: skip
CONFIG = {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 64,
          "intermediate_size": 128, "layer_norm_eps": 1e-12, "vocab_size": len(WORDS),
          "max_position_embeddings": 96, "type_vocab_size": 2}  # fmt: skip
FACTS = {"dimensions": 64, "question_prefix": "", "passage_prefix": "", "question_tokens": 64,
         "passage_tokens": 64, "products": "rows", "tokenizer": "tokenizers"}  # fmt: skip


def write_small_encoder(folder, reader=None):
    """Write the model folder and load its serving form; with a reader above it, where given."""
    torch.manual_seed(5)
    model = BertModel(BertConfig(**CONFIG, hidden_act="gelu"), add_pooling_layer=False)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    with new_folder(folder, Manifest(folder.name, "encoder", {}, FACTS)) as fresh:
        floats = fresh / FLOAT_FOLDER
        floats.mkdir()
        (floats / "config.json").write_text(json.dumps({**CONFIG, "model_type": "bert"}))
        weights = {name: one.detach().numpy() for name, one in model.named_parameters()}
        save_file({name: np.ascontiguousarray(one) for name, one in weights.items()},
                  floats / "model.safetensors", metadata={"format": "pt"})  # fmt: skip
        _tokenizer().save(str(floats / "tokenizer.json"))
        export_encoder(floats, fresh / SERVING_FOLDER, "rows", "tokenizers", reader)
    return load_encoder(folder)


def _tokenizer():
    words = {word: at for at, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    split = pre_tokenizers.Split(pattern="[CJK]", behavior="isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), split])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer
