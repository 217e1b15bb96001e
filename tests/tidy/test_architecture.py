"""Three folders are the architecture: who may import whom, and what a pure package may not do."""

import ast
import sys
from pathlib import Path

import pytest

from tests.tidy.tree import PACKAGES, called, imported, modules, parsed

MAY_IMPORT = {
    "contracts": {"contracts", "msgspec", "pydantic", "pydantic_core"},
    "policies": {"contracts", "msgspec", "policies", "pydantic", "pydantic_core", "zstandard"},
}
PURE = modules("contracts", "policies")
READERS = {Path(name) for name in (
    "policies/files.py", "policies/book.py", "policies/cases.py", "policies/chain_proof.py", "contracts/topics.py",
    "contracts/schemas.py")}
"""The named exceptions: they read files of the package, or of a folder that they are given (schemas.py writes them)."""

IMPURE = {
    "time", "random", "uuid", "secrets", "os", "shutil", "tempfile", "subprocess", "socket", "threading", "multiprocessing",
    "asyncio", "concurrent", "urllib", "http", "sqlite3", "pickle", "logging", "getpass", "platform", "locale", "zoneinfo",
}
FILES = {"pathlib", "glob", "fileinput", "importlib.resources"}
CLOCK = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
TOUCHES_FILES = ("open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "rglob", "glob", "iterdir")


@pytest.mark.parametrize("path", PURE, ids=str)
def test_a_package_imports_what_the_architecture_lets_it(path: Path) -> None:
    allowed = MAY_IMPORT[path.parts[0]] | set(sys.stdlib_module_names)
    wrong = {name for name in imported(path) if name.partition(".")[0] not in allowed}
    assert not wrong, f"{path} imports {sorted(wrong)}; {path.parts[0]} may import the standard library, {sorted(MAY_IMPORT[path.parts[0]])}"


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=str)
def test_nothing_that_is_installed_imports_the_tests(path: Path) -> None:
    assert not {name for name in imported(path) if name.partition(".")[0] == "tests"}


@pytest.mark.parametrize("path", PURE, ids=str)
def test_pure_modules_have_no_clock_no_chance_and_no_files(path: Path) -> None:
    forbidden = IMPURE if path in READERS else IMPURE | FILES
    names = imported(path)
    assert not {name for name in names if name in forbidden or name.partition(".")[0] in forbidden}, f"{path} is not pure"
    for name, node in called(path):
        last = name.rpartition(".")[2]
        assert not name.endswith(CLOCK), f"{path}:{node.lineno}: {name} asks a clock; take the day from the request"
        assert path in READERS or last not in TOUCHES_FILES, f"{path}:{node.lineno}: {name} touches files"
        assert name not in ("eval", "exec", "compile", "__import__", "input", "globals"), f"{path}:{node.lineno}: {name}"
        assert name != "hash", f"{path}:{node.lineno}: hash() differs from process to process; use contracts.keys"
        assert name != "print" or path in (Path("contracts/schemas.py"), Path("policies/chain_proof.py")), f"{path}:{node.lineno}: {name}"


@pytest.mark.parametrize("path", PURE, ids=str)
def test_money_knows_no_float(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        where = f"{path}:{getattr(node, 'lineno', 0)}"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float | complex)), f"{where}: a float literal"
        assert not (isinstance(node, ast.Name) and node.id == "float"), f"{where}: float; use int fen or Decimal"
        divides = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        assert path in READERS or not divides, f"{where}: / of two integers is a float; use contracts.money"
        assert not (isinstance(node, ast.Call) and ast.unparse(node.func) == "round"), f"{where}: round; use contracts.money"


def test_sets_are_sorted_before_they_are_written() -> None:
    """What is written may not depend on the hash seed: a joined set would."""
    for path in PURE:
        for name, node in called(path):
            if name.endswith(".join") and node.args and isinstance(node.args[0], ast.Set | ast.SetComp):
                raise AssertionError(f"{path}:{node.lineno}: joins a set; sort it first")
