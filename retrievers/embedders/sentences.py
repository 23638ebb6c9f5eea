"""Dense text vectors from any model of sentence-transformers (Reimers & Gurevych, 2019): a hub id or a folder.

Its own prompts for questions and for documents are used where it has them. What ranks and estimates pages was fitted to
the cosines of MiniLM, so those of another model are put on that scale first, by a straight line through the
similarities of a few sentences.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from retrievers import embedders
from retrievers.elements import Element
from retrievers.embedders.base import EmbedderInfo
from retrievers.stores.base import VectorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFAULT = EmbedderInfo(
    name="sentences",
    vector="text",
    spec=VectorSpec("dense", 384),
    modality="text",
    licence="MIT",
    size_mb=471,
    source="intfloat/multilingual-e5-small",
)
BATCH = 32
# by threes of one meaning, of one subject, and of none: all that the line between two scales is drawn through
SENTENCES = (
    "The ferry leaves the harbour at nine in the morning.",
    "At nine o'clock in the morning the ferry sets out from the harbour.",
    "The ferry carries ninety cars and their passengers.",
    "Revenue rose by twelve percent in the third quarter.",
    "In the third quarter sales grew twelve percent.",
    "Costs fell in the third quarter as energy became cheaper.",
    "Water boils at a lower temperature in the mountains.",
    "The higher one climbs, the less heat it takes to boil water.",
    "Mountain water is poor in calcium and magnesium.",
    "Press the red button to stop the pump at once.",
    "The pump is halted immediately by pushing the red button.",
    "The pump moves forty litres of oil a minute.",
    "The court ruled that the lease had ended in May.",
    "According to the judgment the lease expired in May.",
    "The tenant asked the court for more time to move out.",
    "Owls hunt at night and find their prey by ear.",
    "By listening, owls catch animals in the dark.",
    "Owls lay their eggs in hollow trees.",
)


class SentenceEmbedder:
    """Unit vectors of the model at `source`. Raises `UserError` where it cannot be loaded."""

    info: EmbedderInfo = DEFAULT

    def __init__(self, source: str = DEFAULT.source) -> None:
        self._lock = threading.Lock()
        self._source = source
        if source != DEFAULT.source:
            spec = replace(DEFAULT.spec, dim=self._model.get_embedding_dimension())
            self.info = replace(DEFAULT, source=source, spec=spec, licence="see its source", size_mb=0)

    @cached_property
    def _model(self) -> Any:
        return _load(self._source)

    def embed_documents(self, elements: Sequence[Element]) -> list[list[float]]:
        rows: list[list[float]] = self._encoded("document", [element.indexed_text for element in elements]).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        row: list[float] = self._encoded("query", [text])[0].tolist()
        return row

    def scaled(self, cosine: float) -> float:
        """A cosine of a question and a text as MiniLM would see it."""
        slope, middle = self._line
        return min(1.0, max(-1.0, slope * cosine + middle))

    @cached_property
    def _line(self) -> tuple[float, float]:
        """Least squares through the similarities of all pairs of `SENTENCES`, asked and found."""
        import numpy as np

        texts = list(SENTENCES)
        own = self._encoded("query", texts) @ self._encoded("document", texts).T
        theirs = (vectors := embedders.load("minilm").embed_texts(texts)) @ vectors.T
        pairs = list(combinations(range(len(texts)), 2))
        slope, middle = np.polyfit([own[pair] for pair in pairs], [theirs[pair] for pair in pairs], 1)
        return float(slope), float(middle)

    def _encoded(self, role: str, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        with self._lock:
            encode = self._model.encode_query if role == "query" else self._model.encode_document
            rows = encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, np.float32).reshape(len(texts), self.info.spec.dim)


def _load(source: str) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(source, model_kwargs={"use_safetensors": True})
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise UserError(
            f"The model {source!r} cannot be loaded: {str(error).strip().partition(chr(10))[0]}",
            f"Name a folder or hub id of a sentence-transformers model, or fetch it once with: hf download {source}",
        ) from error
