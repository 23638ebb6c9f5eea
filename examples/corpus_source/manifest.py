"""A list of every figure and table the corpus holds, kept while it is made."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Entry:
    """`form` says how it is drawn: `text` has a text layer, `vector` and `raster` are graphics, `scan` only pixels."""

    document: str
    page: int
    kind: Literal["figure", "table"]
    form: Literal["text", "vector", "raster", "scan"]
    caption: str


@dataclass
class Manifest:
    entries: list[Entry] = field(default_factory=list)
    pages: dict[str, int] = field(default_factory=dict)

    def document(self, name: str, pages: int) -> None:
        self.pages[name] = pages

    def figure(self, document: str, page: int, form: Literal["vector", "raster", "scan"], caption: str) -> None:
        self.entries.append(Entry(document, page, "figure", form, caption))

    def table(self, document: str, page: int, caption: str, form: Literal["text", "scan"] = "text") -> None:
        self.entries.append(Entry(document, page, "table", form, caption))

    def write(self, path: Path) -> None:
        documents = [{"document": name, "pages": pages} for name, pages in sorted(self.pages.items())]
        entries = [asdict(entry) for entry in self.entries]
        path.write_text(json.dumps({"documents": documents, "entries": entries}, indent=1) + "\n", encoding="utf-8")
