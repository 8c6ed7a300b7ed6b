from pathlib import Path

import pytest

from judge.tokens import open_tokenizer


def test_the_tokens_are_those_of_transformers(tmp_path: Path) -> None:
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    letters = {letter: number for number, letter in enumerate("abcdefgh ")}
    inner = Tokenizer(
        models.BPE(vocab=letters | {"ab": 9, "cd": 10}, merges=[("a", "b"), ("c", "d")])
    )
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.add_special_tokens([AddedToken("<|im_end|>", special=True)])
    PreTrainedTokenizerFast(tokenizer_object=inner).save_pretrained(tmp_path)
    theirs = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    ours = open_tokenizer(tmp_path)
    for text in ("", "abc", "cd ab", "a<|im_end|>b", "<|im_end|>"):
        assert ours.encode(text, add_special_tokens=False) == theirs.encode(
            text, add_special_tokens=False
        )


def test_a_folder_without_a_tokenizer_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"no tokenizer\.json"):
        open_tokenizer(tmp_path)
