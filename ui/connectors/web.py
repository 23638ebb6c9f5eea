"""Pages of the web as files that can be read: one page, or those that a site map names."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from common.errors import UserError
from generators.core.media import write_whole
from ui.connectors.fetching import Fetched, Fetcher

ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
}
LONGEST = 120  # letters of a file's name
MAPS = 20  # site maps that site maps may name


@dataclass
class Visit:
    """What came of an address: the files that were written, and why pages are missing."""

    files: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def visit(url: str, fetcher: Fetcher, folder: Path, most: int, tell: Callable[[str], None]) -> Visit:
    """Writes the page into `folder`, or `most` of those that it names if it is a site map; `tell` is told of each.
    Raises `UserError` where the address itself cannot be fetched."""
    done, first = Visit(), fetcher.get(url)
    pages, maps = _named(first)
    if not pages and not maps:
        done.files.append(_kept(first, folder))
        return done
    for one in maps[:MAPS]:
        _try(done, lambda one=one: pages.extend(_named(fetcher.get(one))[0]))  # type: ignore[misc]
    for one in list(dict.fromkeys(pages))[:most]:
        tell(one)
        _try(done, lambda one=one: done.files.append(_kept(fetcher.get(one), folder)))  # type: ignore[misc]
    if len(set(pages)) > most:
        done.problems.append(f"{len(set(pages)) - most} further pages of {url} were left out: see --most.")
    return done


def _try(done: Visit, work: Callable[[], None]) -> None:
    try:
        work()
    except UserError as error:
        done.problems.append(str(error))


def _named(page: Fetched) -> tuple[list[str], list[str]]:
    """The pages and the further maps that a site map names (https://www.sitemaps.org/protocol.html); none of others."""
    if not page.kind.endswith("xml") or page.kind in ENDINGS:
        return [], []
    try:
        root = etree.fromstring(page.data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return [], []
    found = [str(one.text or "").strip() for one in root.iterfind("{*}*/{*}loc")]
    kind = etree.QName(root).localname
    return (found, []) if kind == "urlset" else ([], found) if kind == "sitemapindex" else ([], [])


def _kept(page: Fetched, folder: Path) -> Path:
    """The same address is the same file."""
    ending = ENDINGS.get(page.kind)
    if ending is None:
        raise UserError(f"{page.url} is of a type that cannot be read ({page.kind}).", "Download it, and add the file.")
    parts = urlsplit(page.url)
    words = re.sub(r"[^\w.-]+", "-", f"{parts.hostname}{parts.path.removesuffix(ending)}").strip("-.")[:LONGEST]
    told = (
        ""
        if words and not parts.query and len(words) < LONGEST
        else f"-{hashlib.sha256(page.url.encode()).hexdigest()[:8]}"
    )
    path = folder / f"{words}{told}{ending}"
    write_whole(path, page.data)
    return path
