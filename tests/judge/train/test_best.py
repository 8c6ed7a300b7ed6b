from pathlib import Path

import torch
from torch import nn

from judge.train.best import Watch, goes_on, look, put_back


def watched(
    losses: list[float], folder: Path, *, patience: int = 2
) -> tuple[nn.Linear, list[bool]]:
    """A module whose weight is the number of the look, and what each look said."""
    module = nn.Linear(1, 1)
    told = []
    for number, loss in enumerate(losses):
        nn.init.constant_(module.weight, number)
        told.append(look(module, Watch(lambda loss=loss: loss, 10, patience), 10 * number, folder))
    return module, told


def test_the_state_with_the_lowest_loss_is_put_back(tmp_path: Path) -> None:
    module, _ = watched([0.6, 0.5, 0.55], tmp_path)
    assert put_back(module, tmp_path) == 10
    assert torch.equal(module.weight, torch.ones(1, 1))


def test_a_run_that_never_gets_better_ends_as_it_began(tmp_path: Path) -> None:
    module, told = watched([0.5, 0.6, 0.7], tmp_path)
    assert told == [True, True, False]
    assert put_back(module, tmp_path) == 0


def test_a_run_that_ended_does_not_go_on_when_it_is_taken_up_again(tmp_path: Path) -> None:
    watched([0.5, 0.6, 0.7], tmp_path)
    watch = Watch(lambda: 0.0, 10, 2)
    assert [goes_on(watch, step, tmp_path) for step in (10, 20)] == [True, False]


def test_a_better_look_gives_a_run_new_patience(tmp_path: Path) -> None:
    assert watched([0.6, 0.7, 0.5, 0.55, 0.52], tmp_path)[1] == [True, True, True, True, False]
