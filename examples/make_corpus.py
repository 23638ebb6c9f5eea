"""Make the sample corpus, its manifest and its example questions: `python examples/make_corpus.py [FOLDER]`.

Everything is drawn from `corpus_source/facts.py`; with the same library versions the same bytes come out.
"""

import sys
from pathlib import Path

from corpus_source import pages, papers, questions, report, scan, slides
from corpus_source.manifest import Manifest


def main(folder: Path) -> None:
    corpus, manifest = folder / "corpus", Manifest()
    corpus.mkdir(parents=True, exist_ok=True)
    for part in (report, scan, slides, pages, papers):
        part.make(corpus, manifest)
    manifest.write(folder / "corpus_manifest.json")
    questions.write(folder / "questions.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
