"""The tree as the tests of its shape see it: files, parsed modules, imports, and the names that they call."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "policies", "services")
TEXTS = {".py", ".toml", ".md", ".csv", ".json", ".jsonl", ".yml", ".yaml", ".txt", ".lua", ".sha256", ".cfg", ""}
MADE = {"__pycache__", "node_modules", "site"}
"""Folders that tools make."""


def modules(*packages: str) -> list[Path]:
    """The Python files of packages, from the root."""
    return sorted(path.relative_to(ROOT) for name in packages for path in (ROOT / name).rglob("*.py"))


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project that is not made by a tool, with its text."""
    hidden = (".gitignore", ".dockerignore")
    top = [path for path in ROOT.iterdir() if path.is_file() and (path.name[0] != "." or path.name in hidden)]
    below = [path for name in (*PACKAGES, "tests", "docs", ".ci") for path in (ROOT / name).rglob("*") if path.is_file()]
    for path in sorted(top + below):
        if path.suffix in TEXTS and not MADE & set(path.parts):
            yield path.relative_to(ROOT), path.read_text("utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), str(path))


def imported(path: Path) -> set[str]:
    """The full names of the modules that a file imports; for ``from a import b`` both ``a`` and ``a.b``."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = path.parent.parts[: len(path.parent.parts) - node.level + 1] if node.level else ()
            module = ".".join((*above, *([node.module] if node.module else [])))
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def called(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the name that is called: ``open``, ``date.today``, ``x.read_text``."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every constant text of a file with its line, documentation included."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
