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
from bot.dashboard.settings import DashboardSettings
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
PODS = [one for one in MANIFESTS if one["kind"] in ("Deployment", "Job")]
COMPONENTS = sorted((DEPLOY / "components").glob("*/kustomization.yaml"))
ALERTS = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "monitoring" / "dashboard.json").read_text())
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = ("receiver", "io", "gpu", "beat", "weights")
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


@pytest.mark.parametrize("one", PODS, ids=lambda one: one["metadata"]["name"])
def test_every_pod_is_hardened_and_limited(one: dict) -> None:
    spec = one["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False
    for container in containers(one):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert {"requests", "limits"} <= set(container["resources"])


@pytest.mark.parametrize("one", DEPLOYMENTS, ids=lambda one: one["metadata"]["name"])
def test_every_service_is_probed(one: dict) -> None:
    main = one["spec"]["template"]["spec"]["containers"][0]
    assert {"livenessProbe", "readinessProbe", "startupProbe"} <= set(main)


def test_whether_a_receiver_is_ready_is_asked_where_deliveries_come_in() -> None:
    receiver = next(d for d in DEPLOYMENTS if d["metadata"]["name"] == "receiver")
    probes = receiver["spec"]["template"]["spec"]["containers"][0]
    assert probes["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert ":8000/readyz" in COMPOSE["services"]["receiver"]["healthcheck"]["test"][-1]


def test_no_number_of_pods_undoes_what_the_autoscaling_chose() -> None:
    scaled = {
        one["spec"]["scaleTargetRef"]["name"] for one in MANIFESTS if "scaleTargetRef" in str(one)
    }
    assert scaled == {"receiver", "io", "gpu"}
    fixed = {one["metadata"]["name"] for one in DEPLOYMENTS if "replicas" in one["spec"]}
    assert fixed & scaled == set()


def test_weights_are_fetched_by_what_holds_no_secret() -> None:
    job = next(one for one in MANIFESTS if one["kind"] == "Job")
    pod = job["spec"]["template"]["spec"]
    assert not any("secret" in volume for volume in pod["volumes"])
    assert job["spec"]["template"]["metadata"]["labels"] == {
        "app.kubernetes.io/component": "weights"
    }
    assert "secrets" not in COMPOSE["services"]["weights"]
    assert COMPOSE["services"]["weights"]["networks"] == ["outside"]


def test_every_image_of_others_is_pinned_by_its_digest() -> None:
    images = [one["image"] for one in COMPOSE["services"].values()]
    foreign = [image for image in images if not image.startswith("gavel/")]
    assert len(foreign) == 2
    assert [one for one in foreign if not re.search(r"@sha256:[0-9a-f]{64}$", one)] == []


def test_a_service_without_capabilities_is_nobody_who_needs_them() -> None:
    for name, service in COMPOSE["services"].items():
        if service.get("cap_drop") == ["ALL"]:
            assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"]), name


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
    texts += [path.read_text() for path in DEPLOY.glob("*/**/*.yaml")]
    used = {
        name.removesuffix("_FILE")
        for text in texts
        for name in re.findall(r"\bGAVEL_[A-Z_]+", text)
    }
    all_settings = (WorkerSettings, BotSettings, DashboardSettings)
    fields = {name for one in all_settings for name in one.model_fields}
    known = {f"GAVEL_{name.upper()}" for name in fields}
    assert used - known == set()


def built(folder: Path) -> list[dict]:
    """What an operator's cluster is given by a folder."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed here")
    command = ["kubectl", "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def variables(manifests: list[dict], name: str) -> dict[str, str]:
    found = next(d for d in manifests if (d["kind"], d["metadata"]["name"]) == ("Deployment", name))
    (container,) = found["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one["value"] for one in container.get("env", [])}


def test_the_base_can_be_built() -> None:
    kinds = [one["kind"] for one in built(DEPLOY / "kustomize")]
    assert kinds.count("Deployment") == 4
    assert "NetworkPolicy" in kinds


def with_components(folder: Path, *names: str) -> list[dict]:
    """The base with some components, built in a copy below `folder`."""
    shutil.copytree(DEPLOY, folder / "deploy")
    overlay = folder / "deploy" / "overlay"
    overlay.mkdir()
    lists = {"resources": ["../kustomize"], "components": [f"../components/{n}" for n in names]}
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(lists), encoding="utf-8")
    return built(overlay)


def test_the_example_names_the_images_of_a_registry() -> None:
    images = {
        container["image"].rpartition(":")[0]
        for one in built(DEPLOY / "example")
        if one["kind"] in ("Deployment", "Job")
        for container in one["spec"]["template"]["spec"]["containers"]
    }
    roles = ("bot", "worker-io", "worker-gpu")
    assert images == {f"registry.example.org/gavel/{role}" for role in roles}


def test_each_part_is_given_the_secrets_that_are_its_own(tmp_path: Path) -> None:
    manifests = with_components(tmp_path, "gitlab", "sign-in")
    receiver, io, gpu = (variables(manifests, name) for name in ("receiver", "io", "gpu"))
    assert {"GAVEL_GITHUB_WEBHOOK_SECRET_FILE", "GAVEL_GITLAB_WEBHOOK_SECRET_FILE"} < set(receiver)
    assert "GAVEL_DASHBOARD_SECRET_FILE" in receiver
    assert {"GAVEL_GITHUB_PRIVATE_KEY", "GAVEL_GITLAB_TOKEN_FILE"} < set(io)
    assert not set(receiver) & set(io)
    assert gpu == {}


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.parent.name)
def test_each_component_fits_the_base(component: Path, tmp_path: Path) -> None:
    manifests = with_components(tmp_path, component.parent.name)
    given = {**variables(manifests, "receiver"), **variables(manifests, "io")}
    added = set(re.findall(r"GAVEL_\w+_FILE", component.read_text(encoding="utf-8")))
    assert added
    assert added <= set(given)
    assert any("GITHUB" in name for name in given) != (component.parent.name == "gitlab-alone")


def test_compose_reads_the_file_as_its_specification_says() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    validator = validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
