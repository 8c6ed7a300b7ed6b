"""What every forge does, whichever it is."""

import pytest

from worker.forges.base import Unavailable
from worker.reconcile import reconcile
from worker.review import conclude
from worker.types import Conclusion, Description

MOVED = """\
diff --git a/app.py b/app.py
--- a/app.py
+++ b/app.py
@@ -1,3 +1,6 @@
 import os
+import re
+def double(x):
+    return x + x
 A = 1
 B = 2
"""


def test_a_change_is_described_as_it_stands(stage) -> None:
    assert stage.forge.describe(stage.change()) == Description(
        head_sha=stage.head,
        base_sha=stage.base,
        title="Double it",
        body="Adds double().",
        author="octocat",
        is_open=True,
        is_draft=False,
    )


def test_a_push_moves_the_head_that_is_described(stage) -> None:
    stage.push(stage.next, MOVED)
    assert stage.forge.describe(stage.change()).head_sha == stage.next


def test_the_diff_is_served_as_it_is(stage) -> None:
    assert stage.forge.diff(stage.change()) == stage.diff


def test_the_diff_of_an_older_head_is_never_served_as_that_of_a_newer_one(stage) -> None:
    stage.push(stage.next, MOVED)
    with pytest.raises(Unavailable, match="moved"):
        stage.forge.diff(stage.change(stage.head))


def test_a_file_is_read_at_a_commit(stage) -> None:
    forge, change = stage.forge, stage.change()
    assert forge.file(change, "app.py", sha=stage.head) == "import os\n# café\n"
    assert forge.file(change, "with space/ünï.py", sha=stage.head) == "x = 1\n"
    assert forge.file(change, ".gavel.toml", sha=stage.base) == "limit = 3\n"


def test_a_file_that_is_not_there_is_none(stage) -> None:
    assert stage.forge.file(stage.change(), "app.py", sha=stage.base) is None
    assert stage.forge.file(stage.change(), "../app.py", sha=stage.head) is None


def test_announcing_twice_shows_one_running_check(stage) -> None:
    stage.forge.announce(stage.change())
    stage.forge.announce(stage.change())
    assert (stage.check(), stage.checks()) == ("running", 1)


def test_comments_come_in_one_review_on_their_lines(stage) -> None:
    both = [stage.comment(2, 3), stage.comment(23, 23, fp="b" * 16)]
    published = stage.forge.publish(stage.change(), stage.review(*both))
    assert stage.inline() == [("app.py", 2, 3), ("app.py", 23, 23)]
    assert len(stage.reviews()) == 1
    assert published.review_id and published.check_id
    assert len(set(published.comment_ids)) == 2


def test_the_ids_given_are_those_of_the_comments_that_stand(stage) -> None:
    published = stage.forge.publish(stage.change(), stage.review(stage.comment()))
    assert [one.id for one in stage.forge.comments(stage.change())] == list(published.comment_ids)


def test_publishing_twice_says_everything_once(stage) -> None:
    review = stage.review(stage.comment(), annotations=3)
    first = stage.forge.publish(stage.change(), review)
    assert stage.forge.publish(stage.change(), review) == first
    assert len(stage.reviews()) == len(stage.inline()) == stage.checks() == 1


def test_a_call_that_finds_its_comments_standing_gives_their_ids(stage) -> None:
    review = stage.review(stage.comment())
    first = stage.forge.publish(stage.change(), review)
    left = reconcile(review, stage.forge.comments(stage.change()))
    assert left.comments == () and stage.forge.publish(stage.change(), left) == first


def test_a_check_that_was_announced_is_the_one_that_is_concluded(stage) -> None:
    stage.forge.announce(stage.change())
    stage.forge.publish(stage.change(), stage.review())
    assert (stage.check(), stage.checks()) == ("neutral", 1)


def test_announcing_a_concluded_head_leaves_its_conclusion(stage) -> None:
    stage.forge.publish(stage.change(), stage.review(conclusion=Conclusion.PASSED))
    stage.forge.announce(stage.change())
    assert (stage.check(), stage.checks()) == ("passes", 1)


def test_the_end_of_an_old_head_leaves_the_words_about_the_newer_one(stage) -> None:
    stage.push(stage.next, MOVED)
    newer = stage.change(stage.next)
    stage.forge.publish(newer, stage.review(stage.comment(3, 4), conclusion=Conclusion.FAILED))
    said = stage.reviews()
    conclude(stage.change(stage.head), "a newer head took its place", forge=stage.forge)
    assert (stage.check(stage.head), stage.check(stage.next)) == ("neutral", "blocks")
    assert stage.reviews() == said


def test_a_comment_outside_the_diff_is_told_in_the_summary(stage) -> None:
    outside = [
        stage.comment(10, 11, fp="c" * 16),
        stage.comment(2, 2, path="other.py", fp="d" * 16),
    ]
    stage.forge.publish(stage.change(), stage.review(stage.comment(), *outside))
    assert stage.inline() == [("app.py", 2, 3)]
    (words,) = stage.reviews()
    assert "Words about cccc" in words and "Words about dddd" in words
    assert "`other.py` lines 2-2" in words


def test_a_review_whose_comments_all_lie_outside_is_still_told(stage) -> None:
    stage.forge.publish(stage.change(), stage.review(stage.comment(900, 901)))
    assert stage.inline() == []
    assert "Words about aaaa" in stage.reviews()[0]


def test_a_range_over_two_hunks_is_narrowed_to_the_first(stage) -> None:
    stage.forge.publish(stage.change(), stage.review(stage.comment(3, 23)))
    assert stage.inline() == [("app.py", 3, 5)]


def test_nothing_to_say_posts_no_review_but_concludes_the_check(stage) -> None:
    published = stage.forge.publish(stage.change(), stage.review(conclusion=Conclusion.PASSED))
    assert (stage.reviews(), stage.check()) == ([], "passes")
    assert (published.review_id, published.comment_ids) == ("", ())


@pytest.mark.parametrize(
    ("conclusion", "shown"),
    [
        (Conclusion.PASSED, "passes"),
        (Conclusion.FAILED, "blocks"),
        (Conclusion.ADVISED, "neutral"),
        (Conclusion.NOT_JUDGED, "neutral"),
    ],
)
def test_only_a_failure_blocks_and_only_a_pass_reads_as_one(stage, conclusion, shown) -> None:
    stage.forge.publish(stage.change(), stage.review(conclusion=conclusion))
    assert stage.check() == shown


def test_a_head_that_could_not_be_judged_may_be_judged_later(stage) -> None:
    stage.forge.publish(stage.change(), stage.review(conclusion=Conclusion.NOT_JUDGED))
    stage.forge.publish(stage.change(), stage.review(stage.comment(), conclusion=Conclusion.FAILED))
    assert (stage.check(), stage.checks()) == ("blocks", 1)
    assert len(stage.inline()) == 1


def test_our_comments_are_known_again_on_a_later_head(stage) -> None:
    stage.forge.publish(stage.change(), stage.review(stage.comment()))
    stage.push(stage.next, MOVED)
    (ours,) = stage.forge.comments(stage.change(stage.next))
    assert (ours.path, ours.fingerprint, ours.end_line) == ("app.py", "a" * 16, 3)


def test_a_comment_that_stands_is_not_repeated_on_the_next_head(stage) -> None:
    stage.forge.publish(stage.change(), stage.review(stage.comment()))
    stage.push(stage.next, MOVED)
    later, again = stage.change(stage.next), stage.review(stage.comment(3, 4))
    stage.forge.publish(later, reconcile(again, stage.forge.comments(later)))
    assert stage.inline() == [("app.py", 2, 3)]
    assert stage.check(stage.next) == "neutral"
