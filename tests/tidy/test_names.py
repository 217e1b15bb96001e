"""What is named in one place exists in the other: the version, topics, reasons, sources."""

import ast
import re
from pathlib import Path

import pytest

import policies
import services
from contracts.reasons import REASONS
from contracts.topics import topic_map
from policies.book import BESIDE_PLANS, BUILT_IN, load
from policies.road import STAGES
from tests.tidy.tree import PACKAGES, ROOT, called, modules, strings

TOPIC = re.compile(r"(?<![\w./-])yibao\.([a-z]+)\b(?![./(])")
MAKES_REASONS = {"reason": 0, "BadHeaders": 0}
"""Functions that take a code of a reason, and the place of that argument."""


def test_the_version_that_verdicts_name_is_that_of_the_package() -> None:
    assert services.__version__ == policies.VERSION


def test_every_topic_that_is_named_is_on_the_map() -> None:
    known = {topic.name for topic in topic_map().all}
    for path in modules(*PACKAGES):
        for number, text in strings(path):
            for match in TOPIC.finditer(text):
                assert match[0] in known, f"{path}:{number}: {match[0]} is not in contracts/topics.toml"


def test_every_topic_of_the_map_has_its_worker() -> None:
    requested, *decided = topic_map().road
    assert [topic.makers for topic in decided] == [(name,) for name in STAGES], "one deciding stage a topic, in their order"
    assert [topic.readers[0] for topic in (requested, *decided[:-1])] == list(STAGES)
    outside = {"gateway", "agency", "operator"}
    for name in {*STAGES, *(maker for topic in topic_map().all for maker in topic.makers)} - outside:
        assert (ROOT / "services" / name / "worker.py").is_file(), f"{name} writes a topic of the map and has no worker"


def test_every_topic_of_the_map_is_named_in_code() -> None:
    named = {match[0] for path in modules(*PACKAGES) for _, text in strings(path) for match in TOPIC.finditer(text)}
    assert {topic.name for topic in topic_map().all} <= named


def test_what_is_backed_up_is_every_topic() -> None:
    """The page on operation says how many there are; the map has eight: five of the road, and found, dead and sealed."""
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    assert len(topic_map().all) == 8 and "Kafka 的八个主题" in page and "the eight topics of Kafka" in page


def test_every_reason_that_is_given_is_on_the_list() -> None:
    for path in modules(*PACKAGES):
        for name, node in called(path):
            place = MAKES_REASONS.get(name.rpartition(".")[2])
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                code = node.args[place].value  # type: ignore[attr-defined]
                assert code in REASONS, f"{path}:{node.lineno}: {code!r} is not in contracts/reasons.py"


def test_every_reason_on_the_list_is_given_somewhere() -> None:
    given = {text for path in modules(*PACKAGES) if not path.name.startswith("reasons") for _, text in strings(path)}
    assert not REASONS.keys() - given, f"nobody gives {sorted(REASONS.keys() - given)}; remove it or use it"


# --- rulebook -----------------------------------------------------------------------------------------------------------

RULES = "\n".join(
    path.read_text("utf-8") for path in sorted(BUILT_IN.rglob("*")) if path.suffix in (".toml", ".md") and path.name != "sources.toml")
CODE = "\n".join((ROOT / path).read_text("utf-8") for path in modules("contracts", "policies"))


def test_every_value_of_the_rulebook_has_a_source_that_exists() -> None:
    """The loader refuses anything else, by name; so loading it is the test."""
    assert load(BUILT_IN).sources


@pytest.mark.parametrize("source", load(BUILT_IN).sources)
def test_every_source_is_named_by_a_value_or_a_comment(source: str) -> None:
    assert re.search(rf"\b{re.escape(source)}\b", RULES + CODE), f"{source} of sources.toml is named nowhere; remove it"


@pytest.mark.parametrize("source", load(BUILT_IN).sources.values(), ids=lambda source: source.id)
def test_every_source_has_a_title_and_a_quote(source) -> None:
    assert source.title.strip() and source.quote.strip()


def test_every_source_that_is_named_exists() -> None:
    known = load(BUILT_IN).sources
    for name in re.findall(r"\bS\d{3}\b", RULES + CODE):
        assert name in known, f"{name} is named and not in sources.toml"


def test_choices_are_written_in_both_languages() -> None:
    for path in sorted(BUILT_IN.rglob("*.toml")):
        for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
            if text.startswith(("choice = ", "choices = ")):
                where = f"{path.relative_to(BUILT_IN)}:{number}"
                assert " / " in text and re.search(r"[一-鿿]", text) and re.search("[A-Za-z]{4}", text), where


def test_rule_files_and_case_files_stand_side_by_side() -> None:
    plans = {path for path in BUILT_IN.glob("regions/*/*.toml") if path.name not in BESIDE_PLANS and not path.name.endswith(".cases.toml")}
    for path in [*plans, BUILT_IN / "national" / "filing.toml"]:
        assert path.with_name(f"{path.stem}.cases.toml").is_file(), f"{path.relative_to(BUILT_IN)} has no cases beside it"
    for path in BUILT_IN.rglob("*.cases.toml"):
        assert Path(str(path).replace(".cases.toml", ".toml")).is_file(), f"{path.relative_to(BUILT_IN)} has no rules beside it"
