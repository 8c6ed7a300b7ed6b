from dataclasses import replace

import numpy as np
import pytest
import torch

from judge.encode import Encoded, encode
from judge.head import Linear
from judge.model import Backbone
from judge.network import Layers, Update
from judge.train.groups import Group
from judge.train.scorer import Scorer
from judge.train.states import StateCache
from judge.tuned import Updates, tune
from judge.types import Example

FORK, KEEP = 1, (2, 3)
READOUT = Linear(
    center=np.zeros(128, np.float32),
    scale=np.ones(128, np.float32),
    weights=np.linspace(-1, 1, 128, dtype=np.float32),
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
    return Updates(FORK, KEEP, matrices, READOUT)


def test_the_served_logit_is_the_trained_one(tiny: Backbone, scorer: Scorer, tmp_path) -> None:  # type: ignore[no-untyped-def]
    group = Group(
        (encoded(tiny, "x = 1").bare(), encoded(tiny, "y = 22").bare()), (1, 0), "python", "1"
    )
    lower = Layers(tiny.network, 1, FORK)
    cache = StateCache(tmp_path, lambda: (tiny.network.model.embed_tokens, lower), FORK)
    with torch.inference_mode():
        trained = scorer(cache.states(group)).tolist()
    served = replace(tiny, tuned=tune(tiny.network, updates_of(scorer)))
    read = served.read(group.examples, layers=(1,))
    assert [one.tuned_logit for one in read] == pytest.approx(trained, abs=1e-3)


def test_the_model_itself_reads_as_before(tiny: Backbone, scorer: Scorer) -> None:
    one = encoded(tiny, "x = 1")
    served = replace(tiny, tuned=tune(tiny.network, updates_of(scorer)))
    [with_branch], [without] = served.read([one], layers=(2,)), tiny.read([one], layers=(2,))
    assert np.array_equal(with_branch.states, without.states)
    assert np.array_equal(with_branch.log_probs, without.log_probs)
    assert without.tuned_logit == 0.0
