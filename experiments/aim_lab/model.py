"""The lab model: transformers' own `Idefics3ForConditionalGeneration`, small. Four visual tokens an image."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.aim_lab import words
from generators.aim.lab.layout import SIDE

if TYPE_CHECKING:
    from transformers import Idefics3ForConditionalGeneration

PATCH, SHUFFLE = 8, 2
IMAGE_TOKENS = (SIDE // PATCH // SHUFFLE) ** 2
WIDTH, LAYERS, HEADS, HEAD_DIM = 128, 4, 4, 64
ROWS = 512  # of the embedding table: more than the vocabulary, because vLLM adds a placeholder token
MAX_TOKENS = 2048
ROPE_BASE = 1e6  # slow rotation: most of a head can compare contents far apart


def build(seed: int) -> "Idefics3ForConditionalGeneration":
    """A freshly initialised model in float32, embeddings tied."""
    import torch
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration

    ids = words.vocabulary()
    special: dict[str, Any] = {
        "bos_token_id": ids[words.START],
        "eos_token_id": ids[words.END],
        "pad_token_id": ids[words.PAD],
    }
    text = {
        "model_type": "llama",
        "vocab_size": ROWS,
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS,
        "head_dim": HEAD_DIM,
        "max_position_embeddings": MAX_TOKENS,
        "rope_parameters": {"rope_type": "default", "rope_theta": ROPE_BASE},
        "tie_word_embeddings": True,
        "initializer_range": 0.06,
        **special,
    }
    vision = {
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "image_size": SIDE,
        "patch_size": PATCH,
        "initializer_range": 0.08,  # the usual 0.02 is for layers ten times as wide
    }
    config = Idefics3Config(
        text_config=text,
        vision_config=vision,
        scale_factor=SHUFFLE,
        image_token_id=ids[words.IMAGE],
        tie_word_embeddings=True,
        **special,
    )
    torch.manual_seed(seed)
    model = Idefics3ForConditionalGeneration(config)
    torch.nn.init.normal_(model.lm_head.weight, std=WIDTH**-0.5)
    torch.nn.init.normal_(model.model.vision_model.embeddings.position_embedding.weight, std=0.3)
    return model


def save(model: "Idefics3ForConditionalGeneration", folder: Path) -> None:
    """Weights and processor, side by side, as a Hugging Face folder."""
    model.save_pretrained(folder)
    words.write_processor(folder, SIDE, IMAGE_TOKENS)


def load(folder: Path) -> "Idefics3ForConditionalGeneration":
    """What `save` wrote, in float32."""
    from transformers import Idefics3ForConditionalGeneration

    return Idefics3ForConditionalGeneration.from_pretrained(folder, dtype="float32")
