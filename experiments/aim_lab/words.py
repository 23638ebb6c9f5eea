"""The lab model's words, its tokenizer and its processor: one token a word, so that a label costs one token."""

from pathlib import Path
from typing import Any

from generators.aim.lab.vocabulary import LABELS

SPEECH_TEXT = """
user assistant system what which is this that the a an it of in to and or do does you see here there now then picture
image drawing figure symbol sign character word name label class kind group called shown answer question say tell me
give please best right belong belongs fits fit look at like by for with one last next new same has have how should be
these those are examples example pictures as on from not
"""
SPEECH = SPEECH_TEXT.split()
MARKS = ["?", ".", ",", ":", ";", "!", "-", "'", '"', "(", ")", "/", "=", ">"]
PAD, UNKNOWN, START, END = "<pad>", "<unk>", "<|im_start|>", "<end_of_utterance>"
IMAGE, AROUND, GLOBAL = "<image>", "<fake_token_around_image>", "<global-img>"
SPECIAL = [PAD, UNKNOWN, START, END, IMAGE, AROUND, GLOBAL]
TEMPLATE = """\
<|im_start|>{% for message in messages -%}{{ message.role | capitalize }}:
{%- if message.content is string %} {{ message.content }}{% else %}
{%- for part in message.content %}{% if part.type == "image" %}<image>{% else %} {{ part.text }}{% endif %}{% endfor %}
{%- endif %}<end_of_utterance>
{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"""


def vocabulary() -> dict[str, int]:
    """Token -> id; a word that is both a label and part of speech stands once."""
    return {token: number for number, token in enumerate(dict.fromkeys([*SPECIAL, *LABELS, *SPEECH, *MARKS]))}


def write_processor(folder: Path, side: int, image_tokens: int) -> None:
    """Tokenizer, chat template and image settings, as `AutoProcessor` and vLLM load them.

    A picture of any size is resized to `side` x `side` pixels and never split: it costs `image_tokens` + 3 tokens.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import Idefics3ImageProcessorPil, Idefics3Processor, PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel(vocabulary(), unk_token=UNKNOWN))
    words.normalizer = normalizers.Lowercase()
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    fast: Any = PreTrainedTokenizerFast
    tokenizer = fast(
        tokenizer_object=words,
        bos_token=START,
        eos_token=END,
        pad_token=PAD,
        unk_token=UNKNOWN,
        extra_special_tokens=[IMAGE, AROUND, GLOBAL],
        clean_up_tokenization_spaces=False,
    )
    pictures = Idefics3ImageProcessorPil(
        size={"longest_edge": side}, max_image_size={"longest_edge": side}, do_image_splitting=False
    )
    processor = Idefics3Processor(pictures, tokenizer, image_seq_len=image_tokens, chat_template=TEMPLATE)
    processor.save_pretrained(folder)
