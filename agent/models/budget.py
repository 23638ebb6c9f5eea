"""How many tokens of sources a prompt may hold, so that it and its reply fit the model's context."""

import math
import re
from typing import TYPE_CHECKING

from langchain_core.messages import BaseMessage

from agent.models import abilities

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

UNKNOWN = 8192
"""Tokens a model is taken to read of which nobody knows: what hosted models and vLLM have at the least."""

REPLY = 0.25
"""Most of the context that is kept for the reply."""

TEMPLATE = 32  # tokens of the chat template around the messages, and of each message 8
MESSAGE = 8
IMAGE = 1024  # tokens of a picture: about what Qwen2-VL takes for a page 1,000 pixels wide

PIECE = re.compile(r"[a-zA-Z]+|\n| (?=\d)|[^\s]")
LETTERS = 4  # of a plain English word to a token
WIDE = "\u2e80"  # from here on, Chinese, Japanese, Korean: a small model's tokenizer splits their signs, too


def tokens(text: str) -> int:
    """A cheap estimate, rather too high: a token for every few letters of a word, for each digit, sign, line, space
    before a number, and letter outside ASCII, since the tokenizers of small models split those."""
    return sum(map(_of_piece, PIECE.findall(text)))


def budget(model: "BaseChatModel", *rest: BaseMessage | str) -> int:
    """Tokens that the sources may take beside the `rest` of the prompt; 0 when nothing is left."""
    context = abilities.of(model).context or UNKNOWN
    kept = min(reply(model), math.floor(context * REPLY))
    return max(0, context - kept - TEMPLATE - sum(map(_of_message, rest)))


def reply(model: "BaseChatModel") -> int:
    """Most tokens of one reply: the setting, or a part of a context that is known to be small."""
    context = abilities.of(model).context
    bounds = getattr(model, "bounds", None)
    share = math.floor((context or UNKNOWN) * REPLY)
    return min(bounds.tokens, share if context else bounds.tokens) if bounds else share


def _of_message(one: BaseMessage | str) -> int:
    if isinstance(one, str):
        return tokens(one)
    images = (
        0 if isinstance(one.content, str) else sum(isinstance(p, dict) and p.get("type") != "text" for p in one.content)
    )
    return MESSAGE + tokens(one.text) + IMAGE * images


def _of_piece(piece: str) -> int:
    return math.ceil(len(piece) / LETTERS) if piece.isascii() else 1 + (piece >= WIDE)
