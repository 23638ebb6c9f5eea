"""The house stays in order: no folder holds too many modules to find one in, no modules import each other, and what
lies beside them is installed with them."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "common", "evals", "experiments", "generators", "retrievers", "ui")
MOST = 14  # modules at one level, `__init__.py` aside
LONGEST = 250  # lines of a module


@cache
def imports() -> dict[str, set[str]]:
    """What each module imports of ours, anywhere in it: in its functions and for its types too."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def reached(module: str) -> set[str]:
    """Every module that it imports, by others too; itself only where it lies in a circle."""
    found: set[str] = set()
    todo = [module]
    while todo:
        new = imports()[todo.pop()] - found
        found |= new
        todo += new
    return found


def circles() -> Iterator[frozenset[str]]:
    reach = {module: reached(module) for module in imports()}
    for module, others in reach.items():
        if module in others:
            yield frozenset(other for other in others if module in reach[other])


def test_no_folder_holds_too_many_modules() -> None:
    folders = [folder for package in PACKAGES for folder in [ROOT / package, *(ROOT / package).rglob("*/")]]
    crowded = {
        folder.relative_to(ROOT).as_posix()
        for folder in folders
        if len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) > MOST
    }
    assert not crowded, f"split into rooms by what they do; each may hold {MOST} modules"


def test_no_module_is_too_long_to_read() -> None:
    kept = (path for folder in (*PACKAGES, "benchmarks", "examples") for path in (ROOT / folder).rglob("*.py"))
    lines = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n") for path in kept}
    assert not {name: count for name, count in lines.items() if count > LONGEST}, (
        "split it where a second thing is done"
    )


def test_no_modules_import_each_other() -> None:
    assert not set(circles()), "what these share belongs into a module below them"


def test_every_file_beside_the_modules_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = project["tool"]["setuptools"]["package-data"]
    for package in PACKAGES:
        named = {path for pattern in shipped.get(package, []) for path in (ROOT / package).glob(pattern)}
        beside = {path for path in (ROOT / package).rglob("*.*") if path.suffix not in (".py", ".pyc")}
        assert not {path for path in beside - named if path.is_file()}, "name it in package-data"
