"""What can be known of the deployment without a cluster: names that agree, and hardening."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
import yaml
from jsonschema import validators
from prometheus_client import CollectorRegistry

import bot.counts
import worker.metrics
from bot.settings import BotSettings
from worker.metrics_server import QueueCollector
from worker.settings import WorkerSettings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
MANIFESTS = [
    manifest
    for path in sorted((DEPLOY / "kustomize").glob("*.yaml"))
    for manifest in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]
DEPLOYMENTS = [one for one in MANIFESTS if one["kind"] == "Deployment"]
ALERTS = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "monitoring" / "dashboard.json").read_text())
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = ("receiver", "io", "gpu", "beat")
METRIC = re.compile(r"\bgavel_\w+")


def exposed(tmp_path: Path) -> set[str]:
    """Every name that a service may show."""
    registry = CollectorRegistry()
    for module in (bot.counts, worker.metrics):
        for name, value in vars(module).items():
            if name.startswith("_") and hasattr(value, "collect"):
                registry.register(value)
    names = set()
    for family in (*registry.collect(), *QueueCollector(f"sqlite:///{tmp_path / 'x'}").collect()):
        names.add(family.name)
        names |= {f"{family.name}_{end}" for end in ("total", "bucket", "count", "sum")}
    return names


def queries() -> Iterator[str]:
    for rule in ALERTS:
        yield rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]
    for manifest in MANIFESTS:
        for trigger in manifest.get("spec", {}).get("triggers", []):
            yield trigger["metadata"]["query"]


def containers(deployment: dict) -> list[dict]:
    spec = deployment["spec"]["template"]["spec"]
    return [*spec["containers"], *spec.get("initContainers", [])]


def test_every_query_asks_for_a_metric_that_there_is(tmp_path: Path) -> None:
    asked = {name for query in queries() for name in METRIC.findall(query)}
    assert asked
    assert asked - exposed(tmp_path) == set()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_has_its_steps(rule: dict) -> None:
    assert f"\n### {rule['alert']}\n" in OPERATIONS
    assert rule["annotations"]["runbook"].endswith(f"#{rule['alert'].lower()}")


@pytest.mark.parametrize("one", DEPLOYMENTS, ids=lambda one: one["metadata"]["name"])
def test_every_pod_is_hardened_probed_and_limited(one: dict) -> None:
    spec = one["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False
    for container in containers(one):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
    main = spec["containers"][0]
    assert {"livenessProbe", "readinessProbe", "startupProbe"} <= set(main)
    assert {"requests", "limits"} <= set(main["resources"])


def test_a_worker_has_time_to_end_its_longest_task() -> None:
    grace = {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        for one in DEPLOYMENTS
    }
    assert grace["io"] > WorkerSettings.model_fields["io_limit_s"].default
    assert grace["gpu"] > WorkerSettings.model_fields["gpu_limit_s"].default


def test_the_gpu_worker_is_given_no_secret_of_a_forge() -> None:
    for name, mounted in (
        ("gpu", next(d for d in DEPLOYMENTS if d["metadata"]["name"] == "gpu")),
        ("gpu of compose", COMPOSE["services"]["gpu"]),
    ):
        text = json.dumps(mounted)
        assert not re.search(r"forges|webhook|private_key|token\b", text), name
    assert COMPOSE["services"]["gpu"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", OURS)
def test_every_container_of_compose_is_hardened(name: str) -> None:
    service = COMPOSE["services"][name]
    assert (service["read_only"], service["user"]) == (True, "1000:1000")
    assert service["cap_drop"] == ["ALL"]


def test_every_variable_that_is_set_is_a_setting() -> None:
    texts = [(ROOT / "compose.yaml").read_text()]
    texts += [path.read_text() for path in (DEPLOY / "kustomize").glob("*.yaml")]
    used = {
        name.removesuffix("_FILE")
        for text in texts
        for name in re.findall(r"\bGAVEL_[A-Z_]+", text)
    }
    fields = {*WorkerSettings.model_fields, *BotSettings.model_fields}
    known = {f"GAVEL_{name.upper()}" for name in fields}
    assert used - known == set()


def test_the_base_can_be_built() -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed here")
    command = ["kubectl", "kustomize", str(DEPLOY / "kustomize")]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    kinds = [one["kind"] for one in yaml.safe_load_all(built.stdout)]
    assert kinds.count("Deployment") == 4
    assert "NetworkPolicy" in kinds


def test_compose_reads_the_file_as_its_specification_says() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    validator = validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
