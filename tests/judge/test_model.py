from dataclasses import replace

import numpy as np
import torch

from judge.encode import Encoded, encode
from judge.model import PACKED_TOKENS, Backbone, Reading
from judge.pooling import pooled
from judge.types import Example

LAYERS = (1, 2)


def example(backbone: Backbone, prompt: str, code: str) -> Encoded:
    found = encode(Example(prompt, code, "python"), backbone.tokenizer)
    assert isinstance(found, Encoded)
    return found


def reference(backbone: Backbone, one: Encoded) -> Reading:
    """The same reading by one plain pass over all tokens: no cache, no pieces."""
    ids = torch.tensor([one.prefix + one.code + one.tail])
    with torch.inference_mode():
        out = backbone.network(input_ids=ids, output_hidden_states=True)
    start, n = len(one.prefix), len(one.code)
    log_probs = out.logits[0].log_softmax(-1)
    states = [out.hidden_states[layer][0] for layer in LAYERS]
    return Reading(
        states=np.stack([pooled(state[start : start + n]).numpy() for state in states]),
        log_probs=np.array([float(log_probs[start + i - 1, one.code[i]]) for i in range(n)]),
        yes_minus_no=float(out.logits[0, -1, backbone.yes] - out.logits[0, -1, backbone.no]),
    )


def same(first: Reading, second: Reading, tolerance: float) -> bool:
    return all(
        np.allclose(getattr(first, name), getattr(second, name), atol=tolerance, rtol=0)
        for name in ("states", "log_probs", "yes_minus_no")
    )


def test_a_reading_equals_one_plain_pass_over_all_tokens(tiny: Backbone) -> None:
    one = example(tiny, "Add one.", "def f(x):\n    return x + 1")
    assert same(tiny.read([one], layers=LAYERS, ask=True)[0], reference(tiny, one), 1e-4)


def test_code_longer_than_what_is_packed_is_read_whole(tiny: Backbone) -> None:
    one = example(tiny, "Count.", "x = 1\n" * (PACKED_TOKENS // 4))
    assert same(tiny.read([one], layers=LAYERS, ask=True)[0], reference(tiny, one), 1e-4)


def test_a_reading_is_the_same_but_for_rounding_whatever_its_neighbours_are(tiny: Backbone) -> None:
    ours = example(tiny, "Add one.", "def f(x):\n    return x + 1")
    others = [example(tiny, "Add one.", "x"), example(tiny, "Other.", "def g(): return 2 * 3")]
    alone = tiny.read([ours], layers=LAYERS, ask=True)[0]
    amid = tiny.read([others[0], ours, others[1], ours], layers=LAYERS, ask=True)
    assert same(alone, amid[1], 1e-5)
    assert same(alone, amid[3], 1e-5)


def test_readings_come_in_order(tiny: Backbone) -> None:
    several = [example(tiny, "Add.", "x" * n) for n in (5, 1, 3)]
    assert [len(one.log_probs) for one in tiny.read(several, layers=(1,))] == [5, 1, 3]


def test_code_that_does_not_fit_is_read_in_windows_and_every_token_counts_once(
    tiny: Backbone,
) -> None:
    one = example(tiny, "Count.", "".join(f"x{n} = {n}\n" for n in range(80)))
    [whole] = tiny.read([one], layers=LAYERS)
    room = replace(tiny, longest=len(one.prefix) + 600)
    [first, windowed] = room.read([example(tiny, "Count.", "y = 1"), one], layers=LAYERS)
    assert (first.windows, whole.windows) == (1, 1)
    assert windowed.windows > 1
    assert len(windowed.log_probs) == len(one.code)
    assert np.allclose(windowed.log_probs[:600], whole.log_probs[:600], atol=1e-4)
    assert np.abs(windowed.log_probs - whole.log_probs).max() < 1.0
    assert np.allclose(windowed.states[:, :2], whole.states[:, :2], atol=0.2)


def test_log_probabilities_are_left_out_where_nobody_asks(tiny: Backbone) -> None:
    one = example(tiny, "Add one.", "def f(x):\n    return x + 1")
    [asked] = tiny.read([one], layers=LAYERS, ask=True)
    [bare] = tiny.iter_read([one], layers=LAYERS, ask=True, log_probs=False)
    assert bare.yes_minus_no == asked.yes_minus_no
    assert not bare.log_probs.any()
    assert len(bare.log_probs) == len(one.code)
