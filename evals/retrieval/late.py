"""Late interaction over words, to see whether it pays: ColBERT's MaxSim (arXiv 2004.12832) on the states that MiniLM
has anyway, before it means them into one vector, kept in one byte a number.

No part of the retriever: the figures in docs say why. Not trained for it, the model's states add little to what the
reranker reads, and keeping them would take several times the room of all else.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from retrievers.elements import Element
from retrievers.embedders.minilm import load_model
from retrievers.search.rerank import COSINE_UNIT, Ranked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAGES = 20  # of the reranked ones, looked at again
WEIGHT = 1.0  # of a difference of one `COSINE_UNIT`, beside the reranker's; fitted, it is 1.1
SCALE = 127
_model = cache(load_model)
_kept: dict[UUID, "NDArray[np.int8]"] = {}


def rescored(question: str, ranked: Sequence[Ranked]) -> list[Ranked]:
    """`ranked` with its first `PAGES` in order of their score and of how well their best region covers the question,
    token by token."""
    first = ranked[:PAGES]
    regions = [[m.element for m in one.candidate.matches if m.element.kind != "page"] for one in first]
    _keep([element for group in regions for element in group])
    (asked,) = token_vectors([question])
    like = [max((maxsim(asked, _kept[element.id]) for element in group), default=0.0) for group in regions]
    scores = [one.score + WEIGHT * value / COSINE_UNIT for one, value in zip(first, like, strict=True)]
    order = sorted(range(len(first)), key=lambda place: -scores[place])
    return [*(first[place] for place in order), *ranked[PAGES:]]


def token_vectors(texts: Sequence[str]) -> list["NDArray[np.int8]"]:
    """For each text [T, 384]: the unit vector of each of its tokens, times `SCALE`."""
    import torch

    tokenizer, model = _model()
    out = []
    for encoding in tokenizer.encode_batch(list(texts)):
        with torch.inference_mode():
            states = model(torch.tensor([encoding.ids]))[0, 1:-1]  # [T, 384]
        out.append((torch.nn.functional.normalize(states, dim=-1) * SCALE).round().to(torch.int8).numpy())
    return out


def maxsim(asked: "NDArray[np.int8]", text: "NDArray[np.int8]") -> float:
    """Mean over the question's tokens of the cosine to the text's nearest one."""
    import numpy as np

    if not len(asked) or not len(text):
        return 0.0
    return float((asked.astype(np.float32) @ text.astype(np.float32).T).max(1).mean() / SCALE**2)


def _keep(elements: Sequence[Element]) -> None:
    missing = [element for element in elements if element.id not in _kept]
    for element, vectors in zip(missing, token_vectors([one.indexed_text for one in missing]), strict=True):
        _kept[element.id] = vectors
