import pytest

from judge.precision import multiplies_bf16


@pytest.mark.parametrize("unit", ["amx_bf16", "avx512_bf16", "avx512_bw", "bf16"])
def test_a_processor_with_units_for_it_runs_bfloat16(unit: str) -> None:
    assert multiplies_bf16({"avx2": True, unit: True})


def test_other_processors_run_float32() -> None:
    assert not multiplies_bf16({"avx2": True, "avx512_bf16": False, "cpu_name": "bf16"})
    assert not multiplies_bf16({})
