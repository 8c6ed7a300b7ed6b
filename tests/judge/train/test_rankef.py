from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from judge.train.data import DataRow
from judge.train.groups import Grouping, groups_of
from judge.train.rankef import (
    IGNORED,
    KINDS,
    NO_KIND,
    PLAIN,
    RANKEF,
    Said,
    Weights,
    kind_of,
    objective,
    text_of,
    token_loss,
)
from judge.train.rankef_loop import Course, score, train
from judge.train.rankef_network import Batch, Ranker, ranker_of
from judge.train.rankef_rows import Item, Special, batch_of, items_of, kinds_of

LETTERS = 130
SPECIAL = Special(pad=0, end=1)
SIZES = {
    "vocab_size": LETTERS,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 1,
}


class Letters:
    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        return [min(ord(letter), LETTERS - 1) for letter in text]


def qwen2() -> object:
    return Qwen2ForCausalLM(Qwen2Config(**SIZES))


def llama() -> object:
    return LlamaForCausalLM(LlamaConfig(**SIZES))


def gemma3() -> object:
    return Gemma3ForCausalLM(Gemma3TextConfig(**SIZES, head_dim=8))


def t5() -> object:
    config = T5Config(
        vocab_size=LETTERS, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=1,
    )  # fmt: skip
    return T5ForConditionalGeneration(config)


KNOWN = [
    pytest.param(qwen2, "mean", id="Qwen2"),
    pytest.param(llama, "last", id="Llama"),
    pytest.param(gemma3, "mean", id="Gemma3"),
    pytest.param(t5, "encoder", id="T5 encoder"),
    pytest.param(t5, "decoder", id="T5 decoder"),
]
Build = Callable[[], object]


def ranker(build: Build, pool: str) -> Ranker:
    torch.manual_seed(0)
    return ranker_of(build(), pool)


def items(count: int = 8) -> list[Item]:
    """Right code has an `r` where wrong code has a `w`."""
    rows = [
        DataRow(
            id=str(n),
            task_id="t/1",
            source="s",
            language="python",
            prompt="Do it.",
            code=("r" if n % 2 else "w") * (6 + n % 3),
            label=n % 2,
            generator="g",
            label_from="tests",
            license="MIT",
            outcome="passed" if n % 2 else "exception:KeyError",
        )
        for n in range(count)
    ]
    return items_of(rows, Letters(), SPECIAL, max_tokens=400)


@pytest.mark.parametrize(
    ("build", "pool", "weights"),
    [(*known.values, PLAIN if known.id == "Qwen2" else RANKEF) for known in KNOWN],
    ids=[known.id for known in KNOWN],
)
def test_a_tiny_model_of_each_architecture_learns_which_code_is_right(
    build: Build, pool: str, weights: Weights, tmp_path: Path
) -> None:
    made = ranker(build, pool)
    course = Course(rate=5e-3, head_rate=2e-2, batch=4, epochs=6, warmup=0.0, every=100)
    train(made, items(), SPECIAL, weights=weights, course=course, folder=tmp_path)
    unseen = items(6)
    logits = score(made, unseen, SPECIAL, batch=4)
    right = [one for one, item in zip(logits, unseen, strict=True) if item.label]
    wrong = [one for one, item in zip(logits, unseen, strict=True) if not item.label]
    assert min(right) > max(wrong)


@pytest.mark.parametrize(("build", "pool"), KNOWN)
def test_a_rows_logit_does_not_depend_on_the_rows_read_with_it(build: Build, pool: str) -> None:
    made = ranker(build, pool).eval()
    some = items(3)
    together = score(made, some, SPECIAL, batch=3)
    assert together == pytest.approx(score(made, some, SPECIAL, batch=1), abs=1e-4)


@pytest.mark.parametrize(
    ("build", "pool"), [pytest.param(gemma3, "mean", id="Gemma3"), pytest.param(t5, "encoder")]
)
def test_the_loss_of_the_text_is_that_of_the_model_itself(build: Build, pool: str) -> None:
    made = ranker(build, pool).eval()
    one = batch_of(items(2)[1:], SPECIAL)
    network = made.body.network
    told = made(one, write=True).text_loss.detach()
    if network.config.is_encoder_decoder:
        known = network(input_ids=one.ids, attention_mask=one.mask, labels=one.text).loss.detach()
    else:
        ids = torch.cat([one.ids, one.text], dim=1)
        labels = torch.cat([torch.full_like(one.ids, IGNORED), one.text], dim=1)
        known = network(input_ids=ids, labels=labels).loss.detach()
    assert float(told) == pytest.approx(float(known), rel=1e-4)


def test_training_that_was_cut_off_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    course = Course(rate=1e-3, batch=4, epochs=3, every=1)

    class Cut(Exception):
        pass

    def cut(done: int, total: int) -> None:
        if done == 3:
            raise Cut

    whole, parts = ranker(t5, "encoder"), ranker(t5, "encoder")
    train(whole, items(), SPECIAL, weights=RANKEF, course=course, folder=tmp_path / "whole")
    with pytest.raises(Cut):
        train(
            parts, items(), SPECIAL, weights=RANKEF, course=course,
            folder=tmp_path / "parts", progress=cut,
        )  # fmt: skip
    again = ranker(t5, "encoder")
    train(again, items(), SPECIAL, weights=RANKEF, course=course, folder=tmp_path / "parts")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name


def test_heads_alone_leave_the_body_as_it_was(tmp_path: Path) -> None:
    made = ranker(llama, "mean")
    before = {name: value.clone() for name, value in made.body.state_dict().items()}
    train(
        made, items(), SPECIAL, weights=PLAIN, course=Course(body=False, epochs=1), folder=tmp_path
    )
    assert all(torch.equal(value, before[name]) for name, value in made.body.state_dict().items())


def test_a_pool_that_an_architecture_has_not_is_named() -> None:
    with pytest.raises(ValueError, match="this architecture has encoder, decoder"):
        ranker(t5, "mean")


def test_every_outcome_has_its_kind_and_text() -> None:
    assert KINDS[kind_of("exception:ReferenceError")] == KINDS[kind_of("exception:NameError")]
    assert KINDS[kind_of("exception:Signal11")] == "exception"
    assert kind_of("") == kind_of("harness:SyntaxError") == NO_KIND
    assert text_of("exception:KeyError") == "It raises KeyError."
    assert text_of("") == ""


def test_feedback_changes_the_objective_only_where_it_is_known() -> None:
    said = Said(torch.zeros(2), torch.randn(2, len(KINDS)), torch.tensor(1.0))
    labels, unknown = torch.tensor([1.0, 0.0]), torch.tensor([NO_KIND, NO_KIND])
    plain = objective(said, labels, unknown, PLAIN)
    assert float(objective(said, labels, unknown, RANKEF) - plain) == pytest.approx(RANKEF.text)
    assert float(token_loss(torch.randn(1, 2, 3), torch.tensor([[IGNORED] * 2]))) == 0


def test_a_batch_is_padded_where_its_rows_end() -> None:
    made: Batch = batch_of(
        [Item((5, 6), (1, 2), 1, 0, (7,)), Item((5,), (0, 1), 0, 1, ())], SPECIAL
    )
    assert made.mask.tolist() == [[1, 1], [1, 0]]
    assert made.code.tolist() == [[0, 1], [1, 0]]
    assert made.text.tolist() == [[7], [IGNORED]]


def test_the_kind_of_each_candidate_of_a_group_is_that_of_its_row() -> None:
    rows = [
        DataRow(
            id=str(n),
            task_id=f"t/{n % 3}",
            source="s",
            language="python",
            prompt=f"Do it, {'please' if n % 2 else 'now'}.",
            code=f"def f(x):\n    return x + {n}",
            label=int(n % 4 == 0),
            generator="g",
            label_from="tests",
            license="MIT",
            outcome="passed" if n % 4 == 0 else f"exception:{'KeyError' if n % 4 == 1 else 'E'}",
        )
        for n in range(24)
    ]
    groups = groups_of(rows, Letters(), Grouping())
    known = {
        tuple(Letters().encode(row.code, add_special_tokens=False)): kind_of(row.outcome)
        for row in rows
    }
    expected = [known[one.code] for group in groups for one in group.examples]
    assert kinds_of(groups, rows, Letters()).tolist() == expected
    assert len(set(expected)) == 3
