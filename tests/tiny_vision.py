"""Models of pictures of the real classes, small enough to make and train on the spot. They know colours and shapes."""

import random
import string
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from shared import made_once

from retrievers.embedders.clip import Clip

COLOURS = ("red", "green", "blue", "yellow")
SHAPES = ("square", "frame", "stripes")
PAD, END, START, UNKNOWN = "<pad>", "<eos>", "<bos>", "<unk>"
CAPTIONS = tuple(f"{colour} {shape}" for colour in COLOURS for shape in SHAPES)
SIDE = 32  # pixels of a picture
TEXT = 16  # tokens of a text
STEPS = 300  # of training


def transformers() -> Any:
    return import_module("transformers")


def draw(caption: str, size: int = 18, x: int = 7, y: int = 7, side: int = SIDE) -> Image.Image:
    """'red square': that shape, `size` pixels wide, its corner at `x`, `y`, on white."""
    colour, shape = caption.split()
    picture = Image.new("RGB", (side, side), "white")
    brush = ImageDraw.Draw(picture)
    box = (x, y, x + size, y + size)
    if shape == "square":
        brush.rectangle(box, fill=colour)
    elif shape == "frame":
        brush.rectangle(box, outline=colour, width=4)
    else:
        for line in range(y, y + size, 4):
            brush.rectangle((x, line, x + size, line + 1), fill=colour)
    return picture


def tokenizer(words: Iterable[str], special: Iterable[str] = (), **options: Any) -> Any:
    """One token per word."""
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

    vocabulary = {word: number for number, word in enumerate((PAD, END, START, UNKNOWN, *words))}
    made = Tokenizer(models.WordLevel(vocab=vocabulary, unk_token=UNKNOWN))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.add_special_tokens([AddedToken(token, special=True) for token in special])
    return transformers().PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=PAD, eos_token=END, bos_token=START, unk_token=UNKNOWN, **options
    )


def letters() -> Any:
    """SigLIP 2's tokenizer, one token per letter."""
    alphabet = (PAD, END, START, UNKNOWN, "<mask>", "\u2581", *string.ascii_lowercase)
    return transformers().Siglip2Tokenizer(vocab={token: number for number, token in enumerate(alphabet)}, merges=[])


def train_dual_encoder(folder: Path, steps: int, seed: int = 0) -> None:
    """Teach it `CAPTIONS` by the contrastive loss of CLIP, on shapes of any size and place."""
    torch = import_module("torch")
    embedder = Clip(str(folder))
    processor, model = embedder._parts
    model.train(True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, fused=True)
    chance = random.Random(seed)
    target = torch.arange(len(CAPTIONS))
    tokens = embedder.tokens(CAPTIONS)
    for _ in range(steps):
        pixels = processor.image_processor(
            [draw(caption, **anywhere(chance)) for caption in CAPTIONS], return_tensors="pt"
        )
        seen = torch.nn.functional.normalize(model.get_image_features(**pixels).pooler_output, dim=-1)
        read = torch.nn.functional.normalize(model.get_text_features(**tokens).pooler_output, dim=-1)
        logits = 20 * seen @ read.T
        loss = torch.nn.functional.cross_entropy(logits, target) + torch.nn.functional.cross_entropy(logits.T, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(folder)


def trained(folders: pytest.TempPathFactory, family: str) -> Path:
    """One that knows `CAPTIONS`."""

    def make(folder: Path) -> None:
        train_dual_encoder(write_dual_encoder(folder, family), STEPS)

    return made_once(folders, f"tiny-{family}", make)


def anywhere(chance: random.Random) -> dict[str, int]:
    size = chance.randint(18, 26)
    return {"size": size, "x": chance.randint(0, SIDE - 1 - size), "y": chance.randint(0, SIDE - 1 - size)}


def write_dual_encoder(folder: Path, family: str) -> Path:
    """An untrained `clip`, `siglip` or `siglip2` (NaFlex) with its processor."""
    torch = import_module("torch")
    torch.manual_seed(3)
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    words = letters() if family == "siglip2" else tokenizer((*COLOURS, *SHAPES))
    text = size | {"vocab_size": len(words), "max_position_embeddings": TEXT, "pad_token_id": 0}
    text |= {"bos_token_id": 2, "eos_token_id": 1}
    lib = transformers()
    pixels = {"size": {"height": SIDE, "width": SIDE}}
    if family == "clip":
        config = lib.CLIPConfig(
            text_config=text | {"projection_dim": 24},
            vision_config=size | {"image_size": SIDE, "patch_size": 8, "projection_dim": 24},
            projection_dim=24,
        )
        model = lib.CLIPModel(config)
        images = _pil("clip", "CLIPImageProcessorPil")(size={"shortest_edge": SIDE}, crop_size=pixels["size"])
        processor = lib.CLIPProcessor(images, _ended(words))
    elif family == "siglip":
        config = lib.SiglipConfig(
            text_config=text | {"projection_size": 32}, vision_config=size | {"image_size": SIDE, "patch_size": 8}
        )
        model = lib.SiglipModel(config)
        processor = lib.SiglipProcessor(_pil("siglip", "SiglipImageProcessorPil")(**pixels), words)
    else:
        config = lib.Siglip2Config(
            text_config=text | {"projection_size": 32}, vision_config=size | {"num_patches": 16, "patch_size": 8}
        )
        model = lib.Siglip2Model(config)
        images = _pil("siglip2", "Siglip2ImageProcessorPil")(max_num_patches=16, patch_size=8)
        processor = lib.Siglip2Processor(images, words)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _pil(family: str, name: str) -> Any:
    return getattr(import_module(f"transformers.models.{family}.image_processing_pil_{family}"), name)


def _ended(words: Any) -> Any:
    """CLIP's vector is that of the token that ends the text."""
    from tokenizers.processors import TemplateProcessing

    words.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, 2), (END, 1)]
    )
    return words
