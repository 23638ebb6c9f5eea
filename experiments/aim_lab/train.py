"""The lab model from nothing: `python -m experiments.aim_lab.train --out DIR --seed N --minutes M`.

The vision tower learns by contrast; the language model learns to learn from demonstrations, at first with one vector a
picture (`warm-up`), then with all visual tokens in the processor's own sequences; then both once more. Each stage ends
by the clock and goes on from its last save after a kill. What ships is `DIR/model`, which transformers and vLLM load.
`--start FOLDER` goes on from a trained model's weights, with the last two stages alone.
"""

import json
from pathlib import Path

from common import jsonl
from experiments.aim_lab import glyphs, icl, model, vision

SHARES = {"vision": 0.24, "warm-up": 0.07, "icl": 0.21, "vision-longer": 0.28, "icl-longer": 0.2}
AGAIN = {"vision-longer": 0.523, "icl-longer": 0.477}  # where trained weights are the start
TAKES = 6  # encoded pictures of each class


def run(out: Path, seed: int, minutes: float, threads: int, start: Path | None = None) -> Path:
    """The folder with the trained model."""
    import torch

    torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    seconds = {stage: share * minutes * 60 for stage, share in (AGAIN if start else SHARES).items()}
    printed, unseen = glyphs.make(seed).split()
    known, aside = vision.characters(printed, seed, vision.INVENTED), vision.characters(unseen, seed)
    lab = model.load(start) if start else model.build(seed)
    if not start:
        vision.pretrain(lab, known, aside, seconds["vision"], seed, out)
        banks = tuple(icl.encode(lab, part, TAKES, seed) for part in (known, aside))
        icl.train(lab, tuple(icl.bare(bank) for bank in banks), seconds["warm-up"], seed, out, "warm-up")
        icl.train(lab, banks, seconds["icl"], seed, out, "icl")
    vision.pretrain(lab, known, aside, seconds["vision-longer"], seed + 1, out, "vision-longer", easiest=1.0)
    banks = tuple(icl.encode(lab, part, TAKES, seed) for part in (known, aside))
    icl.train(lab, banks, seconds["icl-longer"], seed + 1, out, "icl-longer")
    folder = out / "model"
    torch.nn.Module.to(lab, torch.float16)
    model.save(lab, folder)
    (folder / "README.md").write_text(card(out, seed, minutes, start))
    return folder


def card(out: Path, seed: int, minutes: float, start: Path | None) -> str:
    """The model's README: what it is, the command that made it, its curves."""
    command = f"python -m experiments.aim_lab.train --out DIR --seed {seed} --minutes {minutes:g}"
    lines = [
        "# Lab model",
        "",
        "An Idefics3 model of 1.5 M parameters that names characters from demonstrations alone: labels mean nothing",
        "outside the prompt. Its pictures are characters of matplotlib's fonts, random doodles and inventions of their",
        "strokes, made on the spot: printed and warped, or their strokes drawn anew by a hand. No handwriting of",
        "people was used. One class in ten was kept aside, and the accuracies below are on those.",
        "",
        f"    {command}{' --start FOLDER' if start else ''}",
        "",
        *([_origin(start), ""] if start else []),
        "The accuracy is of five classes with one demonstration each, warped as harshly as in training: in the vision",
        "stages by nearest neighbour, of printed characters and of written ones; in the others by the model's own",
        "answer, of both kinds mixed.",
        "",
        "| stage | step | seconds | loss | accuracy | written |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for stage in AGAIN if start else SHARES:
        curve = [json.loads(line) for _, line in jsonl.lines(out / f"{stage}.jsonl")]
        for line in curve[:: max(1, len(curve) // 12)] + curve[-1:]:
            accuracy, written = line.get("one_shot", line.get("five_way")), line.get("written", "")
            lines.append(f"| {stage} | {line['step']} | {line['seconds']} | {line['loss']} | {accuracy} | {written} |")
    return "\n".join([*lines, ""])


def _origin(start: Path) -> str:
    from generators.aim.projector import revision_of

    return f"FOLDER held the weights of revision `{revision_of(start)[:12]}`, trained on printed pictures alone."


def main() -> None:
    """Command line."""
    import argparse

    parser = argparse.ArgumentParser(description="Train the lab model from scratch.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path, metavar="FOLDER", help="a trained model to go on from")
    given = parser.parse_args()
    run(given.out, given.seed, given.minutes, given.threads, given.start)


if __name__ == "__main__":
    main()
