import mmap
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from judge.encode import Encoded
from judge.mapped import give_back, lay_over
from judge.model import VOCABULARY, Backbone
from judge.network import Layers


@pytest.fixture
def saved(tiny: Backbone, tmp_path: Path) -> Path:
    tiny.network.save_pretrained(tmp_path)
    return tmp_path


def opened(folder: Path) -> Backbone:
    from transformers import AutoModelForCausalLM

    network = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True).eval()
    return Backbone(network, None, yes=1, no=2)  # type: ignore[arg-type]


def mapped_bytes(folder: Path) -> set[range]:
    lines = Path("/proc/self/maps").read_text().splitlines()
    spans = [line.split()[0].split("-") for line in lines if str(folder) in line]
    return {range(int(first, 16), int(last, 16)) for first, last in spans}


def resident(folder: Path) -> int:
    """Bytes of the weights' file that lie in this process's memory."""
    found, inside = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split()[0]:
            inside = str(folder) in line
        elif inside and line.startswith("Rss:"):
            found += int(line.split()[1]) * 1024
    return found


def test_mapped_weights_are_the_same_and_lie_in_the_file(saved: Path) -> None:
    before, after = opened(saved).network, opened(saved).network
    lay_over(after, saved)
    for (name, one), (_, other) in zip(
        before.named_parameters(), after.named_parameters(), strict=True
    ):
        assert torch.equal(one, other), name
        is_own = any(part in name for part in ("q_proj.w", "k_proj.w", "v_proj.w"))
        assert is_own is not any(other.data_ptr() in span for span in mapped_bytes(saved)), name


def test_neighbours_in_the_file_are_joined_without_a_copy(saved: Path) -> None:
    backbone = opened(saved)
    lay_over(backbone.network, saved)
    matrices = dict(Layers(backbone.network, 1, 2).matrices())
    spans = mapped_bytes(saved)
    for kind in ("gate_up", "down", "out"):
        at = matrices[f"1.{kind}"].get_buffer("weight").data_ptr()
        assert any(at in span for span in spans), kind


def test_what_is_let_go_takes_no_memory_and_is_read_again(saved: Path) -> None:
    backbone = opened(saved)
    before = backbone.network.model.embed_tokens.weight.clone()
    weights = lay_over(backbone.network, saved)
    held = backbone.network.model.embed_tokens.weight
    assert held.sum() == before.sum()
    touched = resident(saved)
    weights.let_go(VOCABULARY)
    weights.let_go("no such parameter")
    assert touched - resident(saved) >= before.nbytes - 2 * mmap.PAGESIZE
    assert torch.equal(held, before)


def test_a_mapped_model_lets_its_vocabulary_go(saved: Path) -> None:
    backbone = opened(saved)
    mapped = replace(backbone, weights=lay_over(backbone.network, saved))
    one = Encoded((70, 71, 72), (80, 81, 82), ())
    readings = [mapped.read([one], layers=(1,))[0] for _ in range(2)]
    assert (readings[0].log_probs == readings[1].log_probs).all()
    place = backbone.network.model.embed_tokens.weight.data_ptr()
    assert any(place in span for span in mapped_bytes(saved))


def test_what_is_multiplied_together_is_together_and_joined_without_a_copy(saved: Path) -> None:
    network = opened(saved).network
    lay_over(network, saved)
    attention = network.model.layers[1].self_attn
    matrix = dict(Layers(network, 2, 2).matrices())["2.qkv"].get_buffer("weight")
    assert matrix.data_ptr() == attention.q_proj.weight.data_ptr()
    parts = [getattr(attention, name).weight for name in ("q_proj", "k_proj", "v_proj")]
    assert torch.equal(matrix, torch.cat(parts))
    give_back()
    assert torch.equal(matrix, torch.cat(parts))


def test_joining_again_takes_no_more_memory(saved: Path) -> None:
    network = opened(saved).network
    first, second = (dict(Layers(network, 1, 2).matrices()) for _ in range(2))
    for name, matrix in first.items():
        again = second[name].get_buffer("weight")
        assert matrix.get_buffer("weight").data_ptr() == again.data_ptr(), name


def test_a_mapped_model_reads_as_the_loaded_one(saved: Path) -> None:
    loaded, mapped = opened(saved), opened(saved)
    lay_over(mapped.network, saved)
    one = Encoded((70, 71, 72), (80, 81, 82), (90,))
    [first], [second] = (some.read([one], layers=(1, 3), ask=True) for some in (loaded, mapped))
    assert (first.states == second.states).all()
    assert (first.log_probs == second.log_probs).all()
    assert first.yes_minus_no == second.yes_minus_no


def test_weights_in_another_precision_or_none_at_all_are_left(saved: Path, tmp_path: Path) -> None:
    network = opened(saved).network.to(torch.bfloat16)
    places = [one.data_ptr() for one in network.parameters()]
    lay_over(network, saved)
    lay_over(network, tmp_path / "nowhere")
    assert [one.data_ptr() for one in network.parameters()] == places
