"""The wheel: its data files are in it, an auditor's install (pydantic, msgspec and zstandard) decides, and the command line says what it lacks."""

import asyncio
import importlib.util
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from policies.book import built_in
from services.audit.dump import DumpDir
from services.audit.proving import prove
from services.audit.sources import DumpSource
from tests.policies.requests import claim, enrolment, record as request
from tests.services.recorded import PARTITIONS, recorded, seal_run
from tests.services.test_story import EXPECTED

ROOT = Path(__file__).parents[2]
AUDITOR = ("msgspec", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection", "zstandard")
"""All that `pip install yibao` brings beside the package itself."""

DECIDE = """
from contracts.lines import request_record
from contracts.topics import topic_map
from pathlib import Path
from policies.book import built_in
from policies.road import Road
import services
road, story = Road(built_in()), Path(services.__file__).parent / "cli" / "story.jsonl"
types = [[*road.run(request_record(line, topic_map().partitions))][-1].header("ce_type").decode()
         for line in story.read_bytes().splitlines()]
print(types.count("cn.yibao.claim.settled.v1"), types.count("cn.yibao.claim.refused.v1"))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, pydantic, msgspec and zstandard in a folder of their own, as an auditor has them."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT)],
        check=True, capture_output=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    site = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    for name in AUDITOR:
        origin = Path(importlib.util.find_spec(name).origin)
        (site / (name if origin.name == "__init__.py" else origin.name)).symlink_to(
            origin.parent if origin.name == "__init__.py" else origin
        )
    return site


def run(site: Path, code: str) -> "subprocess.CompletedProcess[str]":
    """``code`` in a Python that sees the standard library and ``site`` alone."""
    start = f"import sys; sys.path.append({str(site)!r})\n{code}"
    return subprocess.run([sys.executable, "-I", "-S", "-c", start], capture_output=True, text=True, cwd="/", timeout=60)


def test_an_auditor_decides_the_story_with_what_the_package_brings(installed: Path) -> None:
    done = run(installed, DECIDE)
    assert done.returncode == 0, done.stderr
    by_hand = [told.type for told in EXPECTED]
    assert done.stdout.split() == [str(by_hand.count("claim.settled")), str(by_hand.count("claim.refused"))]


def test_an_auditor_checks_a_proof_with_what_the_package_brings(installed: Path, tmp_path: Path) -> None:
    """Two requests in one seal that nobody signed; then one byte of the path is another one."""
    recorded([request("enrolment.recorded", enrolment()), request("claim.submitted", claim(), "visit-1")], built_in(), tmp_path / "dump")
    asyncio.run(seal_run(tmp_path / "dump", 2))
    source = DumpSource(DumpDir(tmp_path / "dump"))
    proof = asyncio.run(prove(source, "visit-1", range(PARTITIONS)))
    for path, code in ((proof.path, 0), (("0" * 64,), 1)):
        (file := tmp_path / "proof.json").write_text(proof.model_copy(update={"path": path}).model_dump_json(), "utf-8")
        done = run(installed, f"from policies.chain_proof import main; sys.exit(main([{str(file)!r}]))")
        assert (done.returncode, done.stderr) == (code, "")


def test_an_auditor_decides_a_dump_again_by_the_piece_of_the_page(installed: Path, tmp_path: Path) -> None:
    """Two requests of one person, one of another, one that cannot be read, each decided by four stages; then one fen is another one."""
    visit = request("claim.submitted", claim(), "visit-1")
    requests = [request("enrolment.recorded", enrolment()), request("enrolment.recorded", enrolment(psn_no="P2")), visit, replace(visit, value=b"")]
    recorded(requests, built_in(), tmp_path / "dump")
    page = (ROOT / "docs" / "audit.md").read_text("utf-8")
    (piece,) = re.findall(r"^```python title=redecide\n(.*?)^```", page, re.M | re.S)
    code = f"sys.argv[1:] = [{str(tmp_path / 'dump')!r}]\n{piece}"
    done = run(installed, code)
    assert (done.returncode, done.stdout) == (0, "4 requests, 16 decisions made again, 0 undecidable, 0 findings\n"), done.stderr
    (settled,) = [path for path in (tmp_path / "dump" / "yibao.settled").rglob("*.jsonl") if b"psn_cash_pay" in path.read_bytes()]
    settled.write_bytes(re.sub(rb'"psn_cash_pay":3600,"hosp', b'"psn_cash_pay":3601,"hosp', settled.read_bytes()))
    assert run(installed, f"sys.argv[1:] = [{str(tmp_path / 'dmup')!r}]\n{piece}").returncode == 1, "no folder of that name: nothing was decided"
    done = run(installed, code)
    assert done.returncode == 1 and "decided_otherwise: yibao.settled/" in done.stdout and "claim_sum: yibao.settled/" in done.stdout, done.stdout + done.stderr


def test_the_command_line_says_what_to_install(installed: Path) -> None:
    done = run(installed, "from services.cli import main; main()")
    assert done.returncode == 2
    assert 'pip install "yibao[services]"' in done.stderr and "请安装" in done.stderr


def test_the_wheel_holds_its_data(installed: Path) -> None:
    for name in (
        "contracts/topics.toml", "contracts/schemas/claim.settled.v1.json", "contracts/examples/good", "policies/rulebook/sources.toml",
        "policies/rulebook/catalogues/650000/items.csv", "services/ledger/apply.lua", "services/embedded/jars.sha256", "services/cli/story.jsonl", "services/cli/day.jsonl",
    ):
        assert (installed / name).exists(), f"{name} is not in the wheel; see [tool.hatch.build.targets.wheel]"
