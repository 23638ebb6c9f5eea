"""`triptych eval aim`: what fused demonstrations are worth, all measured through one real vLLM server in one run.

Arms: `zero` no demonstrations; `raw` pictures and texts; `text` the texts alone; `aim` fused before the clock starts,
as a bank keeps them; `aim-fresh` fused within it; `identity` and `random`: another W. Every arm is asked the same
episodes, labels drawn anew in each, so that only the demonstrations carry the answer.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from generators.aim.data import Document
    from generators.aim.fuser import Fuser
    from generators.aim.lab.episodes import Pictures
    from generators.aim.parts import Message
    from generators.aim.serving import Server

HELP = "Fused demonstrations beside raw ones and others, through a vLLM server."
SIZES = (0, 1, 2, 4, 5, 8, 16)
ARMS = ("zero", "text", "random", "identity", "aim", "aim-fresh", "raw")
TAKES = 12  # pictures of each class kept aside
AT_ONCE = 4  # requests, when requests a second are counted
REPLY = 4  # most tokens: a label, and the mark that ends it
WARMING = 5  # requests of each arm before any is timed


@dataclass(frozen=True)
class Cell:
    """One arm at one number of demonstrations.

    `low`, `high`: 95 % Wilson interval of `accuracy`; `tokens`: of one demonstration; `first_token`: median seconds to
    it, fusing included for `aim-fresh`; `per_second`: requests; `kv_bytes`: keys and values of the prompt.
    """

    arm: str
    demonstrations: int
    episodes: int
    accuracy: float
    low: float
    high: float
    tokens: float
    first_token: float
    per_second: float
    kv_bytes: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="a sub-folder of pictures a class; else unseen glyphs"
    )
    parser.add_argument("--model", type=Path, metavar="DIR", help="default: the lab model")
    parser.add_argument("--projector", type=Path, metavar="DIR", help="default: the lab model's")
    parser.add_argument("--episodes", type=int, default=200, metavar="N", help="for each size and arm (default: 200)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--url", help="a running server with the model, such as http://127.0.0.1:8000/v1; else one starts"
    )
    parser.add_argument("--name", default="lab", help="the model's name there (default: lab)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write aim.json, aim.md and plots here")


def run(arguments: argparse.Namespace) -> int:
    import torch

    from evals import aim_report, vllm
    from generators.aim.fuser import Fuser
    from generators.aim.lab import model as lab
    from generators.aim.serving import Server

    home = Path(lab.__file__).parent
    model, projector = arguments.model or home / "model", arguments.projector or home / "projector"
    torch.set_num_threads(1)  # the server has threads of its own
    fuser = Fuser.load(str(model), projector)
    pictures = _pictures(arguments.images, arguments.seed)
    started = vllm.serving(model, "lab", *vllm.LAB, "--enable-prompt-embeds", *vllm.UNCACHED.split())
    with nullcontext(arguments.url) if arguments.url else started as url:
        server = Server(url, arguments.name)
        found = list(cells(server, fuser, pictures, arguments.episodes, arguments.seed, kv_bytes(model)))
    text = aim_report.markdown(found)
    report = json.dumps({"cells": [asdict(cell) for cell in found]}, indent=1)
    print(report if arguments.json else text)
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "aim.json").write_text(report + "\n", encoding="utf-8")
        (arguments.out / "aim.md").write_text(text, encoding="utf-8")
        for name, plot in aim_report.drawings(found).items():
            (arguments.out / f"{name}.svg").write_text(plot, encoding="utf-8")
    return 0


def cells(
    server: "Server", fuser: "Fuser", pictures: "Pictures", count: int, seed: int, token_bytes: int
) -> Iterator[Cell]:
    from generators.aim.lab.episodes import evaluation

    fusers = {"aim": fuser, "aim-fresh": fuser} | {arm: _with_weight(fuser, arm) for arm in ("identity", "random")}
    why = server.misfit(fuser)
    if why:
        from common.errors import UserError

        raise UserError(f"Fused demonstrations would be misread: {why}.", "Serve the model the projector is for.")
    for size in SIZES:
        documents = evaluation(pictures, count, size, seed)
        empty = server.tokens(_messages(documents[0], "zero", None, []))
        for arm in ARMS if size else ARMS[:1]:
            yield _measured(server, arm, documents, fusers.get(arm), token_bytes, empty)


def _measured(
    server: "Server", arm: str, documents: "Sequence[Document]", fuser: "Fuser | None", token_bytes: int, empty: int
) -> Cell:
    from concurrent.futures import ThreadPoolExecutor

    fused = [fuser.fuse(document.demonstrations) if fuser else [] for document in documents]
    asked = [_messages(document, arm, fuser, rows) for document, rows in zip(documents, fused, strict=True)]
    for messages in asked[:WARMING]:
        list(server.stream(messages, REPLY))
    answers, waits = [], []
    for document, ready in zip(documents, asked, strict=True):
        start = time.perf_counter()
        fresh = fuser if arm == "aim-fresh" else None
        messages = _messages(document, arm, fresh, fresh.fuse(document.demonstrations)) if fresh else ready
        pieces = server.stream(messages, REPLY)
        first = next(pieces, "")
        waits.append(time.perf_counter() - start)
        answers.append((first + "".join(pieces)).strip())
    start = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda messages: list(server.stream(messages, REPLY)), asked))
    spent = time.perf_counter() - start
    right = sum(answer == document.asked.text for answer, document in zip(answers, documents, strict=True))
    low, high = wilson(right, len(documents))
    size, length = len(documents[0].demonstrations), server.tokens(asked[0])
    return Cell(
        arm=arm,
        demonstrations=size,
        episodes=len(documents),
        accuracy=right / len(documents),
        low=low,
        high=high,
        tokens=(length - empty) / size if size else 0.0,
        first_token=sorted(waits)[len(waits) // 2],
        per_second=len(asked) / spent,
        kv_bytes=length * token_bytes,
    )


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson, 1927)."""
    share, spread = right / count, z * z / count
    middle = share + spread / 2
    reach = z * math.sqrt(share * (1 - share) / count + spread / (4 * count))
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


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
        parts = raw_parts(shown) if arm == "raw" else []
    return messages(parts, document.asked.image, document.asked.question)


def _with_weight(fuser: "Fuser", arm: str) -> "Fuser":
    from generators.aim.arms import dressed
    from generators.aim.backbone import Fusing
    from generators.aim.fuser import Fuser
    from generators.aim.projector import Projector

    meta = fuser.projector.meta
    weight = dressed(Fusing(fuser.projector.weight, meta.layers, meta.scale), arm).weight
    return Fuser(fuser.model, fuser.processor, fuser.adapter, Projector(weight, meta))


def _pictures(images: Path | None, seed: int) -> "Pictures":
    from generators.aim.lab import glyphs
    from generators.aim.lab.episodes import from_folder, from_glyphs

    if images:
        return from_folder(images)
    _, aside = glyphs.make().split()
    return from_glyphs(aside, TAKES, seed)
