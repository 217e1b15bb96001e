"""What the profile `monitoring` asks for is what the workers tell: names, labels, values, files and ports."""

import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from contracts.reasons import REASONS
from contracts.topics import topic_map
from services.cli.supervise import STAGES
from services.runtime.meter import Meter
from services.runtime.metrics import METRICS
from tests.compose_file import FILE, plain

FOLDER = FILE.parent / "monitoring"
OPERATIONS = (FILE.parent / "docs/operations.md").read_text("utf-8")
OF_A_TARGET = {"job", "instance", "service", "le"}
OF_THE_PROCESS = {"process_start_time_seconds", "process_resident_memory_bytes"}
SELECTOR = re.compile(r"\b((?:yibao|process)_[a-z_]+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)\s*(?:=~|!=|!~|=)\s*"([^"]*)"')
TYPES = {name.rpartition(".v")[0] for topic in topic_map().all for name in topic.types}


def alerts() -> list[dict[str, Any]]:
    return yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]


def panels() -> list[dict[str, Any]]:
    return json.loads((FOLDER / "grafana/dashboards/yibao.json").read_text("utf-8"))["panels"]


def expressions() -> list[str]:
    asked = [target["expr"] for panel in panels() for target in panel.get("targets", ())]
    return [*asked, *(rule["expr"] for rule in alerts())]


def metric_of(series: str) -> str:
    """A series of a histogram belongs to it."""
    return re.sub(r"_(bucket|sum|count)$", "", series) if series not in METRICS else series


@pytest.mark.parametrize("expression", expressions())
def test_prometheus_understands_it_and_each_name_and_label_is_told(expression: str) -> None:
    promql_parser.parse(expression)
    found = SELECTOR.findall(expression)
    assert found
    for series, selected in found:
        if series not in OF_THE_PROCESS:
            metric = METRICS[metric_of(series)]
            assert {name for name, _ in LABEL.findall(selected)} <= {*metric.labels, *OF_A_TARGET}, series
    for name, value in (pair for _, selected in found for pair in LABEL.findall(selected)):
        known = {"stage": STAGES, "type": TYPES, "reason": REASONS}.get(name)
        assert known is None or set(value.split("|")) <= set(known), f"{name}={value}"
    labels = {label for _, labels in re.findall(r"\b(by|without) \(([^)]*)\)", expression) for label in labels.split(", ")}
    assert labels <= {*OF_A_TARGET, *(label for metric in METRICS.values() for label in metric.labels)}


def test_a_broken_expression_would_be_noticed() -> None:
    with pytest.raises(ValueError):
        promql_parser.parse("sum by (stage (yibao_ready)")


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_every_alert_says_what_is_wrong_and_has_its_page(rule: dict[str, Any]) -> None:
    assert re.search("[一-鿿]", rule["annotations"]["zh"]) and re.search("[a-z]{3}", rule["annotations"]["en"])
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert f"\n### {rule['alert']}\n" in OPERATIONS


def test_no_page_is_of_an_alert_that_is_gone() -> None:
    assert set(re.findall(r"(?m)^### (Yibao\w+)$", OPERATIONS)) == {rule["alert"] for rule in alerts()}


def test_rulebooks_are_compared_over_all_stages() -> None:
    """One process a stage, as docker-compose.yml starts them: two of a stage never differ, and the stage that was forgotten would not be told."""
    (rule,) = [rule for rule in alerts() if rule["alert"] == "YibaoTwoRulebooks"]
    assert rule["expr"] == 'count(count by (rulebook) (yibao_worker{rulebook!=""})) > 1'


def test_where_nothing_counts_at_all_it_is_noticed_too() -> None:
    """A stage that never finished a batch has no series: a sum over none is no 0, and compares as nothing."""
    nought = [rule["expr"] for rule in alerts() if re.search(r"sum\(rate\(.*\) == 0", rule["expr"])]
    assert nought and all("or vector(0)) == 0" in expression for expression in nought)


def test_what_an_increase_is_asked_of_begins_at_nought() -> None:
    """The first time a series is seen it has no increase: a series that appears with 1 would never be told."""
    from contracts.events.audit import FINDINGS
    from services.runtime.metrics import REGISTRY

    Meter("filing")
    Meter("audit")
    assert REGISTRY.get_sample_value("yibao_reasons_total", {"stage": "filing", "reason": "cannot_decide"}) is not None
    assert REGISTRY.get_sample_value("yibao_verdicts_total", {"stage": "filing", "type": "request.unreadable"}) is not None
    assert all(REGISTRY.get_sample_value("yibao_findings_total", {"code": code}) is not None for code in FINDINGS)


def test_the_panels_have_places_of_their_own() -> None:
    taken = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
        assert " / " in panel["title"]


# --- files ------------------------------------------------------------------------------------------------------------


def test_prometheus_finds_every_worker_where_the_file_has_it_listen() -> None:
    (job,) = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    assert found["names"] == list(STAGES)
    for stage in STAGES:
        assert plain()[stage]["environment"]["YIBAO_METRICS_PORT"] == str(found["port"])
        assert plain()[stage]["environment"]["YIBAO_METRICS_HOST"] == "0.0.0.0"


@pytest.mark.parametrize("name", ["prometheus", "grafana"])
def test_it_starts_only_with_its_profile_and_sees_its_files(name: str) -> None:
    service = plain()[name]
    assert service["profiles"] == ["monitoring"]
    mounted = [volume for volume in service["volumes"] if volume["type"] == "bind"]
    assert mounted and all(volume["read_only"] and Path(volume["source"]).exists() for volume in mounted)


def test_what_the_files_name_is_mounted() -> None:
    prometheus = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    assert set(prometheus["rule_files"]) <= {volume["target"] for volume in plain()["prometheus"]["volumes"]}
    targets = {volume["target"] for volume in plain()["grafana"]["volumes"]}
    provider = yaml.safe_load((FOLDER / "grafana/provisioning/dashboards/yibao.yml").read_text("utf-8"))["providers"][0]
    source = yaml.safe_load((FOLDER / "grafana/provisioning/datasources/prometheus.yml").read_text("utf-8"))["datasources"][0]
    assert provider["options"]["path"] in targets
    assert plain()["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == f"{provider['options']['path']}/yibao.json"
    assert {panel["datasource"]["uid"] for panel in panels() if "datasource" in panel} == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"
