"""ColPali, ColQwen2 and ColModernVBERT of the real classes, small enough to make and train on the spot."""

import random
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from shared import made_once
from tiny_vision import COLOURS, SHAPES, tokenizer, transformers

from retrievers.embedders.colpali import ColPali

CELLS = 4  # rows and columns of a page
CELL = 16  # pixels of a cell, and of a patch of ColPali
PAGE = CELLS * CELL
DIM = 16
STEPS = 150  # of training
WORD = 3  # where a question of one word has it: after ColPali's own prefix
TEXT: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def draw_page(cells: dict[tuple[int, int], str]) -> Image.Image:
    """White, with the cells (row, column) in their colours."""
    page = Image.new("RGB", (PAGE, PAGE), "white")
    for (row, column), colour in cells.items():
        ImageDraw.Draw(page).rectangle(
            (column * CELL, row * CELL, (column + 1) * CELL - 1, (row + 1) * CELL - 1), fill=colour
        )
    return page


def write_colpali(folder: Path) -> Path:
    """PaliGemma below: every page is 4 x 4 patches."""
    _seed()
    lib = transformers()
    words = tokenizer((*COLOURS, *SHAPES, "Question", "Describe", "the", "image"), ["<image>"])
    images = _pil("siglip", "SiglipImageProcessorPil")(size={"height": PAGE, "width": PAGE})
    images.image_seq_length = CELLS * CELLS
    processor = lib.ColPaliProcessor(images, words)
    text = TEXT | {"model_type": "gemma", "vocab_size": len(words), "num_key_value_heads": 1, "head_dim": 16}
    text |= {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}
    vision = TEXT | {"model_type": "siglip_vision_model", "image_size": PAGE, "patch_size": CELL, "projection_dim": 32}
    vlm = lib.PaliGemmaConfig(
        text_config=text, vision_config=vision, projection_dim=32, image_token_index=processor.image_token_id
    )
    model = lib.ColPaliForRetrieval(lib.ColPaliConfig(vlm_config=vlm, embedding_dim=DIM))
    return _save(folder, model, processor)


def write_colqwen2(folder: Path) -> Path:
    """Qwen2-VL below: patches of 4 pixels joined two by two, as many as the page has room for."""
    _seed()
    lib = transformers()
    special = ("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    words = tokenizer((*COLOURS, "Query", "User", "Describe", "the", "image"), special)
    images = _pil("qwen2_vl", "Qwen2VLImageProcessorPil")(
        patch_size=4, merge_size=2, size={"shortest_edge": 16 * 16, "longest_edge": 64 * 64}
    )
    text = TEXT | {"model_type": "qwen2_vl_text", "vocab_size": len(words), "num_key_value_heads": 1}
    text |= {"rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0}}
    vision = {"depth": 2, "embed_dim": 32, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2, "patch_size": 4}
    ids = {token.strip("<|>"): words.convert_tokens_to_ids(token) for token in special}
    vlm = lib.Qwen2VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=ids["image_pad"],
        video_token_id=ids["video_pad"],
        vision_start_token_id=ids["vision_start"],
        vision_end_token_id=ids["vision_end"],
    )
    model = lib.ColQwen2ForRetrieval(lib.ColQwen2Config(vlm_config=vlm, embedding_dim=DIM))
    return _save(folder, model, lib.ColQwen2Processor(images, words))


def write_colmodernvbert(folder: Path) -> Path:
    """ModernVBERT below: tiles of 16 pixels, each 2 x 2 patches, and the whole page once more."""
    _seed()
    lib = transformers()
    tiles = [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
    special = ("<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>", *tiles)
    words = tokenizer((*COLOURS, "User", "Describe", "the", "image", "Assistant"), special)
    images = _pil("idefics3", "Idefics3ImageProcessorPil")(
        size={"longest_edge": PAGE}, max_image_size={"longest_edge": 16}, do_image_splitting=True
    )
    processor = lib.ColModernVBertProcessor(images, words, image_seq_len=4)
    text = TEXT | {"model_type": "modernbert", "vocab_size": len(words), "pad_token_id": 0}
    text |= {"cls_token_id": 2, "sep_token_id": 1, "bos_token_id": 2, "eos_token_id": 1}
    vision = TEXT | {"model_type": "siglip_vision_model", "image_size": 16, "patch_size": 4}
    vlm = lib.ModernVBertConfig(
        text_config=text, vision_config=vision, pixel_shuffle_factor=2, image_token_id=processor.image_token_id
    )
    model = lib.ColModernVBertForRetrieval(lib.ColModernVBertConfig(vlm_config=vlm, embedding_dim=DIM))
    return _save(folder, model, processor)


def train_colpali(folder: Path, steps: int, seed: int = 0) -> None:
    """Teach it on which page a colour is, by the contrastive loss of late interaction, and in which of its patches."""
    torch = import_module("torch")
    processor, model = ColPali(str(folder))._parts
    model.train(True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, fused=True)
    chance = random.Random(seed)
    queries = processor.process_queries(text=list(COLOURS))
    target = torch.arange(len(COLOURS))
    for _ in range(steps):
        places = [anywhere(chance) for _ in COLOURS]
        drawn = [draw_page({place: colour}) for place, colour in zip(places, COLOURS, strict=True)]
        pages = processor.process_images(images=drawn)
        pages.pop("labels")
        asked, seen = model(**queries).embeddings, model(**pages).embeddings
        scores = torch.einsum("and,bsd->abns", asked, seen).amax(3).sum(2)  # [queries, pages]
        where = 10 * torch.einsum("ad,asd->as", asked[:, WORD], seen[:, : CELLS * CELLS])  # [queries, patches]
        patch = torch.tensor([row * CELLS + column for row, column in places])
        loss = torch.nn.functional.cross_entropy(scores, target) + torch.nn.functional.cross_entropy(where, patch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(folder)


def trained(folders: pytest.TempPathFactory) -> Path:
    """A ColPali that knows where a colour is."""
    return made_once(folders, "tiny-colpali", lambda folder: train_colpali(write_colpali(folder), STEPS))


def anywhere(chance: random.Random) -> tuple[int, int]:
    return chance.randrange(CELLS), chance.randrange(CELLS)


def _seed() -> None:
    import_module("torch").manual_seed(3)


def _pil(family: str, name: str) -> Any:
    return getattr(import_module(f"transformers.models.{family}.image_processing_pil_{family}"), name)


def _save(folder: Path, model: Any, processor: Any) -> Path:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
