"""How long until documents can be asked about, how long until all is done, what each stage costs, and what it finds.

    python benchmarks/stages.py --pdfs FOLDER [--limit 5] [--questions QUESTIONS.jsonl ...]

Reads the PDFs into a corpus of its own. Prints a row per stage: pages, seconds, CPU seconds a page (of all programs),
and, with questions as for `triptych eval retrieval`, page recall once the words are there and at the end. The embedder
is loaded before the clock starts.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from common.errors import UserError
from evals.datasets.questions import Question, read_questions
from evals.metrics import CUTS, success
from retrievers import embedders
from retrievers.ingestion.ingest import Progress
from retrievers.library import Corpus, Library


@dataclass
class Clock:
    """When each stage ended, by the wall and by the CPU of all programs, and how many pages it went through."""

    start: float = field(default_factory=time.perf_counter)
    spent: float = 0.0  # CPU seconds before
    ended: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    paused: float = 0.0
    memory: int = 0

    def tell(self, now: Progress) -> None:
        if now.stage not in self.ended or now.pages_done == now.pages_total or now.stage == "words":
            self.ended[now.stage] = now.pages_done, self.now(), cpu_seconds() - self.spent
        self.memory = max(self.memory, memory())

    def now(self) -> float:
        return time.perf_counter() - self.start - self.paused

    def rows(self) -> list[str]:
        before, out = (0.0, 0.0), []
        for stage, (pages, seconds, cpu) in self.ended.items():
            took, spent = seconds - before[0], cpu - before[1]
            out.append(f"| {stage} | {pages} | {took:.1f} | {pages / took:.1f} | {spent / pages:.3f} |")
            before = seconds, cpu
        return out


def programs() -> list[psutil.Process]:
    """This one, and those that read for it."""
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def cpu_seconds() -> float:
    """Of those that run, and of those that have ended."""
    times = [one.cpu_times() for one in programs()]
    own = times[0]
    return sum(one.user + one.system for one in times) + own.children_user + own.children_system


def memory() -> int:
    """Bytes resident in all of them; what they share counts for each."""
    return sum(one.memory_info().rss for one in programs())


def recall(corpus: Corpus, questions: Sequence[Question]) -> str:
    """Page recall at each cut."""
    depth = max(CUTS)
    found = [
        [(hit.element.document, hit.element.page) for hit in corpus.search(one.text, top=depth)] for one in questions
    ]
    shares = [
        sum(success(ranked, one.pages, cut) for ranked, one in zip(found, questions, strict=True)) for cut in CUTS
    ]
    return " / ".join(f"{share / len(questions):.2f}" for share in shares)


def measure(pdfs: Sequence[Path], questions: Sequence[Question], folder: Path) -> None:
    chosen = ("outlines",)
    embedders.load("minilm").embed_query("warm")
    corpus = Library(folder, image_embedders=chosen).open("measured", create=True)
    clock = Clock(spent=cpu_seconds())
    report = corpus.ingest(pdfs, clock.tell, words_only=True)
    answerable, early = clock.now(), ""
    if questions:
        begun = time.perf_counter()
        early = recall(corpus, questions)
        clock.paused = time.perf_counter() - begun
    corpus.complete(clock.tell)
    print("| stage | pages | seconds | pages/s | CPU s/page |\n|---|---|---|---|---|")
    print("\n".join(clock.rows()))
    print(f"\n{report.pages} pages: answerable after {answerable:.1f} s, whole after {clock.now():.1f} s, ", end="")
    print(f"{(cpu_seconds() - clock.spent) / report.pages:.3f} CPU s/page, {clock.memory / 1e6:.0f} MB at most")
    if questions:
        print(f"page recall @{' / @'.join(map(str, CUTS))} by words: {early}; at the end: {recall(corpus, questions)}")
    corpus.close()


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pdfs", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--questions", type=Path, nargs="*", default=[], metavar="FILE")
    parser.add_argument("--limit", type=int, help="read only so many PDFs, the first by name")
    options = parser.parse_args(arguments)
    pdfs = sorted(options.pdfs.glob("*.pdf"))[: options.limit]
    if not pdfs:
        raise UserError(f"There are no PDFs in {options.pdfs}.")
    names = {pdf.name for pdf in pdfs}
    asked = read_questions(options.questions) if options.questions else []
    with tempfile.TemporaryDirectory() as folder:
        measure(pdfs, [one for one in asked if one.pages and set(one.documents) <= names], Path(folder))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.exit(str(error))
