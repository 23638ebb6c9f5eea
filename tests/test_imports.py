"""Importing is cheap, every package stands alone, and the direction of imports holds."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "gradio", "transformers", "langgraph", "llama_index", "sentence_transformers", "onnxruntime"}


def python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def modules(code: str) -> set[str]:
    run = python(f"import sys\n{code}\nprint(*sys.modules, sep='\\n')")
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


def test_import_agent_is_light():
    assert not HEAVY & modules("import agent")


def test_the_page_wants_no_extra_but_those_it_is_served_with():
    served = set(re.search(r'-e "\.\[([\w,-]+)\]"\n\t@touch \$@\n', (ROOT / "Makefile").read_text())[1].split(","))
    wanted = [Requirement(line) for line in requires("triptych")]
    missing = {one.name for one in wanted if not any(holds(one, extra) for extra in {"dev", *served})}
    missing -= {"triptych", *(one.name for one in wanted if any(holds(one, extra) for extra in served))}
    by = {name: {canonicalize_name(one) for one in found} for name, found in packages_distributions().items()}
    names = sorted(name for name, found in by.items() if found <= missing)
    assert "authlib" in names
    run = python(f"import sys\nsys.modules.update(dict.fromkeys({names}))\nimport ui.server, ui.app, ui.cli")
    assert run.returncode == 0, run.stderr


def holds(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def test_help_loads_next_to_nothing():
    code = "import contextlib, io\nfrom ui.cli import parser\nwith contextlib.redirect_stdout(io.StringIO()):\n"
    loaded = modules(code + "    parser().print_help()")
    assert not (HEAVY | {"pydantic", "agent", "retrievers", "numpy", "PIL", "tqdm"}) & loaded


def test_reading_and_embedding_take_torch_alone():
    code = "from agent.answering.reader.spans import load\nload().read('How heavy is it?', ['It weighs 38 kg.'])"
    loaded = modules(code)
    assert "torch" in loaded
    assert not {"transformers", "torch._dynamo", "sklearn", "scipy"} & loaded


@pytest.mark.parametrize("package", ["common", "agent", "retrievers", "generators", "ui", "evals", "experiments"])
def test_package_imports_alone(package):
    code = f"""
import importlib, pkgutil
package = importlib.import_module({package!r})
for module in pkgutil.walk_packages(package.__path__, {package!r} + '.'):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as missing:
        if missing.name != "ray":  # the extra `scale`, which `make test` does without
            raise
"""
    run = python(code)
    assert run.returncode == 0, run.stderr


def test_import_contract():
    command = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
