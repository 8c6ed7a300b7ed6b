"""What an operator types, as far as it goes without an engine, a cluster and hours.

The programs themselves read the lines, and what they would send fits the files of the project.
"""

from __future__ import annotations

import os
import re
import runpy
import shlex
import shutil
import stat
import sys
from pathlib import Path

import pytest
import yaml
from sqlalchemy import make_url
from typer.main import get_command

from bot.cli import build
from tests.bare import checkout
from tests.docs.blocks import ROOT, Block, Walk, blocks, marked
from tests.doubles.engine import engine
from worker.settings import WorkerSettings

PAGE = "docs/operations.md"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
KEYS = ("database_url", "broker_url", "github", "github_app_id", "github_private_key")
MOUNTED = re.compile(r"/run/secrets/(\w+)/(\w+)")

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the blocks are for bash")


def needing(page: str, what: str) -> list[Block]:
    return [one for one in blocks() if one.page == page and one.mark == f"needs: {what}"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed here")
def test_the_secrets_of_one_host_are_those_that_compose_mounts(
    walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "the-key-of-your-app.pem").write_text("a key")
    walk(*marked(PAGE, "secrets"))
    files = {name: tmp_path / one["file"] for name, one in COMPOSE["secrets"].items()}
    assert all(file.read_text().strip() for file in files.values())
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files.values()} == {0o644}
    monkeypatch.setenv("GAVEL_DATABASE_URL_FILE", str(files["database_url"]))
    url = make_url(WorkerSettings().database_url)
    database = COMPOSE["services"]["database"]["environment"]
    assert url.password == files["database_password"].read_text().strip()
    assert (url.username, url.database) == (database["POSTGRES_USER"], database["POSTGRES_DB"])
    assert url.host in COMPOSE["services"]


def test_compose_is_asked_for_what_its_file_holds() -> None:
    (block,) = needing(PAGE, "docker")
    asked = [shlex.split(line) for line in block.body.splitlines()]
    assert [words[:3] for words in asked] == [
        ["docker", "compose", "build"],
        ["docker", "compose", "run"],
        ["docker", "compose", "up"],
    ]
    named = {word for words in asked for word in words[3:] if not word.startswith("-")}
    assert named == {"weights"} <= set(COMPOSE["services"])
    built = {one["image"] for one in COMPOSE["services"].values() if "build" in one}
    ours = {one["image"] for one in COMPOSE["services"].values() if "@" not in one["image"]}
    assert ours == built  # what is run is made by the first line, and fetched from nowhere


@pytest.mark.skipif(shutil.which("docker") is None, reason="docker is not installed here")
def test_docker_sends_the_whole_context_and_asks_for_containers_that_gavel_understands(
    walk: Walk, tmp_path: Path
) -> None:
    tree = checkout(tmp_path / "tree")
    (tree / "gavel.env").write_text("GAVEL_GITHUB_WEBHOOK_SECRET=s\n")
    with engine() as asked:
        more = {
            "DOCKER_HOST": asked.address,
            "DOCKER_BUILDKIT": "0",
            "DOCKER_CONFIG": str(tmp_path),
        }
        walk(*needing("docs/how-to/self-hosted.md", "docker"), at=tree, more=more)
    (context,), (built,) = asked.contexts, asked.builds
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (tree / "Dockerfile").read_text(), re.M)
    assert {path for line in copied for path in line.split()} <= context
    assert not any(name.startswith((".venv", ".git/", "tests")) for name in context)
    assert "t=gavel" in built.split("&")
    for one in asked.containers:
        assert (one["Image"], one["HostConfig"]["Binds"]) == ("gavel", ["gavel:/data"])
        name, *words = one["Cmd"]
        get_command(build()).commands[name].make_context(name, words)  # it would refuse a word
    pulled, served = asked.containers
    assert pulled["Cmd"] == ["pull"] and pulled["HostConfig"]["AutoRemove"]
    assert served["Env"] == ["GAVEL_GITHUB_WEBHOOK_SECRET=s"]
    assert served["HostConfig"]["PortBindings"] == {
        "8000/tcp": [{"HostIp": "", "HostPort": "8000"}]
    }


KUBECTL = """#!/bin/sh
# The real one, which reads all that it is given and sends nothing.
case "$*" in
  "apply -k "*) exec {real} kustomize "$3" ;;
  *create*) {real} "$@" --dry-run=client -o yaml && echo --- ;;
  *) exit 2 ;;
esac
"""


def test_kubectl_makes_the_secrets_that_the_pods_mount(walk: Walk, tmp_path: Path) -> None:
    real = shutil.which("kubectl")
    if real is None:
        pytest.skip("kubectl is not installed here")
    (tmp_path / "programs").mkdir()
    shim = tmp_path / "programs" / "kubectl"
    shim.write_text(KUBECTL.format(real=real))
    shim.chmod(0o755)
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    for key in KEYS:
        (tmp_path / key).write_text("x")
    more = {"PATH": f"{tmp_path}/programs:{tmp_path}/bin:{os.environ['PATH']}"}
    (said,) = walk(*needing(PAGE, "cluster"), more=more)
    made = list(yaml.safe_load_all(said))
    spaces = [one["metadata"]["name"] for one in made if one["kind"] == "Namespace"]
    assert set(spaces) == {"gavel"}
    secrets = {one["metadata"]["name"]: set(one["data"]) for one in made if one["kind"] == "Secret"}
    assert all(one["metadata"]["namespace"] == "gavel" for one in made if one["kind"] == "Secret")
    mounted = set(MOUNTED.findall(said))
    assert {(name, key) for name, keys in secrets.items() for key in keys} == {
        (f"gavel-{folder}", key) for folder, key in mounted
    }


def lines_of_benches() -> list[str]:
    return [line for block in needing(PAGE, "hours") for line in block.body.splitlines()]


@pytest.mark.parametrize("line", lines_of_benches())
def test_a_bench_takes_the_options_that_the_page_gives_it(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python, script, *words = shlex.split(line, comments=True)
    assert python == ".venv/bin/python"
    unknown = "--an-option-that-no-bench-has"  # so that it ends once all others were read
    monkeypatch.setattr(sys, "argv", [script, *words, unknown])
    monkeypatch.setattr(sys, "path", [str(ROOT / "bench"), *sys.path])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / script), run_name="__main__")
    assert ended.value.code == 2
    assert f"unrecognized arguments: {unknown}\n" in capsys.readouterr().err
