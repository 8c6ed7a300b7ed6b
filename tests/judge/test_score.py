import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from judge.calibrate import Calibration
from judge.change_head import CHANGE_SIGNALS, ChangeHead
from judge.head import SIGNALS, Head, Linear
from judge.model import Backbone
from judge.registry import ModelMissing, UnknownModel
from judge.score import RAW, UNCALIBRATED, Method, ModelJudge, MultiJudge, load_judge
from judge.types import Example, Judge, identity_of

GOOD = Example("Add one.", "def f(x):\n    return x + 1", "python")
CALIBRATION = Calibration(slope=2.0, intercept=0.5, base_rate=0.4, n=100)


def linear(size: int, seed: int) -> Linear:
    source = np.random.default_rng(seed)
    return Linear(
        center=np.zeros(size, np.float32),
        scale=np.ones(size, np.float32),
        weights=source.normal(size=size).astype(np.float32) / size,
        bias=0.1,
    )


@pytest.fixture
def judge(tiny: Backbone) -> ModelJudge:
    head = Head(layers=(1, 2), states=linear(2 * 3 * 32, 0), signals=linear(len(SIGNALS), 1))
    method = Method("tiny/head@0", head.logit, CALIBRATION, frozenset({"python"}))
    return ModelJudge(MultiJudge(tiny, {"head": method}, head.layers), "head")


def test_a_model_judge_is_a_judge(judge: ModelJudge) -> None:
    as_judge: Judge = judge
    assert as_judge.name == "tiny/head@0"


def test_the_probability_is_the_calibrated_logit(judge: ModelJudge) -> None:
    [verdict] = judge.judge([GOOD])
    assert verdict.p_correct == CALIBRATION.probability(verdict.logit)
    assert not verdict.abstained


def test_a_language_with_a_calibration_of_its_own_gets_that(judge: ModelJudge) -> None:
    own = Calibration(slope=1.0, intercept=-2.0, base_rate=0.2, n=60)
    method = replace(judge.judges.methods["head"], by_language={"go": own})
    judges = replace(judge.judges, methods={"head": method})
    other, go = ModelJudge(judges, "head").judge([GOOD, replace(GOOD, language="go")])
    assert other.p_correct == CALIBRATION.probability(other.logit)
    assert go.p_correct == own.probability(go.logit)


def test_verdicts_come_in_order_and_do_not_depend_on_each_other(judge: ModelJudge) -> None:
    examples = [replace(GOOD, code=f"def f(x):\n    return x + {n}") for n in range(5)]
    others = [Example("Else.", "y = 2", "python"), Example("", "", "")]
    alone = [judge.judge([one])[0] for one in examples]
    mixed = judge.judge([examples[0], others[0], *examples[1:], others[1]])
    amid = [mixed[0], *mixed[2:6]]
    assert [one.logit for one in amid] == pytest.approx([one.logit for one in alone], abs=1e-5)


@pytest.mark.parametrize(
    "odd",
    [
        Example("", "", "python"),
        Example("", " \n", "python"),
        Example("Add.", "x" * 1_000_000, "python"),
        Example("Add.", "a b " * 10_000, "python"),
    ],
)
def test_what_cannot_be_read_is_an_abstention_at_the_base_rate(
    judge: ModelJudge, odd: Example
) -> None:
    [verdict] = judge.judge([odd])
    assert verdict.abstained
    assert verdict.reason
    assert verdict.p_correct == 0.4
    assert CALIBRATION.probability(verdict.logit) == pytest.approx(0.4)


@pytest.mark.parametrize("code", ["x = '\0'", "x = '\ud800'", "é\u202e\u2028", "\x1b[31m"])
def test_odd_characters_get_a_finite_verdict(judge: ModelJudge, code: str) -> None:
    [verdict] = judge.judge([Example("", code, "python")])
    assert math.isfinite(verdict.logit)


@pytest.mark.parametrize(
    ("example", "clause"),
    [
        (replace(GOOD, language="ruby"), "ruby"),
        (replace(GOOD, language=""), "unknown language"),
        (replace(GOOD, diff="@@ -1 +1 @@"), "no whole function"),
    ],
)
def test_outside_the_calibration_the_verdict_is_computed_but_not_to_be_used(
    judge: ModelJudge, example: Example, clause: str
) -> None:
    [verdict] = judge.judge([example])
    assert verdict.abstained
    assert clause in verdict.reason


def test_a_logit_is_computed_outside_the_calibration_too(judge: ModelJudge) -> None:
    told, also = judge.judge([GOOD, replace(GOOD, diff="@@ -1 +1 @@")])
    assert (told.abstained, also.abstained) == (False, True)
    assert also.logit == told.logit


def test_a_function_with_its_diff_is_judged_by_the_head_for_changes(judge: ModelJudge) -> None:
    size = len(CHANGE_SIGNALS)
    changes = ChangeHead(linear(size, 2), frozenset({"python"}))
    method = replace(judge.judges.methods["head"], changes=changes, change_calibration=CALIBRATION)
    judges = replace(judge.judges, methods={"head": method})
    asked = [
        replace(GOOD, diff="@@ -1,2 +1,2 @@\n def f(x):\n-    return x\n+    return x + 1\n"),
        GOOD,
        Example("", "x = 1", "python", "@@ -1 +1 @@\n-x = 2\n+x = 1\n"),
    ]
    [change, function, hunk] = ModelJudge(judges, "head").judge(asked)
    assert not change.abstained
    assert change.logit != function.logit
    assert hunk.abstained
    untrusted = replace(method, changes=replace(changes, languages=frozenset()))
    judges = replace(judge.judges, methods={"head": untrusted})
    [doubted] = ModelJudge(judges, "head").judge(asked[:1])
    assert doubted.abstained
    assert doubted.logit == pytest.approx(change.logit, abs=1e-5)
    assert "length" in doubted.reason


def test_code_shorter_than_any_that_was_calibrated_on_is_an_abstention(judge: ModelJudge) -> None:
    method = judge.judges.methods["head"]
    strict = replace(method, calibration=replace(CALIBRATION, shortest=5))
    judges = replace(judge.judges, methods={"head": strict})
    [short, long] = ModelJudge(judges, "head").judge([replace(GOOD, code="a\0b"), GOOD])
    assert short.abstained
    assert "3 tokens" in short.reason
    assert not long.abstained


def test_a_method_without_calibration_always_abstains(tiny: Backbone) -> None:
    method = Method("tiny/yesno", RAW["yesno"], UNCALIBRATED, frozenset())
    [verdict] = ModelJudge(MultiJudge(tiny, {"yesno": method}, (1,)), "yesno").judge([GOOD])
    assert verdict.abstained
    assert "gavel train" in verdict.reason


def test_an_unknown_model_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match=r"qwen2\.5-coder-0\.5b-instruct"):
        load_judge("no-such", home=tmp_path)


def test_a_model_that_was_not_pulled_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="gavel pull"):
        load_judge("qwen2.5-coder-0.5b-instruct", home=tmp_path, method="logprob")


def test_an_unknown_method_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="head, yesno, logprob"):
        load_judge("qwen2.5-coder-0.5b-instruct", home=tmp_path, method="guess")


def test_a_model_in_a_folder_is_named_by_the_folder_and_told_from_others_by_its_files(
    tiny: Backbone, tmp_path: Path
) -> None:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    folder = tmp_path / "of-our-own"
    letters = {chr(number): number for number in range(tiny.network.config.vocab_size)}
    tiny.network.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.BPE(vocab=letters, merges=[]))
    ).save_pretrained(folder)
    judge = load_judge(f"{folder}/", home=tmp_path, method="yesno")
    assert judge.name == "of-our-own/yesno"
    os.utime(folder / "model.safetensors", (0, 0))
    other = load_judge(str(folder), home=tmp_path, method="yesno")
    assert identity_of(judge) != identity_of(other) != ""


def test_code_that_was_read_in_windows_is_not_acted_on_and_says_so(judge: ModelJudge) -> None:
    backbone = replace(judge.judges.backbone, longest=600)
    windowed = replace(judge, judges=replace(judge.judges, backbone=backbone, weights="w"))
    long = replace(GOOD, code="def f(x):\n" + "    x = x + 1\n" * 80)
    [verdict] = windowed.judge([long])
    assert verdict.abstained
    assert "tokens and was read in" in verdict.reason
    assert "overlapping windows" in verdict.reason
    assert identity_of(windowed).endswith(" windows 600")
    assert identity_of(windowed) != identity_of(
        replace(judge, judges=replace(judge.judges, weights="w"))
    )
