"""Fitted weights of the search: JSON files beside this module, with what each was fitted to, how, and how well."""

import json
from pathlib import Path
from typing import Any

RERANK = Path(__file__).with_name("rerank.json")
RELEVANCE = Path(__file__).with_name("relevance.json")


def by_words(file: Path) -> Path:
    """The weights in the place of those in `file` where nothing is known of meaning."""
    return file.with_stem(f"{file.stem}_words")


def weights(file: Path) -> Any:
    """Those in `file`, which `triptych fit` of its name wrote."""
    return json.loads(file.read_text(encoding="utf-8"))["weights"]
