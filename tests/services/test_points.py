"""The named points: a closed list, each in one place of the code, and nothing where none is armed."""

import ast
import subprocess
import sys

import pytest

from services.runtime.points import POINTS, VARIABLE, armed, nothing
from tests.tidy.tree import ROOT, called, modules


def test_every_point_is_reached_somewhere_and_nothing_else_is() -> None:
    reached = {
        node.args[0].value  # type: ignore[attr-defined]
        for path in modules("services") for name, node in called(path) if name == "reach" and isinstance(node.args[0], ast.Constant)
    }
    assert reached == set(POINTS)
    assert len(set(POINTS)) == len(POINTS)


def test_without_the_variable_nothing_is_armed() -> None:
    assert armed("") is nothing


@pytest.mark.parametrize("text", ["batch.decided", "batch.decided:0", "batch.decided:-1", "batch.decided:x", "elsewhere:1", ":1"])
def test_what_is_no_point_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=f"{VARIABLE}={text}: write NAME:N"):
        armed(text)


@pytest.mark.parametrize(("reached", "code"), [(1, 0), (2, -9), (3, -9)])
def test_it_ends_when_the_point_is_reached_for_the_nth_time(reached: int, code: int) -> None:
    text = f"from services.runtime.points import reach\nfor _ in range({reached}): reach('batch.decided'); reach('batch.loaded')"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, env={VARIABLE: "batch.decided:2"}, timeout=60)
    assert done.returncode == code
