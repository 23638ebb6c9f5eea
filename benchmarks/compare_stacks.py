"""How do we compare with the default stacks of LlamaIndex and LangChain, on the same PDFs with the same embeddings?

    pip install pypdf llama-index-readers-file langchain-community langchain-text-splitters kreuzberg
    python benchmarks/compare_stacks.py --pdfs FOLDER --questions QUESTIONS.jsonl [--limit 5]

Each stack reads, embeds (all-MiniLM-L6-v2, the very same code) and writes in a process of its own, then answers the
questions of `triptych eval retrieval` that have pages and are about the PDFs read. Theirs are the readers, splitters
and vector stores of their tutorials; they read text layers only, where we also find tables and figures and read scans.
Kreuzberg, which reads layout and tables too, stands before the same splitter and store.
A page counts as found when one of the first five different pages is right.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from common.errors import MissingExtra, UserError
from evals.datasets.questions import PageKey, Question, read_questions
from evals.metrics import percentile, success
from retrievers import embedders

Answer = Callable[[str], list[PageKey]]  # a question -> pages, best first
Stack = Callable[[Sequence[Path], Path], Answer]  # reads PDFs, and writes its index into a folder
CUT = 5
CHUNKS = 40  # asked of the other stacks, so that five different pages are among them
NEEDS = {
    "triptych": {},
    "llama-index": {"pypdf": "pypdf", "llama_index.readers.file": "llama-index-readers-file"},
    "kreuzberg": {"kreuzberg": "kreuzberg", "langchain_text_splitters": "langchain-text-splitters"},
    "langchain": {
        "pypdf": "pypdf",
        "langchain_community": "langchain-community",
        "langchain_text_splitters": "langchain-text-splitters",
    },
}


def triptych(pdfs: Sequence[Path], folder: Path) -> Answer:
    from retrievers.library import Library

    corpus = Library(folder).open("compared", create=True)
    corpus.ingest(pdfs)
    return lambda question: [(hit.element.document, hit.element.page) for hit in corpus.search(question, top=CUT)]


def llama_index(pdfs: Sequence[Path], folder: Path) -> Answer:
    from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding

    minilm = embedders.load("minilm")

    class Same(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            rows: list[list[float]] = minilm.embed_texts(texts).tolist()
            return rows

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    documents = []
    for pdf in pdfs:
        pages = SimpleDirectoryReader(input_files=[pdf]).load_data()
        documents += [_numbered(page, pdf, number) for number, page in enumerate(pages, start=1)]
    index = VectorStoreIndex.from_documents(documents, embed_model=Same())
    index.storage_context.persist(str(folder))
    retriever = index.as_retriever(similarity_top_k=CHUNKS)
    return lambda question: [_page(found.node.metadata) for found in retriever.retrieve(question)]


def langchain(pdfs: Sequence[Path], folder: Path) -> Answer:
    from langchain_community.document_loaders import PyPDFLoader  # type: ignore[import-not-found]

    pages = [
        _numbered(page, pdf, number) for pdf in pdfs for number, page in enumerate(PyPDFLoader(str(pdf)).lazy_load(), 1)
    ]
    return _by_langchain(pages, folder)


def kreuzberg(pdfs: Sequence[Path], folder: Path) -> Answer:
    """Reads layout, tables and, where it has Tesseract's data, scans, as we do; the rest is LangChain's."""
    from kreuzberg import ExtractionConfig, PageConfig, extract_file_sync  # type: ignore[import-not-found]
    from langchain_core.documents import Document

    config = ExtractionConfig(pages=PageConfig(extract_pages=True), use_cache=False)
    read = [(pdf, page) for pdf in pdfs for page in extract_file_sync(str(pdf), config=config).pages]
    pages = [_numbered(Document(page["content"]), pdf, page["page_number"]) for pdf, page in read]
    return _by_langchain(pages, folder)


def _by_langchain(pages: Sequence[Any], folder: Path) -> Answer:
    """Its splitter and its store, over its documents."""
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # type: ignore[import-not-found]

    minilm = embedders.load("minilm")

    class Same(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            rows: list[list[float]] = minilm.embed_texts(texts).tolist()
            return rows

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(pages)
    store = InMemoryVectorStore(Same())
    store.add_documents(chunks)
    store.dump(str(folder / "store.json"))
    return lambda question: [_page(found.metadata) for found in store.similarity_search(question, k=CHUNKS)]


STACKS: dict[str, Stack] = {
    "triptych": triptych,
    "llama-index": llama_index,
    "langchain": langchain,
    "kreuzberg": kreuzberg,
}


def _numbered(page: Any, pdf: Path, number: int) -> Any:
    """Page labels are what is printed on a page; questions count from the first."""
    page.metadata |= {"pdf": pdf.name, "number": number}
    return page


def _page(metadata: dict[str, Any]) -> PageKey:
    return metadata["pdf"], metadata["number"]


def measure(name: str, pdfs: Sequence[Path], questions: Sequence[Question]) -> dict[str, float]:
    """The figures of one stack, by what they are called. The model is loaded before the clock starts."""
    embedders.load("minilm").embed_query("warm")
    pages = sum(map(page_count, pdfs))
    with tempfile.TemporaryDirectory() as folder:
        start, spent = time.perf_counter(), cpu_seconds()
        answer = STACKS[name](pdfs, Path(folder))
        seconds, spent = time.perf_counter() - start, cpu_seconds() - spent
        written = sum(file.stat().st_blocks * 512 for file in Path(folder).rglob("*") if file.is_file())
        times, found = [], []
        for question in questions:
            start = time.perf_counter()
            ranked = list(dict.fromkeys(answer(question.text)))
            times.append(1000 * (time.perf_counter() - start))
            found.append(success(ranked, question.pages, CUT))
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {
        "pages/s": pages / seconds,
        "CPU s/page": spent / pages,
        f"recall@{CUT}": sum(found) / len(found),
        "query p50, ms": percentile(times, 0.5),
        "query p95, ms": percentile(times, 0.95),
        "peak memory, MB": usage / 1024,
        "on disk, MB": written / 1e6,
    }


def cpu_seconds() -> float:
    """Of this process and of those it started that have ended: what a busy machine changes least."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def page_count(pdf: Path) -> int:
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def chosen(options: argparse.Namespace) -> tuple[list[Path], list[Question]]:
    """The PDFs, and the questions about them. Raises `UserError` when there are none."""
    pdfs = sorted(options.pdfs.glob("*.pdf"))[: options.limit]
    names = {pdf.name for pdf in pdfs}
    asked = [one for one in read_questions(options.questions) if one.pages and set(one.documents) <= names]
    if not asked:
        raise UserError(f"No question has its pages in the {len(pdfs)} PDFs of {options.pdfs}.", "Raise --limit.")
    return pdfs, asked


def check_installed(names: Sequence[str]) -> None:
    """Raises `MissingExtra` naming all that the stacks lack."""
    missing = {package for name in names for module, package in NEEDS[name].items() if not _importable(module)}
    if missing:
        wanted = " ".join(sorted(missing))
        raise MissingExtra(f"This comparison needs {wanted}.", f"Install with: pip install {wanted}")


def _importable(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a package around it is not there
        return False


def alone(name: str, arguments: Sequence[str]) -> dict[str, float]:
    """`measure` in a process of its own, so that memory is counted apart."""
    command = [sys.executable, __file__, *arguments, "--alone", name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pdfs", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--questions", type=Path, required=True, nargs="+", metavar="FILE")
    parser.add_argument("--limit", type=int, help="read only so many PDFs, the first by name")
    parser.add_argument("--stacks", nargs="+", choices=STACKS, default=list(STACKS))
    parser.add_argument("--alone", choices=STACKS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    pdfs, questions = chosen(options)
    if options.alone:
        print(json.dumps(measure(options.alone, pdfs, questions)))
        return
    check_installed(options.stacks)
    print(f"{len(pdfs)} PDFs, {sum(map(page_count, pdfs))} pages, {len(questions)} questions")
    figures = {name: alone(name, arguments) for name in options.stacks}
    columns = list(next(iter(figures.values())))
    print(f"| stack | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for name, row in figures.items():
        print(f"| {name} | {' | '.join(f'{value:.2f}' for value in row.values())} |")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.exit(str(error))
