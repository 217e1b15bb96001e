"""Small modules, small functions."""

import ast
from pathlib import Path

import pytest

from tests.tidy.tree import PACKAGES, ROOT, modules, parsed

MAX_FUNCTION, MAX_MODULE = 60, 300


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=str)
def test_modules_and_functions_are_small(path: Path) -> None:
    length = len((ROOT / path).read_text("utf-8").splitlines())
    assert length <= MAX_MODULE, f"{path} has {length} lines; split it by what it is about"
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MAX_FUNCTION, f"{path}:{node.lineno}: {node.name} has {lines} lines; split it"


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=str)
def test_every_module_says_what_it_is(path: Path) -> None:
    if (ROOT / path).read_text("utf-8").strip():
        assert ast.get_docstring(parsed(path)), f"{path} has no docstring"
