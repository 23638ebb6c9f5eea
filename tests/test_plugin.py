"""A converter of another package: installed, it stands in `triptych doctor` and carries out what the switch orders."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from agent_corpus import agent_over
from PIL import Image

from generators.core import registry

BRUSH = '''
from dataclasses import dataclass
from io import BytesIO

from generators.core.base import Info, Medium


class Brush:
    """One colour, named in the request."""

    info = Info("brush", "text", "image", "picture", "Fills a picture with one colour.", 0.1, 1, "MIT")

    @dataclass(frozen=True)
    class Options:
        pass

    def check(self):
        """Always ready."""

    def convert(self, source, request="", options=None, watch=None):
        from PIL import Image

        file = BytesIO()
        colour = next(word for word in source.text.split() if word in {"red", "blue"})
        Image.new("RGB", (32, 24), colour).save(file, "PNG")
        return Medium("image", text=source.text, data=file.getvalue(), mime="image/png", facts={"converter": "brush"})
'''
INSTALLED = {  # what pip leaves of a package, beside its code
    "METADATA": "Metadata-Version: 2.1\nName: brush\nVersion: 1.0\n",
    "entry_points.txt": "[triptych.converter]\nbrush = brush:Brush\n",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("plugin")
    record = root / "site" / "brush-1.0.dist-info"
    record.mkdir(parents=True)
    (root / "site" / "brush.py").write_text(BRUSH)
    for name, text in INSTALLED.items():
        (record / name).write_text(text)
    return root


def test_a_plug_in_stands_in_doctor(root):
    command = [sys.executable, "-m", "ui.cli", "doctor", "--json", "--data-dir", str(root / "empty")]
    here = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "site"), str(Path(__file__).parents[1])])}
    run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, env=here)
    parts = {part["name"]: part for part in json.loads(run.stdout)}
    assert parts["converter brush"]["present"], run.stderr
    assert parts["converter brush"]["detail"] == "text to picture; MIT"


def test_the_switch_chooses_a_plug_in(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root / "site"))
    monkeypatch.setattr(registry.CONVERTERS, "_all", {})  # as in a process that starts with it installed
    with agent_over(root) as agent:
        answer = agent.ask("Paint a picture of a red cliff by the sea.")
    (painted,) = answer.artifacts
    assert painted.made["converters"] == ["brush"]
    with Image.open(painted.path) as picture:
        assert picture.getpixel((0, 0)) == (255, 0, 0)
