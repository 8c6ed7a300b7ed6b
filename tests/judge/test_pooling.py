import numpy as np
import pytest
import torch

from judge.pooling import pooled, pooled_of_parts


def test_a_code_is_told_by_its_mean_its_deviation_and_its_last_token() -> None:
    told = pooled(torch.tensor([[1.0, 0.0], [3.0, 0.0], [5.0, 6.0]]))
    assert told[0].tolist() == [3.0, 2.0]
    assert told[1].tolist() == pytest.approx([np.std([1, 3, 5]), np.std([0, 0, 6])])
    assert told[2].tolist() == [5.0, 6.0]


def test_one_token_deviates_from_nothing() -> None:
    assert pooled(torch.tensor([[1.0, -2.0]])).tolist() == [[1.0, -2.0], [0.0, 0.0], [1.0, -2.0]]


def test_half_precision_is_summed_in_full() -> None:
    states = torch.full((3000, 1), 1.001, dtype=torch.bfloat16)
    assert pooled(states)[0].item() == pytest.approx(states[0].item())


def test_parts_tell_of_the_whole_what_the_whole_tells() -> None:
    states = torch.randn(10, 4, generator=torch.Generator().manual_seed(0))
    parts = [pooled(states[:3]).numpy(), pooled(states[3:]).numpy()]
    whole = pooled_of_parts(parts, np.array([0.3, 0.7]))
    assert np.allclose(whole, pooled(states).numpy(), atol=1e-6)
