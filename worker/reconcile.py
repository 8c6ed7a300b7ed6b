"""Decide which comments are new and which have outlived their code. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.types import Comment, Review


def reconcile(review: Review, existing: Sequence[Comment]) -> Review:
    """`review` without comments that already stand, and with those to resolve.

    A comment stands when one of ours carries its fingerprint, resolved or not: a thread that
    a person closed is not opened again. One is to be resolved when its fingerprint belongs to
    no snippet of the change any more and its thread is open.
    """
    standing = {comment.fingerprint for comment in existing}
    present = {*review.fingerprints, *(comment.fingerprint for comment in review.comments)}
    return replace(
        review,
        comments=tuple(c for c in review.comments if c.fingerprint not in standing),
        resolve=tuple(
            c.id for c in existing if c.fingerprint not in present and not c.is_resolved and c.id
        ),
    )
