"""The registry and the way from kind to kind: nothing heavy is imported, plug-ins join, what is missing is said."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

import pytest
from converter_checks import pixels_of, samples_of_wav

from common import registry as common_registry
from common.errors import MissingExtra, UnknownName, UserError
from generators.core import base, registry
from generators.core.base import (
    NOTHING,
    Cancelled,
    CannotConvert,
    Converter,
    Info,
    Kind,
    Medium,
    NoOptions,
    NotConfigured,
    Watch,
    read_options,
)
from generators.core.registry import CONVERTERS, by_pair, entries
from generators.core.route import route, run
from generators.tables.columns import table_of

HEAVY = {
    "torch",
    "transformers",
    "diffusers",
    "altair",
    "vl_convert",
    "mermaidx",
    "reportlab",
    "numpy",
    "PIL",
    "httpx2",
}
READY = {"numbers", "chart", "table-text", "sheet", "diagram", "speech", "document"}


def converter(name: str, source: Kind, target: Kind, cost: float, form: str = "", **more: Any) -> Converter:
    """A converter that adds its name to the text."""

    class Made:
        info: ClassVar[Info] = Info(name, source, target, form or target, name, cost, 3, "none", **more)
        Options: ClassVar[type] = NoOptions

        def check(self) -> None:
            if more.get("extra"):
                raise MissingExtra(f"{name} is missing.", f"Get {name}.")

        def convert(
            self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
        ) -> Medium:
            (watch or Watch()).step(0.5, name)
            return Medium(target, text=f"{source.text} {name}({request})".strip())

    return Made()


def names(chain: tuple[Converter, ...]) -> list[str]:
    return [each.info.name for each in chain]


def test_listing_imports_nothing_heavy() -> None:
    code = "import sys\nfrom generators.core.registry import build, entries\nentries(); build()\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in ran.stdout.split()}
    assert not HEAVY & loaded
    assert not {"retrievers", "agent", "ui"} & loaded


def test_every_converter_has_its_record() -> None:
    found = entries()
    assert {entry.name for entry in found} == set(CONVERTERS.names())
    for entry in found:
        assert entry.info is not None, entry.problem
        info = entry.info
        assert info.name == entry.name
        assert {info.source, info.target} <= set(base.KINDS)
        assert info.cost > 0
        assert 1 <= info.quality <= 5
        assert info.licence
        assert info.summary.endswith(".")


def test_without_settings_the_embedded_ones_are_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generators.audio.whisper_weights.PACKAGED", ())  # of an extra, which may be installed
    able, cures = set(), {}
    for name, made in registry.build().items():
        try:
            made.check()
        except UserError as error:
            cures[name] = error.command or error.cure
        else:
            able.add(name)
    assert able == READY
    assert all(cures.values())


def test_pairs() -> None:
    pairs = by_pair(registry.build().values())
    assert set(pairs) == {
        ("text", "table"), ("table", "image"), ("table", "text"), ("text", "image"), ("text", "audio"),
        ("audio", "text"), ("image", "image"), ("text", "video"), ("image", "text"), ("image", "table"),
        ("text", "document"), ("table", "document"),
    }  # fmt: skip


def test_the_way_of_the_embedded_ones() -> None:
    made = registry.build()
    assert names(route(made.values(), "table", "image")) == ["chart"]
    assert names(route(made.values(), "text", "image", "chart")) == ["numbers", "chart"]
    assert names(route(made.values(), "text", "image", "diagram")) == ["diagram"]
    assert names(route(made.values(), "text", "audio")) == ["speech"]
    assert names(route(made.values(), "table", "audio")) == ["table-text", "speech"]
    assert route(made.values(), "text", "text") == ()


def test_no_picture_model_says_how_to_get_one() -> None:
    with pytest.raises(NotConfigured, match="Nothing here turns text into image") as caught:
        route(registry.build().values(), "text", "image")
    assert "[converters.picture-hf]" in caught.value.command
    assert "[converters.picture-served]" in caught.value.command
    with pytest.raises(NotConfigured, match="Nothing here turns video into text"):
        route(registry.build().values(), "video", "text")


def test_settings_reach_their_converter() -> None:
    settings: dict[str, dict[str, Any]] = {
        "picture-served": {"base_url": "http://localhost:8000/v1"},
        "ocr": {"read": lambda _png: "words"},
    }
    made = registry.build(settings)
    assert names(route(made.values(), "text", "image")) == ["picture-served"]
    assert names(route(made.values(), "image", "audio")) == ["ocr", "speech"]
    with pytest.raises(UnknownName, match="no converter called 'pictures'"):
        registry.build({"pictures": {}})
    with pytest.raises(UserError, match="do not fit"):
        registry.build({"chart": {"colour": "red"}})


def test_shortest_then_cheapest_then_best() -> None:
    made = [
        converter("dear", "text", "image", 9.0),
        converter("cheap", "text", "image", 1.0),
        converter("first", "text", "audio", 0.1),
        converter("second", "audio", "image", 0.1),
        converter("gone", "text", "image", 0.1, extra="gone"),
        converter("narrow", "text", "image", 0.1, "sketch", narrow=True),
    ]
    assert names(route(made, "text", "image")) == ["cheap"]
    assert names(route(made, "text", "image", prefer=["dear"])) == ["dear"]
    assert names(route(made, "text", "image", "sketch")) == ["narrow"]
    assert names(route(made[2:4], "text", "image")) == ["first", "second"]
    with pytest.raises(NotConfigured, match=r"Get gone\."):
        route(made[4:5], "text", "image")


def test_a_chain_does_not_go_in_circles() -> None:
    made = [converter("a", "text", "audio", 1.0), converter("b", "audio", "text", 1.0)]
    with pytest.raises(NotConfigured):
        route(made, "text", "video")


def test_running_a_chain_reports_progress_and_stops() -> None:
    chain = (converter("one", "text", "audio", 1.0), converter("two", "audio", "image", 3.0))
    shares: list[float] = []
    made = run(chain, Medium.of_text("start"), "go", watch=Watch(lambda share, _what: shares.append(share)))
    assert made.text == "start one(go) two(go)"
    assert made.facts["converters"] == ["one", "two"]
    assert shares == [0.125, 0.625, 1.0]
    stop = Event()
    stop.set()
    with pytest.raises(Cancelled):
        run(chain, Medium.of_text("start"), watch=Watch(stop=stop))


def test_numbers_to_chart_and_table_to_speech() -> None:
    made = registry.build().values()
    words = "chart rent: 3, food: 5 as a pie"
    chart = run(route(made, "text", "image", "chart"), Medium.of_text(words), words)
    assert chart.facts["chart"] == "pie"
    assert [point["value"] for point in chart.facts["points"]] == [3, 5]
    pixels_of(chart.data)
    table = Medium.of_table(table_of([["Planet", "Moons"], ["Mars", "2"]]))
    samples_of_wav(run(route(made, "table", "audio"), table).data)


class Shout:
    """A converter of somebody else's."""

    info: ClassVar[Info] = Info("shout", "text", "text", "shout", "Writes in capitals.", 0.01, 1, "MIT")
    Options: ClassVar[type] = NoOptions

    def check(self) -> None:
        """Always ready."""

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        return Medium.of_text(source.text.upper())


def test_a_plug_in_joins_and_a_broken_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    group = "triptych.converter"
    points = [
        EntryPoint("shout", f"{__name__}:Shout", group),
        EntryPoint("broken", "no_such_package_at_all:Thing", group),
    ]
    monkeypatch.setattr(common_registry, "entry_points", lambda group: points)
    fresh = common_registry.Registry("converter", {"numbers": "generators.tables.numbers:Numbers"})
    monkeypatch.setattr(registry, "CONVERTERS", fresh)
    found = {entry.name: entry for entry in entries()}
    assert found["shout"].info == Shout.info
    assert "no_such_package_at_all" in found["broken"].problem
    made = registry.build()
    assert set(made) == {"numbers", "shout"}
    assert run(route(made.values(), "text", "text", "shout"), Medium.of_text("hello")).text == "HELLO"


def test_a_missing_package_names_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r'pip install "triptych\[charts\]"'):
        registry.build()["chart"].check()


def test_options_are_read_and_checked() -> None:
    @dataclass(frozen=True)
    class Options:
        size: int = 1
        share: float = 0.5
        name: str = ""

    assert read_options(Options, {"size": "7", "share": 1}, "x") == Options(7, 1.0)
    assert read_options(Options, {"size": 7.0}, "x").size == 7
    for wrong in ({"size": "seven"}, {"size": 7.5}, {"share": None}, {"sighs": 1}):
        with pytest.raises(CannotConvert):
            read_options(Options, wrong, "x")


def test_files_become_media(tmp_path: Path) -> None:
    for name, kind in (("a.png", "image"), ("a.wav", "audio"), ("a.mp4", "video"), ("a.md", "text")):
        (tmp_path / name).write_bytes(b"abc")
        assert Medium.of_file(tmp_path / name).kind == kind
    with pytest.raises(CannotConvert, match=r"a\.zip"):
        Medium.of_file(tmp_path / "a.zip")
