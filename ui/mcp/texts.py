"""The same for people and models: text that stands alone, with a link to every place."""

from collections.abc import Iterable, Sequence

from common.untrusted import link_words, one_line
from ui.mcp.results import Answered, Cited, Documents, Fetched, Found, Ingested, Made, ShownPage, Source

QUOTED = 600  # letters of a place


def found(query: str, corpus: str, results: Sequence[Found]) -> str:
    if not results:
        return f"Nothing was found in the corpus {corpus}."
    head = f"{len(results)} places in the corpus {corpus} for: {one_line(query)}"
    return "\n\n".join([head, *(f"{n}. {_linked(one)}\n{_quoted(one.text)}" for n, one in enumerate(results, start=1))])


def answered(answer: Answered) -> str:
    return "\n\n".join(
        filter(
            None,
            (
                answer.text,
                "\n".join(f"[{one.number}] {_linked(one)}\n{_quoted(one.quote)}" for one in answer.citations),
                made(answer.made),
                "\n".join(f"Note: {notice}" for notice in answer.notices),
            ),
        )
    )


def made(files: Iterable[Made]) -> str:
    return "\n".join(f"Made: {', '.join([_link(one.title, one.url), *_others(one)])}" for one in files)


def fetched(page: Fetched) -> str:
    return f"{_link(page.title, page.url)}\n\n{page.text or 'No words stand on this page.'}"


def shown(page: ShownPage) -> str:
    return f"{_link(page.title, page.url)}, of {page.pages}"


def listed(held: Documents) -> str:
    lines = [
        f"- {one_line(one.name)}{_titled(one.name, one.title)}, {_pages(one.pages)} (id {one.id})"
        for one in held.documents
    ]
    others = [name for name in held.corpora if name != held.corpus]
    more = [f"Other corpora: {', '.join(others)}"] if others else []
    return "\n".join([f"{len(lines)} documents in the corpus {held.corpus}:", *lines, *more])


def ingested(done: Ingested) -> str:
    lines = [
        f"- {one_line(one.name)}, {_pages(one.pages)}{f': {one.problem}' if one.problem else ''}"
        for one in done.documents
    ]
    skipped = [f"- not read: {one_line(name)}" for name in done.skipped]
    return "\n".join([f"Read into the corpus {done.corpus}:", *lines, *skipped])


def _linked(source: Source | Cited) -> str:
    return f"{_link(source.title, source.url)} ({source.kind}, id {source.id})"


def _link(words: str, url: str) -> str:
    return f"[{link_words(words)}]({url})"


def _others(file: Made) -> Iterable[str]:
    return (_link(mime, url) for mime, url in file.others.items())


def _quoted(text: str) -> str:
    words = one_line(text)
    return f"> {words if len(words) <= QUOTED else words[:QUOTED].rsplit(' ', 1)[0] + '…'}"


def _titled(name: str, title: str) -> str:
    return f": {one_line(title)}" if title and title != name else ""


def _pages(count: int) -> str:
    return f"{count} page{'' if count == 1 else 's'}"
