"""Problems of a rulebook are told in Chinese and English. Each that the tests of its finder provoke goes through ``english``, which
asks for both; those that no test provokes are found here, in the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import policies
from policies.values import CODED
from policies.wording import PLACE, empty, no_code, unknown, unknown_one, wrong_kind
from tests.policies.languages import CHINESE, english

FOLDER = Path(policies.__file__).parent
FILES = [
    *(path for path in sorted(FOLDER.rglob("*.py")) if path.relative_to(FOLDER).parts[0] not in ("show", "statement")),
    *sorted((FOLDER.parent / "services/whatif").glob("*.py")),
]
ADVICE = re.compile("; (add|correct|date|give|leave|let|list|make|name|put|remove|rename|save|split|use|widen|work|write) ")
"""What problems end with: what to do."""


@pytest.mark.parametrize(("problem", "told"), [
    ("x.toml: plan: from: 缺少这一项，请补上 / is missing; add it", "x.toml: plan: from: is missing; add it"),
    ("x.toml: step[1]: 'a' 不是代码 / 'a' is no code", "x.toml: step[1]: 'a' is no code"),
    ("x.toml:3: name: 过长：请改短 / is too long", "x.toml:3: name: is too long"),
])
def test_the_chinese_is_taken_out(problem: str, told: str) -> None:
    assert english(problem) == told


@pytest.mark.parametrize("problem", ["x.toml: from: is missing; add it", "x.toml: from: 缺少这一项，请补上", "x.toml: from: 缺少 / from"])
def test_a_problem_in_one_language_is_an_error(problem: str) -> None:
    with pytest.raises(AssertionError):
        english(problem)


@pytest.mark.parametrize(("told", "expected"), [
    (wrong_kind("1", int), "'1' 类型不对，请写整数 / '1' is of the wrong kind; write a whole number"),
    (wrong_kind("x", dict), "'x' 类型不对，请写表 / 'x' is of the wrong kind; write a table"),
    (unknown("320", CODED["insutype"]), "没有 '320' 这个取值，可用的取值列于句末 / '320' is unknown; use one of 310, 390"),
    (unknown_one(5, ()), "5 不是文字，请写文字 / 5 is unknown; use texts"),
    (empty(()), "为空，请至少写一项 / is empty; write at least one"),
    (no_code("x", PLACE), "'x' 不是区划代码，请写代码的前 2 至 6 位 / 'x' is no code of a place; write its first 2 to 6 digits"),
])
def test_what_is_said_in_several_places(told: str, expected: str) -> None:
    assert told == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER.parent).as_posix())
def test_what_is_to_be_done_stands_behind_chinese(path: Path) -> None:
    assert [text for text in texts(ast.parse(path.read_text("utf-8"))) if ADVICE.search(text) and not in_both(text)] == []


def in_both(text: str) -> bool:
    """Whether Chinese, or a value that may hold it, stands before the English."""
    before, parted, _ = text.partition(" / ")
    return bool(parted) and ("{}" in before or CHINESE.search(before) is not None)


def texts(node: ast.AST) -> Iterator[str]:
    """The texts of a module but for docstrings, with {} for values; a pair of languages as one."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if (text := text_of(node)) is not None:
        yield text
        return
    members = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
    written = [text for one in members if (text := text_of(one)) is not None]
    if len(written) > 1 and CHINESE.search(written[-2]):
        yield f"{written[-2]} / {written[-1]}"
    for child in ast.iter_child_nodes(node):
        if text_of(child) is None or not CHINESE.search("".join(written)):
            yield from texts(child)


def text_of(node: ast.AST) -> str | None:
    """A text or a formatted one; None for anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
