"""`triptych eval aim`: what fused demonstrations are worth, all measured through one real vLLM server in one run.

Arms: `zero` no demonstrations; `raw` pictures and texts; `raw-warm` the same, just after another question about the
same demonstrations, which the server keeps in its prefix cache; `text` the texts alone; `aim` fused before the clock
starts, as a bank keeps them; `aim-fresh` fused within it; `identity` and `random`: another W. Every arm is asked the
same episodes, labels drawn anew in each, so that only the demonstrations carry the answer. A salt of its own keeps
every request but the warm ones from reusing what the server has cached.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from common.arguments import at_least
from evals.aim import report
from evals.aim.report import Cell
from evals.metrics import wilson

if TYPE_CHECKING:
    import torch

    from experiments.aim_lab.episodes import Pictures
    from generators.aim.data import Document
    from generators.aim.fuser import Fuser
    from generators.aim.parts import Message
    from generators.aim.serving import Server

HELP = "Fused demonstrations beside raw ones and others, through a vLLM server."
SIZES = (0, 1, 2, 4, 5, 8, 16)
ARMS = ("zero", "text", "random", "identity", "aim", "aim-fresh", "raw", "raw-warm")
WARM = "raw-warm"
TAKES = 12  # pictures of each class kept aside
AT_ONCE = 4  # requests, when requests a second are counted
REPLY = 4  # most tokens: a label, and the mark that ends it
WARMING = 5  # requests of each arm before any is timed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument(
        "--images", type=Path, metavar="DIR", help="a sub-folder of pictures a class; else unseen glyphs"
    )
    shown.add_argument("--hands", action="store_true", help="unseen glyphs in handwriting unlike that of the training")
    parser.add_argument("--model", type=Path, metavar="DIR", help="default: the lab model")
    parser.add_argument("--projector", type=Path, metavar="DIR", help="default: the lab model's")
    parser.add_argument(
        "--episodes", type=at_least(1), default=200, metavar="N", help="for each size and arm (default: 200)"
    )
    parser.add_argument(
        "--sizes", type=at_least(0), nargs="+", default=SIZES, metavar="N", help="demonstrations (default: 0 to 16)"
    )
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument(
        "--url",
        help="a running server with the model, such as http://127.0.0.1:8000/v1, with prefix caching; else one starts",
    )
    parser.add_argument("--name", default="lab", help="the model's name there (default: lab)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write aim.json, aim.md and plots here")


def run(arguments: argparse.Namespace) -> int:
    import torch

    from evals.aim import vllm
    from generators.aim.fuser import Fuser
    from generators.aim.lab import MODEL, PROJECTOR
    from generators.aim.serving import Server

    model, projector = arguments.model or MODEL, arguments.projector or PROJECTOR
    torch.set_num_threads(1)  # the server has threads of its own
    fuser = Fuser.load(str(model), projector)
    pictures = _pictures(arguments.images, arguments.hands, arguments.seed)
    started = vllm.serving(model, "lab", *vllm.LAB, "--enable-prompt-embeds", *vllm.CACHED.split())
    with nullcontext(arguments.url) if arguments.url else started as url:
        server = Server(url, arguments.name)
        measured = cells(server, fuser, pictures, arguments.episodes, arguments.seed, kv_bytes(model), arguments.sizes)
        found = list(measured)
    text = report.markdown(found)
    figures = json.dumps({"cells": [asdict(cell) for cell in found]}, indent=1)
    print(figures if arguments.json else text)
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "aim.json").write_text(figures + "\n", encoding="utf-8")
        (arguments.out / "aim.md").write_text(text, encoding="utf-8")
        for name, plot in report.drawings(found).items():
            (arguments.out / f"{name}.svg").write_text(plot, encoding="utf-8")
    return 0


def cells(
    server: "Server",
    fuser: "Fuser",
    pictures: "Pictures",
    count: int,
    seed: int,
    token_bytes: int,
    sizes: Sequence[int] = SIZES,
) -> Iterator[Cell]:
    from experiments.aim_lab.episodes import evaluation

    fusers = {"aim": fuser, "aim-fresh": fuser} | {arm: _with_weight(fuser, arm) for arm in ("identity", "random")}
    why = server.misfit(fuser)
    if why:
        from common.errors import UserError

        raise UserError(f"Fused demonstrations would be misread: {why}.", "Serve the model the projector is for.")
    for size in sizes:
        documents = evaluation(pictures, count, size, seed)
        empty = server.tokens(_messages(documents[0], "zero", None, []))
        asked = [Asked(arm, documents, fusers.get(arm)) for arm in (ARMS if size else ARMS[:1])]
        for arm in asked:
            arm.warm(server)
        for place in range(count):  # in turn, so that a busy moment of the machine is shared by all
            for arm in asked:
                arm.one(server, place)
        for arm in asked:
            yield arm.cell(server, token_bytes, empty)


class Asked:
    """The same documents asked in one arm."""

    def __init__(self, arm: str, documents: "Sequence[Document]", fuser: "Fuser | None") -> None:
        """Fuses whatever is not timed."""
        self.arm, self.documents, self.fuser = arm, documents, fuser
        fused = [fuser.fuse(document.demonstrations) if fuser else [] for document in documents]
        self.ready = [_messages(document, arm, fuser, rows) for document, rows in zip(documents, fused, strict=True)]
        self.right, self.waits = 0, list[float]()

    def warm(self, server: "Server") -> None:
        for messages in self.ready[:WARMING]:
            list(server.stream(messages, REPLY, self._salt()))

    def _salt(self) -> str:
        """New for each request; the same for all where the cache is to be used."""
        return "" if self.arm == WARM else token_hex(8)

    def one(self, server: "Server", place: int) -> None:
        """Ask of one document, by the clock."""
        document, messages = self.documents[place], self.ready[place]
        if self.arm == WARM:  # another question after the very demonstrations
            other = self.documents[place - 1].asked
            list(server.stream(_messages(replace(document, asked=other), self.arm, None, []), 1))
        start = time.perf_counter()
        if self.fuser and self.arm == "aim-fresh":
            messages = _messages(document, self.arm, self.fuser, self.fuser.fuse(document.demonstrations))
        pieces = server.stream(messages, REPLY, self._salt())
        first = next(pieces, "")
        self.waits.append(time.perf_counter() - start)
        self.right += (first + "".join(pieces)).strip() == document.asked.text

    def cell(self, server: "Server", token_bytes: int, empty: int) -> Cell:
        """What was found; `empty`: tokens of a prompt without demonstrations."""
        count, size = len(self.documents), len(self.documents[0].demonstrations)
        low, high = wilson(self.right, count)
        length = server.tokens(self.ready[0])
        return Cell(
            arm=self.arm,
            demonstrations=size,
            episodes=count,
            accuracy=self.right / count,
            low=low,
            high=high,
            tokens=(length - empty) / size if size else 0.0,
            first_token=sorted(self.waits)[count // 2],
            per_second=self._per_second(server),
            kv_bytes=length * token_bytes,
        )

    def _per_second(self, server: "Server") -> float:
        from concurrent.futures import ThreadPoolExecutor

        start = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda messages: list(server.stream(messages, REPLY, self._salt())), self.ready))
        return len(self.ready) / (time.perf_counter() - start)


def kv_bytes(model: Path) -> int:
    """Keys and values of one token at float32, in bytes: 2 x layers x key-value heads x width of a head x 4."""
    from transformers import AutoConfig

    text: Any = AutoConfig.from_pretrained(model).get_text_config()
    head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return int(2 * text.num_hidden_layers * text.num_key_value_heads * head * 4)


def _messages(
    document: "Document", arm: str, fuser: "Fuser | None", fused: "Sequence[torch.Tensor]"
) -> "list[Message]":
    from generators.aim.parts import fused_part, messages, raw_parts

    shown = document.demonstrations
    if fuser:
        parts = [fused_part(fuser.joined(fused), fuser.projector.meta.width)]
    elif arm == "text":
        parts = [{"type": "text", "text": each.text} for each in shown]
    else:
        parts = raw_parts(shown) if arm in {"raw", WARM} else []
    return messages(parts, document.asked.image, document.asked.question)


def _with_weight(fuser: "Fuser", arm: str) -> "Fuser":
    from experiments.aim_lab.arms import dressed
    from generators.aim.backbone import Fusing
    from generators.aim.fuser import Fuser
    from generators.aim.projector import Projector

    meta = fuser.projector.meta
    weight = dressed(Fusing(fuser.projector.weight, meta.layers, meta.scale), arm).weight
    return Fuser(fuser.model, fuser.processor, fuser.adapter, Projector(weight, meta))


def _pictures(images: Path | None, hands: bool, seed: int) -> "Pictures":
    from experiments.aim_lab import glyphs
    from experiments.aim_lab.episodes import from_folder, from_glyphs, from_hands

    if images:
        return from_folder(images)
    _, aside = glyphs.make().split()
    return (from_hands if hands else from_glyphs)(aside, TAKES, seed)
