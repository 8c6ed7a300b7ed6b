from dataclasses import replace

import numpy as np
import pytest
import torch

from judge.encode import Encoded, encode
from judge.head import Linear, state_inputs
from judge.model import Backbone
from judge.network import Layers, Update
from judge.train.groups import Group
from judge.train.scorer import Scorer
from judge.train.states import StateCache
from judge.tuned import Updates, tune
from judge.types import Example

FORK, KEEP = 1, (2, 3)
READOUT = Linear(
    center=np.zeros(192, np.float32),
    scale=np.ones(192, np.float32),
    weights=np.linspace(-1, 1, 192, dtype=np.float32),
    bias=0.25,
)


def encoded(backbone: Backbone, code: str) -> Encoded:
    found = encode(Example("Add one.", code, "python"), backbone.tokenizer)
    assert isinstance(found, Encoded)
    return found


@pytest.fixture
def scorer(tiny: Backbone) -> Scorer:
    made = Scorer(Layers(tiny.network, FORK + 1, 3), READOUT, KEEP, rank=2)
    for _, matrix in made.upper.matrices():
        assert matrix.up is not None
        torch.nn.init.normal_(matrix.up, std=0.1, generator=torch.Generator().manual_seed(3))
    return made


def updates_of(scorer: Scorer) -> Updates:
    matrices = {}
    for name, matrix in scorer.upper.matrices():
        assert matrix.up is not None and matrix.down is not None
        matrices[name] = Update(matrix.down.detach(), matrix.up.detach(), matrix.scale)
    return Updates(FORK, max(KEEP), matrices)


def test_the_served_logit_is_the_trained_one(tiny: Backbone, scorer: Scorer, tmp_path) -> None:  # type: ignore[no-untyped-def]
    group = Group(
        (encoded(tiny, "x = 1").bare(), encoded(tiny, "y = 22").bare()), (1, 0), "python", "1"
    )
    lower = Layers(tiny.network, 1, FORK)
    cache = StateCache(tmp_path, lambda: (tiny.network.model.embed_tokens, lower), FORK)
    with torch.inference_mode():
        trained = scorer(cache.states(group)).tolist()
    served = replace(tiny, tuned=tune(tiny.network, updates_of(scorer)))
    for log_probs in (True, False):
        read = served.iter_read(group.examples, layers=KEEP, log_probs=log_probs)
        states = np.array([state_inputs(one) for one in read])
        assert READOUT.logits(states) == pytest.approx(trained, abs=1e-3)


def test_the_model_itself_reads_as_before(tiny: Backbone, scorer: Scorer) -> None:
    one = encoded(tiny, "x = 1")
    served = replace(tiny, tuned=tune(tiny.network, updates_of(scorer)))
    [with_branch], [without] = served.read([one], layers=(1, 2)), tiny.read([one], layers=(1, 2))
    assert np.array_equal(with_branch.states[0], without.states[0])
    assert not np.array_equal(with_branch.states[1], without.states[1])
    assert np.array_equal(with_branch.log_probs, without.log_probs)


def test_layers_that_are_changed_are_known_by_the_names_of_their_parameters() -> None:
    updates = Updates(12, 20, {})
    replaced = [n for n in range(24) if updates.replaces(f"model.layers.{n}.mlp.up_proj.weight")]
    assert replaced == list(range(12, 20))
    assert not updates.replaces("model.embed_tokens.weight")


def test_no_layer_is_run_above_the_last_that_is_read(tiny: Backbone, scorer: Scorer) -> None:
    ran: list[int] = []
    served = replace(tiny, tuned=tune(tiny.network, updates_of(scorer)))
    assert served.tuned is not None
    for stack, first in ((served.layers, 1), (served.tuned.layers, 1 + FORK)):
        for number, layer in enumerate(stack.layers, start=first):
            layer.register_forward_pre_hook(lambda *_, number=number: ran.append(number))
    list(served.iter_read([encoded(tiny, "x = 1")], layers=(2,), log_probs=False))
    assert ran == [1, 2]
