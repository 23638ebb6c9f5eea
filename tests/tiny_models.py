"""A vision-language model small enough to make on the spot: SmolVLM's architecture, seeded random weights.

It writes gibberish, but through the whole path of a real one: chat template, tools, pictures, decoding, serving.
"""

import string
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import Idefics3Config

SPECIAL = (
    "<|im_start|>",
    "<|im_end|>",
    "<pad>",
    "<image>",
    "<fake_token_around_image>",
    "<global-img>",
    "<end_of_utterance>",
)
SPACE, LINE_END = "\u0120", "\u010a"  # how byte-level tokenizers spell them
JUDGEMENTS = "TtFf"  # begins of True and False, likely after a line end: there the template has its replies begin
IMAGE_SIZE, PATCH, SCALE = 32, 8, 2
IMAGE_TOKENS = (IMAGE_SIZE // PATCH) ** 2 // SCALE**2
VOCABULARY = 384  # 256 bytes and the special tokens, padded as real models pad theirs
MAX_TOKENS = 16384
TEMPLATE = """\
{%- if tools %}<|im_start|>system
Call a function by writing <tool_call>{"name": ..., "arguments": ...}</tool_call>. Functions:
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}<|im_end|>
{% endif -%}
{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}
{%- else %}{% for part in message.content %}
{%- if part.type == "text" %}{{ part.text }}{% else %}<image>{% endif %}
{%- endfor %}{% endif %}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def write(folder: Path, new_tokens: int = 48) -> Path:
    """A model, its processor and chat template. A server ends its replies after `new_tokens`; it never does itself."""
    import torch
    from transformers import GenerationConfig, Idefics3ForConditionalGeneration

    config = _config()
    torch.manual_seed(7)
    model = Idefics3ForConditionalGeneration(config)
    alphabet = _alphabet()
    with torch.no_grad():
        written = torch.zeros_like(model.lm_head.weight)  # letters and spaces are written, nothing else
        for letter in string.ascii_lowercase:
            written[alphabet[letter]] = model.lm_head.weight[alphabet[letter]]
        written[alphabet[SPACE]] = 2 * model.lm_head.weight[alphabet[SPACE]]
        leaning = torch.nn.functional.normalize(torch.randn(config.text_config.hidden_size), dim=0)
        model.model.text_model.embed_tokens.weight[alphabet[LINE_END]] += 4 * leaning
        for letter in JUDGEMENTS:
            written[alphabet[letter]] = model.lm_head.weight[alphabet[letter]] + leaning
        model.lm_head.weight.copy_(written)
    model.generation_config = GenerationConfig(
        max_new_tokens=new_tokens, do_sample=False, eos_token_id=257, pad_token_id=258
    )
    model.save_pretrained(folder)
    _write_processor(folder)
    return folder


def _alphabet() -> dict[str, int]:
    """Token id by byte, each byte as the letter that stands for it."""
    from tokenizers.pre_tokenizers import ByteLevel

    return {letter: number for number, letter in enumerate(sorted(ByteLevel.alphabet()))}


def _config() -> "Idefics3Config":
    from transformers import Idefics3Config

    text = {
        "model_type": "llama",
        "vocab_size": VOCABULARY,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 64,
        "max_position_embeddings": MAX_TOKENS,
        "initializer_range": 0.1,
        "bos_token_id": 256,
        "eos_token_id": 257,
        "pad_token_id": 258,
    }
    vision = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 1,
        "image_size": IMAGE_SIZE,
        "patch_size": PATCH,
        "initializer_range": 0.1,
    }
    return Idefics3Config(text_config=text, vision_config=vision, scale_factor=SCALE, image_token_id=259)


def _write_processor(folder: Path) -> None:
    """Every byte is a token, so every text can be read and every answer written."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import Idefics3Processor, PreTrainedTokenizerFast
    from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

    tokenizer = Tokenizer(models.BPE(vocab=_alphabet(), merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<pad>",
        model_max_length=MAX_TOKENS,
    )
    images = Idefics3ImageProcessorPil(
        size={"longest_edge": IMAGE_SIZE}, max_image_size={"longest_edge": IMAGE_SIZE}, do_image_splitting=False
    )
    processor = Idefics3Processor(images, fast, image_seq_len=IMAGE_TOKENS, chat_template=TEMPLATE)
    processor.save_pretrained(folder)
