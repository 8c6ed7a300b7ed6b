import pytest

from worker.forges.placement import place, with_comments
from worker.render import MAX_COMMENT
from worker.types import Comment, Conclusion, Review

DIFF = """\
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,4 +1,4 @@
 one
-two
+TWO
 three
 four
@@ -10,2 +10,1 @@
 ten
-eleven
"""


def review(*ranges: tuple[int, int], path: str = "a.py") -> Review:
    fp = "0" * 16
    body = f"Words.\n\n<!-- gavel:fp={fp} -->"
    comments = tuple(Comment(path, start, end, body, fp) for start, end in ranges)
    return Review(comments, (), (), Conclusion.ADVISED, "t", "Summary.\n")


def lines(placed: Review) -> list[tuple[int, int]]:
    return [(one.start_line, one.end_line) for one in placed.comments]


@pytest.mark.parametrize(
    ("given", "placed"),
    [((2, 2), (2, 2)), ((1, 4), (1, 4)), ((3, 9), (3, 4)), ((4, 10), (4, 4)), ((5, 99), (10, 10))],
)
def test_a_range_is_narrowed_to_the_first_hunk_that_it_meets(given, placed) -> None:
    assert lines(place(review(given), DIFF)) == [placed]


def test_a_comment_that_meets_no_hunk_moves_without_its_marker() -> None:
    placed = place(review((5, 9), (2, 2)), DIFF)
    assert lines(placed) == [(2, 2)]
    assert placed.summary.startswith("Summary.\n")
    assert "`a.py` lines 5-9:\n\nWords." in placed.summary
    assert "gavel:fp" not in placed.summary


@pytest.mark.parametrize("diff", ["", "this is no diff", "--- a\n+++ b\n@@ broken"])
def test_without_a_readable_diff_every_comment_moves(diff) -> None:
    placed = place(review((2, 2)), diff)
    assert placed.comments == () and "Words." in placed.summary


def test_a_file_that_is_not_in_the_diff_takes_no_comment() -> None:
    assert place(review((2, 2), path="b.py"), DIFF).comments == ()


def test_nothing_moved_leaves_the_summary_alone() -> None:
    assert place(review((2, 2)), DIFF).summary == "Summary.\n"


def test_many_moved_comments_still_fit_one_body() -> None:
    comments = review(*[(5, 9)] * 3000).comments
    assert len(with_comments("Summary.", comments)) < MAX_COMMENT
