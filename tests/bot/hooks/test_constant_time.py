"""No secret of a door is compared byte by byte, which would tell how many bytes were right."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from bot.hooks import github, gitlab
from bot.hooks.types import Hook, Unsigned

SIGNING_TOKEN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"x": 1}'


def signed_by_another() -> dict[str, str]:
    now = datetime.fromtimestamp(int(time.time()), tz=UTC)
    other = Webhook("whsec_" + "Q" * 32)
    return {
        "webhook-id": "m1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": other.sign("m1", now, BODY.decode()),
    }


@pytest.mark.parametrize(
    ("hook", "secret", "headers"),
    [
        (github, "a secret", lambda: {"X-Hub-Signature-256": "sha256=" + "0" * 64}),
        (gitlab, "a secret", lambda: {"X-Gitlab-Token": "another"}),
        (gitlab, SIGNING_TOKEN, signed_by_another),
    ],
    ids=["github", "gitlab's token", "gitlab's signature"],
)
def test_what_a_stranger_sends_is_compared_in_constant_time(
    hook: Hook,
    secret: str,
    headers: Callable[[], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = []
    real = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    with pytest.raises(Unsigned):
        hook.verify(headers(), BODY, secret)
    assert len(compared) == 1
