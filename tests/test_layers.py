"""Imports run down the layers, and a built wheel holds every module."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LAYERS = (
    ("bench.cli",),
    ("bench.speed",),
    ("bench.claims",),
    ("bench.api",),
    ("bench.report",),
    ("bench.running",),
    ("bench.results",),
    ("bench.stats", "bench.datasets", "bench.testing", "bench.generate"),
    ("bench.tasks", "bench.encoding", "bench.registry", "bench.parameters", "bench.plan"),
    ("bench.corpus", "bench.series", "bench.histories", "bench.events", "bench.symbols"),
    ("bench.ragged", "bench.records", "bench.errors", "bench.tokenizer", "bench.utils"),
)
"""A module imports from lower lines and from its own part of a line, never from a neighbour or from above.

Lazy and type-only imports count. The README's "Where things are" has the same order.
"""

KNOWN_TO_MODELS = (
    "bench.corpus.",
    "bench.series.",
    "bench.histories.",
    "bench.events.",
    "bench.symbols.",
    "bench.ragged.",
    "bench.models.",
)

OUTSIDE = {
    "bench": "hands the Python face on when it is asked for",
    "bench.__main__": "starts the command",
}
"""Modules of no layer."""


def _modules(folder: Path, package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        yield ".".join([package, *(parts[:-1] if parts[-1] == "__init__" else parts)]), path


def _imports(path: Path, module: str) -> Iterator[tuple[str, int]]:
    """Full names of what a file imports, wherever in it, with their lines."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((f"{origin}.{name.name}", node.lineno) for name in node.names)


def _layer(name: str) -> tuple[int, str] | None:
    """The height of a module's layer, counted from the top, and its part of the line."""
    for height, parts in enumerate(LAYERS):
        for part in parts:
            if name == part or name.startswith(f"{part}."):
                return height, part
    return None


def _wrong_imports(path: Path, module: str) -> Iterator[str]:
    mine = _layer(module)
    for imported, line in _imports(path, module):
        theirs = _layer(imported)
        where = f"{path}:{line}: {module} imports {imported}"
        if imported.startswith("bench.models"):
            yield f"{where}: models are reached by entry point only"
        elif imported.split(".")[0] == "bench" and theirs is None:
            yield f"{where}: import from the module that defines it"
        elif mine and theirs and (theirs[0] < mine[0] or (theirs[0] == mine[0] and theirs[1] != mine[1])):
            yield f"{where}, which is {'beside' if theirs[0] == mine[0] else 'above'} it"


BENCH = dict(_modules(ROOT / "bench", "bench"))
BENCHMARKS = {name for name in BENCH if name.startswith("bench.speed.benchmarks")}


def test_every_module_has_a_layer() -> None:
    assert {name for name in BENCH if _layer(name) is None} == set(OUTSIDE)


def test_imports_of_the_harness_run_down() -> None:
    checked = {name: path for name, path in BENCH.items() if name not in OUTSIDE and name not in BENCHMARKS}
    assert [wrong for name, path in checked.items() for wrong in _wrong_imports(path, name)] == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    modules = {**BENCH, **dict(_modules(ROOT / "models", "bench.models"))}
    graph = {
        name: {
            found
            for imported, _ in _imports(path, name)
            if (found := imported if imported in modules else imported.rpartition(".")[0]) in modules and found != name
        }
        for name, path in modules.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_nothing_imports_the_benchmarks() -> None:
    found = [
        f"{name} imports {imported}"
        for name, path in BENCH.items()
        if name not in BENCHMARKS
        for imported, _ in _imports(path, name)
        if imported.startswith("bench.speed.benchmarks")
    ]
    assert found == []


def test_models_know_what_holds_their_rows_and_each_other_alone() -> None:
    found = [
        f"{path}:{line}: {imported}"
        for module, path in _modules(ROOT / "models", "bench.models")
        for imported, line in _imports(path, module)
        if imported.split(".")[0] == "bench" and not imported.startswith(KNOWN_TO_MODELS)
    ]
    assert found == []


def test_models_import_each_other_relatively() -> None:
    found = [
        f"{path}:{node.lineno}"
        for _, path in _modules(ROOT / "models", "bench.models")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("bench.models")
    ]
    assert found == []


@pytest.mark.parametrize(
    ("module", "line", "is_wrong"),
    [
        ("bench.results.store", "from bench.records import Trial", False),
        ("bench.results.store", "from bench.report.make import make_report", True),
        ("bench.stats.paired", "def f():\n    from bench.datasets.base import Part", True),
        ("bench.cli.run", "if TYPE_CHECKING:\n    from bench.api import run", False),
        ("bench.corpus", "if TYPE_CHECKING:\n    import bench.cli.app", True),
        ("bench.running.worker", "from bench.models.base import TextClassifier", True),
        ("bench.running.worker", "from bench import api", True),
        ("bench.running.worker", "from . import spec", False),
        ("bench.running.worker", "from ..report import make", True),
        ("bench.api", "from bench import __version__", True),
    ],
)
def test_the_check_sees_imports_of_every_form(module: str, line: str, is_wrong: bool, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(line, encoding="utf-8")
    assert bool(list(_wrong_imports(path, module))) is is_wrong


def test_a_built_wheel_holds_every_module_and_what_they_read(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    source = tmp_path / "source"
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "bench", "models", "pyproject.toml", "README.md", "LICENSE"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for file in files:
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        (source / file).write_bytes((ROOT / file).read_bytes())
    subprocess.run([*build, str(source)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"bench/{file}" if file.startswith("models/") else file for file in files if "/" in file}
    left_out = {name for name in wanted if name.startswith("bench/speed/benchmarks/")}
    assert wanted - left_out - held == set()
