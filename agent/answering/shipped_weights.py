"""Trained weights that ship with the package, each beside the record that it was written with."""

import hashlib
import json
from pathlib import Path

from common.errors import UserError

ANSWERING = Path(__file__).with_name("weights")


def verify(weights: Path) -> None:
    """Raises `UserError` unless `weights` are those that the record beside them was written for.

    They are called by the part that `triptych fit` makes: "reader.safetensors".
    """
    command = f"Install Triptych again, or make the weights anew: triptych fit {weights.stem} --data FOLDER"
    if not weights.is_file():
        raise UserError(f"The weights of the {weights.stem} are missing: {weights}.", command=command)
    record = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if digest != record["sha256"]:
        raise UserError(
            f"The weights of the {weights.stem} in {weights} are damaged (SHA-256 {digest[:12]}...).", command=command
        )
