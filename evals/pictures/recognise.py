"""Is a figure known again when a picture of it is sent: smaller, recompressed, cut at its edges, framed, in grey?

    python -m evals.pictures.recognise --corpus NAME [--data-dir DIR]

Every figure of the corpus is altered and looked for by its outlines. Prints how often it comes first, how often it is
recognised at all, and how often the figures of other documents are taken for it: each is also asked of the corpus
without its own document.
"""

import argparse
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from evals.datasets.corpus import add_data, open_named
from retrievers.elements import Element
from retrievers.embedders.outlines import Outlines
from retrievers.library import Corpus
from retrievers.parsers.rendering import WIDTH, region
from retrievers.search.image_search import recognised
from retrievers.stores.base import Filter

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

QUALITY = 50  # of JPEG
Alter = Callable[["Image"], "Image"]


def smaller(picture: "Image") -> "Image":
    """Half as wide and high, as a JPEG."""
    from PIL import Image

    data = io.BytesIO()
    picture.resize((max(16, picture.width // 2), max(16, picture.height // 2))).save(data, "JPEG", quality=QUALITY)
    return Image.open(data)


def cut(share: float) -> Alter:
    """Without `share` of its width and height at each edge."""
    return lambda picture: picture.crop(
        (
            int(share * picture.width),
            int(share * picture.height),
            int((1 - share) * picture.width),
            int((1 - share) * picture.height),
        )
    )


def framed(picture: "Image") -> "Image":
    from PIL import ImageOps

    return ImageOps.expand(picture, picture.width // 20, "white")


def grey(picture: "Image") -> "Image":
    return picture.convert("L").convert("RGB")


ALTERED: dict[str, Alter] = {
    "half the size, JPEG": smaller,
    "framed in white": framed,
    "in grey": grey,
    "cut by 2 %": cut(0.02),
    "cut by 5 %": cut(0.05),
    "cut by 10 %": cut(0.1),
}


def figures(corpus: Corpus) -> list[tuple[Element, "Image"]]:
    found = sorted(corpus.store.scroll(Filter(kinds=("figure",))), key=lambda one: (one.document, one.order))
    return [(element, region(corpus.render(element, WIDTH), element.box)) for element in found]


def main() -> None:
    import numpy as np

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    with open_named(parser.parse_args()) as corpus:
        known = figures(corpus)
    embedder = Outlines()

    def first(likeness: "NDArray[np.float64]") -> "NDArray[np.intp]":
        """Places of the figures that are taken for the picture."""
        order = np.argsort(-likeness)
        return order[: recognised(likeness[order].tolist(), embedder.least)]

    stored = np.array(embedder.embed_images([picture for _, picture in known]))  # [figures, dim]
    documents = np.array([element.document for element, _ in known])
    own = stored @ stored.T > 0.985  # the very same picture may stand on several pages
    print(
        f"{len(known)} figures of {len(set(documents))} documents; the same at a cosine of {embedder.least} or more\n"
    )
    print("| altered | comes first | recognised | taken for one of another document |\n|---|---|---|---|")
    for name, alter in ALTERED.items():
        asked = np.array([embedder.embed_image_query(alter(picture)) for _, picture in known])
        likeness = asked @ stored.T  # [figures, figures]
        right, wrong = np.where(own, likeness, -1).max(1), np.where(own, -1, likeness).max(1)
        again = [own[place, first(row)].any() for place, row in enumerate(likeness)]
        strange = np.where((documents[:, None] == documents) | own, -1, likeness)
        mistaken = [len(first(row)) > 0 for row in strange]
        print(f"| {name} | {np.mean(right > wrong):.2f} | {np.mean(again):.2f} | {np.mean(mistaken):.2f} |")


if __name__ == "__main__":
    main()
