"""Multimodal models of several architectures, small and random, for the tests of fused demonstrations."""

from pathlib import Path
from typing import Any

import numpy as np
import tiny_models
from PIL import Image

from generators.aim.demonstrations import Demonstration

WORDS = 300
TEXT = {
    "vocab_size": WORDS,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "initializer_range": 0.1,
}
QWEN_PICTURE = "<|vision_start|><|image_pad|><|vision_end|>"
TEMPLATE = """\
{%- for message in messages %}<s>{{ message.role }}
{% for part in message.content %}{% if part.type == "text" %}{{ part.text }}{% else %}PICTURE{% endif %}{% endfor %}</s>
{% endfor %}{% if add_generation_prompt %}<s>assistant
{% endif %}"""


def pictures() -> list[Demonstration]:
    """Three demonstrations with texts of different lengths."""
    rng = np.random.default_rng(0)
    images = [Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)) for _ in range(3)]
    texts = [("a scratch", "what is it?"), ("dent", ""), ("x", "?")]
    return [Demonstration(image, text, question) for image, (text, question) in zip(images, texts, strict=True)]


def write(kind: str, folder: Path) -> Path:
    """A model folder that `AutoProcessor` and `AutoModelForImageTextToText` load."""
    return {"idefics3": tiny_models.write, "llava": _llava}[kind](folder)


def _tokenizer(special: list[str]) -> Any:
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in ["<s>", "</s>", "<pad>", *special]])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def _llava(folder: Path) -> Path:
    import torch
    from transformers import LlavaConfig, LlavaForConditionalGeneration, LlavaProcessor
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    tokenizer = _tokenizer(["<image>"])
    vision = {"model_type": "clip_vision_model", "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    vision |= {"num_attention_heads": 1, "image_size": 32, "patch_size": 8}
    config = LlavaConfig(
        vision_config=vision,
        text_config={"model_type": "llama", **TEXT},
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )
    torch.manual_seed(5)
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    images = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor = LlavaProcessor(
        images,
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE.replace("PICTURE", "<image>"),
    )
    processor.save_pretrained(folder)
    return folder


class QwenProcessor:
    """What Qwen2.5-VL's processor does with images, written out: its own is tested against this."""

    def __init__(self) -> None:
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

        self.tokenizer = _tokenizer(["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"])
        size = {"shortest_edge": 32 * 32, "longest_edge": 64 * 64}
        self.images = Qwen2VLImageProcessorPil(patch_size=4, merge_size=2, size=size)

    def __call__(self, images: Any, text: list[str], **settings: Any) -> Any:
        seen = self.images([image for row in images for image in row], return_tensors="pt")
        pad = "<|image_pad|>"
        sizes = iter(seen["image_grid_thw"].prod(1).tolist())
        spread = []
        for each in text:
            parts = each.split(pad)
            spread.append(parts[0] + "".join(pad * (next(sizes) // 4) + part for part in parts[1:]))
        read = self.tokenizer(spread, **settings)
        read["mm_token_type_ids"] = (read["input_ids"] == self.tokenizer.convert_tokens_to_ids(pad)).long()
        seen.update(read)
        return seen


def qwen(folder: Path) -> QwenProcessor:
    """Writes the model and gives its processor."""
    import torch
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    processor = QwenProcessor()
    ids = processor.tokenizer.convert_tokens_to_ids
    vision = {"depth": 2, "hidden_size": 32, "intermediate_size": 48, "num_heads": 2, "out_hidden_size": 64}
    vision |= {"patch_size": 4, "spatial_merge_size": 2, "window_size": 16, "fullatt_block_indexes": [1]}
    rope = {"rope_type": "default", "mrope_section": [4, 6, 6], "rope_theta": 10000.0}
    config = Qwen2_5_VLConfig(
        vision_config=vision,
        text_config={**TEXT, "rope_parameters": rope},
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
    )
    torch.manual_seed(5)
    Qwen2_5_VLForConditionalGeneration(config).save_pretrained(folder)
    return processor
