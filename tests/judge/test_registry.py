"""The registry: what a name means, and what is said where it means nothing or is not here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from judge.registry import (
    DEFAULT_MODEL,
    MODELS,
    Hub,
    Model,
    ModelMissing,
    UnknownModel,
    Wheels,
    lookup,
    model_folder,
    require,
)


def test_the_default_model_is_in_the_registry() -> None:
    assert lookup(DEFAULT_MODEL).name == DEFAULT_MODEL


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(UnknownModel, match=f"'gpt'.*{DEFAULT_MODEL}"):
        lookup("gpt")


@pytest.mark.parametrize("name", ["../../etc", "", DEFAULT_MODEL.upper()])
def test_no_name_outside_the_registry_makes_a_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownModel):
        model_folder(tmp_path, name)


def test_a_model_that_is_not_here_is_answered_with_the_command_that_brings_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(ModelMissing, match=f"run `gavel pull {DEFAULT_MODEL}`"):
        require(tmp_path, DEFAULT_MODEL)


def test_a_model_that_is_here_is_answered_with_the_folder_to_load(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, DEFAULT_MODEL) / "bf16"
    folder.mkdir(parents=True)
    assert require(tmp_path, DEFAULT_MODEL) == folder


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_every_model_is_pinned_whatever_its_source(model: Model) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", model.sha256)
    assert model.size_bytes > 50_000_000
    assert model.license
    assert Path(model.file).name == model.file
    assert model.sources
    for source in model.sources:
        match source:
            case Hub():
                assert re.fullmatch(r"[0-9a-f]{40}", source.revision)
            case Wheels():
                assert len(set(source.packages)) == len(source.packages)
                assert re.fullmatch(r"[0-9.]+", source.version)
