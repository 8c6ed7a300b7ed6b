from worker.reconcile import reconcile
from worker.types import Comment, Conclusion, Review


def comment(fp: str, *, id: str = "", is_resolved: bool = False) -> Comment:
    return Comment("a.py", 1, 2, "words", fp, id=id, is_resolved=is_resolved)


def review(*fps: str, present: tuple[str, ...] = ()) -> Review:
    comments = tuple(comment(fp) for fp in fps)
    return Review(comments, (), (), Conclusion.ADVISED, "t", "s", fingerprints=present)


def test_a_comment_that_stands_is_dropped() -> None:
    left = reconcile(review("a", "b"), [comment("a", id="1")])
    assert [one.fingerprint for one in left.comments] == ["b"]


def test_a_thread_that_a_person_closed_is_not_opened_again() -> None:
    assert reconcile(review("a"), [comment("a", id="1", is_resolved=True)]).comments == ()


def test_a_comment_whose_code_is_gone_is_to_be_resolved() -> None:
    left = reconcile(review("a", present=("a",)), [comment("gone", id="1"), comment("a", id="2")])
    assert left.resolve == ("1",)


def test_a_comment_on_code_that_is_no_finding_any_more_stays() -> None:
    assert reconcile(review(present=("a", "b")), [comment("a", id="1")]).resolve == ()


def test_what_is_resolved_is_not_resolved_again() -> None:
    assert reconcile(review(), [comment("gone", id="1", is_resolved=True)]).resolve == ()


def test_without_comments_of_ours_nothing_changes() -> None:
    assert reconcile(review("a", "b"), []) == review("a", "b")


def test_reconciling_twice_changes_nothing_more() -> None:
    standing = [comment("a", id="1"), comment("gone", id="2")]
    once = reconcile(review("a", "b"), standing)
    assert reconcile(once, standing).comments == once.comments
