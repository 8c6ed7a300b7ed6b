"""Decide what an entry of a study says of a judge that the study trains itself. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from judge.study.fields import BadConfig, Fields, name, number, only, text, texts

OBJECTIVES = ("plain", "rankef")
LEARNS = ("features", "heads", "body")
POOLS = ("mean", "last", "encoder", "decoder")


@dataclass(frozen=True, slots=True)
class TrainedEntry:
    """Judges of one model, trained by the study on the same rows, each a system of its own.

    model       a name that `judge.registry` knows, or a folder
    train       files of labelled rows; with their `outcome` for `rankef`
    objectives  plain (right or wrong), rankef (the outcome's kind and text too)
    learn       features: a small network on states that are computed once; heads: linear heads on
                the model; body: all of the model
    pool        which state stands for a row: mean or last token of a decoder, encoder or the first
                step of the decoder of an encoder-decoder; features are means
    limit       tasks that are trained on, None for all
    max_tokens  of a row; longer ones are neither trained on nor judged
    rate        peak learning rate of heads or body; features have their own
    """

    name: str
    model: str
    train: tuple[str, ...]
    objectives: tuple[str, ...] = OBJECTIVES
    learn: str = "features"
    pool: str = "mean"
    limit: int | None = None
    epochs: int = 2
    batch: int = 8
    rate: float = 5e-5
    max_tokens: int = 512
    seed: int = 0


def trained(one: Fields) -> TrainedEntry:
    """The entry that `one` tells. Raises BadConfig."""
    where = f"trained {name(one, 'a system of kind trained')}"
    only(one, where, ("kind", *TrainedEntry.__dataclass_fields__))
    own = TrainedEntry("", "", ())
    return TrainedEntry(
        name=name(one, where),
        model=text(one, "model", where),
        train=texts(one, "train", where),
        objectives=texts({"objectives": list(OBJECTIVES), **one}, "objectives", where, OBJECTIVES),
        learn=_of(one, "learn", where, LEARNS, own.learn),
        pool=_of(one, "pool", where, POOLS, own.pool),
        limit=int(number(one, "limit", where, 0, least=1)) if "limit" in one else None,
        epochs=int(number(one, "epochs", where, own.epochs, least=1)),
        batch=int(number(one, "batch", where, own.batch, least=1)),
        rate=number(one, "rate", where, own.rate),
        max_tokens=int(number(one, "max_tokens", where, own.max_tokens, least=8)),
        seed=int(number(one, "seed", where, own.seed)),
    )


def _of(one: Fields, field: str, where: str, known: tuple[str, ...], default: str) -> str:
    value = text(one, field, where, default=default)
    if value not in known:
        raise BadConfig(f"{where}: {field} is {value!r}: expected one of {', '.join(known)}")
    return value
