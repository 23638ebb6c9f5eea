"""The vectors a corpus was made for must be those the chosen embedders fill."""

from collections.abc import Mapping

from common.errors import UserError
from retrievers.stores.base import VectorSpec


def check_specs(corpus: str, stored: Mapping[str, VectorSpec], wanted: Mapping[str, VectorSpec]) -> None:
    """Raises `UserError` when `corpus` holds other vectors than `wanted`."""
    if stored != wanted:
        raise UserError(
            f"The corpus {corpus} holds the vectors {_words(stored)}; the chosen embedders make {_words(wanted)}.",
            "Choose the embedders it was made with, or delete the corpus and ingest again.",
        )


def _words(specs: Mapping[str, VectorSpec]) -> str:
    return ", ".join(
        f"{name} ({spec.form}{f' {spec.dim}' if spec.dim else ''})" for name, spec in sorted(specs.items())
    )
