"""What each collection counts in a fit over several: alike, unless the command says otherwise."""

import argparse
from collections.abc import Iterable

from common.errors import UserError


def add_shares(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--weigh",
        action="append",
        default=[],
        type=_share,
        metavar="COLLECTION=SHARE",
        help="what it counts beside the others, of which each counts 1 (may be repeated)",
    )


def shares(arguments: argparse.Namespace, collections: Iterable[str]) -> dict[str, float]:
    """By collection. Raises `UserError` for one that is not there."""
    found = dict.fromkeys(collections, 1.0)
    for name, share in arguments.weigh:
        if name not in found:
            raise UserError(f"There is no collection {name!r} to weigh.", f"There are: {', '.join(found)}.")
        found[name] = share
    return found


def typed_shares(arguments: argparse.Namespace) -> list[str]:
    """As they stand in the command."""
    return [word for name, share in arguments.weigh for word in ("--weigh", f"{name}={share:g}")]


def _share(typed: str) -> tuple[str, float]:
    name, _, share = typed.rpartition("=")
    value = float(share)
    if not name or not 0 < value < float("inf"):
        raise ValueError(typed)
    return name, value
