"""All names of metrics stand in one file, are documented, and nothing else is used as one."""

import re

from services.runtime.metrics import METRICS, REGISTRY, page
from tests.tidy.tree import PACKAGES, ROOT, imported, modules, strings

NAME = re.compile(r"\byibao_[a-z_]+\b")
HOME = "services/runtime/metrics.py"


def test_the_page_is_what_the_file_says() -> None:
    assert (ROOT / "docs/metrics.md").read_text("utf-8") == page(), "python -m services.runtime.metrics > docs/metrics.md"


def test_every_metric_is_made_there_and_means_something_in_both_languages() -> None:
    made = {(family.name, family.type) for family in REGISTRY.collect()}
    made = {f"{name}_total" if kind == "counter" else name for name, kind in made if name.startswith("yibao_")}
    assert made == METRICS.keys()
    for metric in METRICS.values():
        assert re.search("[一-鿿]", metric.zh) and re.search("[a-z]{3}", metric.en), metric.name
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name


def test_no_other_module_makes_or_names_a_metric() -> None:
    for path in modules(*PACKAGES):
        if str(path) != HOME:
            assert not imported(path) & {f"prometheus_client.{kind}" for kind in ("Counter", "Gauge", "Histogram")}, path
            named = {match[0] for _, text in strings(path) for match in NAME.finditer(text)}
            assert not named, f"{path} names {named}; take the metric from {HOME}"


def test_every_metric_is_fed_somewhere() -> None:
    home = (ROOT / HOME).read_text("utf-8")
    names = re.findall(r"(?m)^([A-Z_]+) = _(?:counter|gauge|histogram)\(", home)
    code = "\n".join((ROOT / path).read_text("utf-8") for path in modules("services") if str(path) != HOME)
    assert len(names) == len(METRICS)
    assert [name for name in names if f"metrics.{name}" not in code] == []
