"""`triptych aim`: sets of demonstrations, and a projection W for a model of one's own, see `docs/aim.md`."""

import argparse
import socket
from argparse import Namespace
from collections import Counter
from contextlib import closing
from pathlib import Path

from common.arguments import above_zero, at_least
from common.errors import UserError
from ui import terminal
from ui.commands.common import settings_of

HELP = "Demonstrations at the price of their text."
TEACH = "Add labelled pictures to a set of demonstrations, made if need be."
SERVE = "Fuse demonstrations for others, beside the server of the model: TRIPTYCH_AIM_URL names this one."
TRAIN = "Train the projection that fuses demonstrations for a model. Stopped, the same command goes on."


def add(made: "argparse._SubParsersAction[argparse.ArgumentParser]", everywhere: argparse.ArgumentParser) -> None:
    """The grammar of `triptych aim ...`."""
    one = made.add_parser("teach", help=TEACH, description=TEACH, parents=[everywhere])
    one.add_argument("name", metavar="SET")
    one.add_argument(
        "path",
        type=Path,
        metavar="FILE|FOLDER",
        help="a folder with a sub-folder a label, CSV or JSONL of images and labels, or a ZIP of either",
    )
    one.add_argument("--question", default="", metavar="TEXT", help="asked of every image that has none of its own")
    one.set_defaults(run=teach)
    one = made.add_parser("train", help=TRAIN, description=TRAIN, parents=[everywhere])
    one.add_argument("--model", required=True, metavar="REPO_OR_DIR", help="the multimodal model, which stays as it is")
    one.add_argument(
        "--data",
        required=True,
        type=Path,
        metavar="FILE|FOLDER",
        help="JSONL or CSV of images and texts, a folder with a sub-folder a class, or of images each with its .txt",
    )
    one.add_argument("--out", type=Path, metavar="DIR", default=Path("projector"), help="default: projector")
    one.add_argument("--question", default="", metavar="TEXT", help="asked of every image that has none of its own")
    one.add_argument(
        "--steps", type=at_least(1), default=400, metavar="N", help="most steps for each layer (default: 400)"
    )
    one.add_argument("--batch", type=at_least(1), default=16, metavar="N", help="documents a batch (default: 16)")
    one.add_argument("--accumulate", type=at_least(1), default=1, metavar="N", help="batches a step (default: 1)")
    one.add_argument(
        "--development",
        type=at_least(1),
        default=64,
        metavar="N",
        help="documents each layer is judged by (default: 64)",
    )
    one.add_argument("--every", type=at_least(1), default=25, metavar="N", help="steps between saves (default: 25)")
    one.add_argument("--rate", type=above_zero, default=1e-3, metavar="X", help="learning rate (default: 0.001)")
    one.add_argument(
        "--layers", type=at_least(1), nargs="+", metavar="K", default=[], help="layers to try (default: by quarters)"
    )
    one.add_argument(
        "--precision",
        choices=("float32", "bfloat16"),
        help="of the frozen model (default: as stored on a GPU, else float32); the projection is float32",
    )
    one.add_argument(
        "--device", default="", metavar="NAME", help="such as cuda:1 (default: each process's GPU, if there is one)"
    )
    one.set_defaults(run=train)
    one = made.add_parser("serve", help=SERVE, description=SERVE, parents=[everywhere])
    one.add_argument("--host", default="127.0.0.1", help="default: this machine alone; others need a key")
    one.add_argument("--port", type=at_least(0), default=8010, metavar="N", help="default: 8010; 0: any that is free")
    one.set_defaults(run=serve)


def teach(arguments: Namespace) -> int:
    from agent import Agent

    with closing(Agent(settings_of(arguments))) as agent:
        demonstrator = agent.demonstrations
        if arguments.path.suffix.lower() == ".zip":
            demonstrator.teach_packed(arguments.name, arguments.path, arguments.question)
        else:
            demonstrator.bank.add_from(arguments.name, arguments.path, arguments.question)
        entries = demonstrator.bank.entries(arguments.name)
    labels = Counter(entry.text for entry in entries)
    told = ", ".join(f"{label} ({count})" for label, count in labels.items())
    terminal.say(f"The set {arguments.name!r} holds {len(entries)} demonstrations: {told}")
    return 0


def train(arguments: Namespace) -> int:
    import torch

    from generators.aim.backbone import Backbone
    from generators.aim.data import load
    from generators.aim.fuser import model_folder
    from generators.aim.states import has_spare_row
    from generators.aim.training import train as training
    from generators.aim.training.crew import Crew

    pairs = load(arguments.data, arguments.question)
    crew = Crew(arguments.device)
    dtype = getattr(torch, arguments.precision) if arguments.precision else None
    backbone = Backbone(model_folder(arguments.model), crew.device, dtype)
    if arguments.layers and max(arguments.layers) > backbone.depth:
        raise UserError(f"The model has {backbone.depth} layers.", "Try --layers within them.")
    if not has_spare_row(backbone.embedding, backbone.processor):
        raise UserError(
            "The model's embedding table has no row to spare for vLLM's placeholder: it could not be served with fused "
            "demonstrations.",
            "Enlarge it with resize_token_embeddings, save model and processor, and train and serve those.",
        )
    recipe = training.Recipe(
        steps=arguments.steps,
        batch=arguments.batch,
        accumulate=arguments.accumulate,
        development=arguments.development,
        every=arguments.every,
        rate=arguments.rate,
        layers=tuple(arguments.layers),
    )
    source, development = training.sources(pairs)
    projector = training.train(backbone, source, development, recipe, arguments.out, tell=terminal.say, crew=crew)
    crew.disband()
    if crew.leads:
        best = projector.meta.layers
        terminal.say(f"Layer {best} is best. The projection, its card and its curves are in {arguments.out}")
    return 0


def serve(arguments: Namespace) -> int:
    import uvicorn

    from generators.aim.fuser import Fuser
    from generators.aim.remote.service import application

    settings = settings_of(arguments)
    key = settings.model_api_key.get_secret_value()
    if not settings.aim_model or not settings.aim_projector:
        raise UserError("There is nothing to fuse with.", command="Set TRIPTYCH_AIM_MODEL and TRIPTYCH_AIM_PROJECTOR.")
    if arguments.host not in {"127.0.0.1", "::1", "localhost"} and not key:
        raise UserError(
            f"Anybody who can reach {arguments.host} could fuse here.", command="Set TRIPTYCH_MODEL_API_KEY."
        )
    fuser = Fuser.load(settings.aim_model, Path(settings.aim_projector), settings.aim_device, settings.aim_precision)
    with socket.create_server((arguments.host, arguments.port)) as listening:
        place = f"http://{arguments.host}:{listening.getsockname()[1]}/v1"
        terminal.say(f"Fusing on {fuser.model.device} at {place}")
        server = uvicorn.Server(uvicorn.Config(application(fuser, key), log_level="warning"))
        server.run(sockets=[listening])
    return 0
