"""What the worker learns when GitLab fails, limits, redirects or talks nonsense."""

import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.doubles.gitlab.server import GitLabDouble
from worker.forges.base import Forbidden, ForgeError, Unavailable
from worker.forges.gitlab import GitLabForge
from worker.forges.gitlab_api import GitLabApi, answered, pace_of
from worker.forges.gitlab_client import client
from worker.forges.pace import FileMemory, Limits, Pace


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait_s"),
    [
        (429, {"Retry-After": "9"}, "Retry later\n", 9),
        (429, {}, "{}", 60),
        (429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, "{}", 60),
        (429, {"Retry-After": "999999"}, "{}", 3600),
        (500, {}, "oops", 30),
        (503, {"Retry-After": "5"}, "", 5),
        (408, {}, "", 30),
        (409, {}, '{"message": "409 Conflict"}', 30),
    ],
)
def test_a_limit_or_a_fault_says_when_to_try_again(gitlab, status, headers, body, wait_s) -> None:
    gitlab.double.fail_next(status, headers=headers, body=body)
    with pytest.raises(Unavailable) as caught:
        gitlab.forge.describe(gitlab.change())
    assert caught.value.retry_after_s == wait_s
    assert len(gitlab.double.state.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422])
def test_what_cannot_be_helped_by_waiting_is_forbidden(gitlab, status) -> None:
    gitlab.double.fail_next(status)
    with pytest.raises(Forbidden, match=str(status)):
        gitlab.forge.describe(gitlab.change())


def test_a_wrong_token_is_told_by_the_variable_to_set(gitlab) -> None:
    with pytest.raises(Forbidden, match="GAVEL_GITLAB_TOKEN") as caught:
        gitlab.signed_in("wrong").describe(gitlab.change())
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    "body", ['{"title": "cut', "", "[]", "null", '{"sha": 3}', '"text"'], ids=repr
)
def test_an_answer_that_is_not_what_is_documented_is_unavailable(gitlab, body) -> None:
    gitlab.double.fail_next(200, body=body)
    with pytest.raises(Unavailable, match="answer"):
        gitlab.forge.describe(gitlab.change())


def test_a_list_that_is_none_is_unavailable(gitlab) -> None:
    gitlab.double.fail_next(200, body="{}")
    with pytest.raises(Unavailable, match="list"):
        gitlab.forge.comments(gitlab.change())


def test_a_body_that_breaks_off_is_unavailable(gitlab) -> None:
    for read in (gitlab.forge.describe, gitlab.forge.diff):
        gitlab.double.fail_next(200, headers={"Content-Length": "5000"}, body='{"iid": 7}')
        with pytest.raises(Unavailable):
            read(gitlab.change())


def test_a_host_that_does_not_answer_is_unavailable(gitlab) -> None:
    gitlab.double.stop()
    with pytest.raises(Unavailable, match="cannot be reached"):
        gitlab.forge.describe(gitlab.change())


def test_the_message_of_a_failure_is_one_plain_line(gitlab) -> None:
    gitlab.double.fail_next(403, body='{"message": {"base": ["no\\n\\u001b[31mred\\u202e"]}}')
    with pytest.raises(ForgeError) as caught:
        gitlab.forge.describe(gitlab.change())
    assert not {"\n", "\x1b", "\u202e"} & set(str(caught.value))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_never_takes_the_token_elsewhere(gitlab, status) -> None:
    elsewhere = GitLabDouble(token="x")
    location = elsewhere.start().replace("127.0.0.1", "localhost") + "/api/v4/user"
    gitlab.double.fail_next(status, headers={"Location": location}, body="")
    with pytest.raises(Forbidden, match="GAVEL_GITLAB_URL"):
        gitlab.forge.describe(gitlab.change())
    elsewhere.stop()
    assert elsewhere.state.requests == []


def test_writes_come_no_faster_than_they_may(gitlab, tmp_path) -> None:
    waits: list[float] = []
    pace = Pace(
        Limits(10, ()),
        FileMemory(tmp_path / "pace.json"),
        clock=lambda: 1e9 + sum(waits),
        sleep=waits.append,
    )
    built = client("glpat-of-the-test", url=gitlab.url, ca_file=None, answered=answered)
    slow = GitLabForge(GitLabApi(built, pace=pace))
    slow.publish(gitlab.change(), gitlab.review(gitlab.comment()))
    built.session.close()
    writes = [one for one in gitlab.double.state.requests if one.method != "GET"]
    assert len(waits) == len(writes) - 1 == 3


def test_the_limit_of_notes_is_that_of_gitlab(tmp_path) -> None:
    pace = pace_of(FileMemory(tmp_path / "pace.json"), gap_s=1)
    assert pace._limits == Limits(1, ((60, 60.0),))


def test_the_token_goes_as_a_bearers_and_building_a_forge_asks_nothing(gitlab) -> None:
    assert gitlab.double.state.requests == []
    gitlab.forge.describe(gitlab.change())
    assert {one.authorization for one in gitlab.double.state.requests} == {
        "Bearer glpat-of-the-test"
    }


@pytest.fixture
def private(tmp_path):
    """A GitLab with a certificate that only a private authority vouches for."""
    authority, server = tmp_path / "ca.pem", tmp_path / "server.pem"
    _certify(authority, server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    double = GitLabDouble(token="t")
    double.add_change(repo="a/b", number=1, head_sha="1" * 40, base_sha="0" * 40, diff="")
    yield double.start(tls=context), authority
    double.stop()


def _head(url, ca_file) -> str:
    from worker.jobs import ChangeRef

    built = client("t", url=url, ca_file=ca_file, answered=answered)
    with built:
        return GitLabForge(GitLabApi(built)).describe(ChangeRef("gitlab", "a/b", 1, "")).head_sha


def test_a_private_authority_is_trusted_by_its_file_alone(private, tmp_path) -> None:
    url, authority = private
    assert _head(url, authority) == "1" * 40
    for wrong in (None, tmp_path / "missing.pem"):
        with pytest.raises(Forbidden, match="GAVEL_GITLAB_CA_FILE"):
            _head(url, wrong)


def _certify(authority, server) -> None:
    """Write an authority's certificate, and a server's with its key, for 127.0.0.1."""
    issuer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Private authority")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)

    def made(whom, whose):
        return (
            x509.CertificateBuilder()
            .issuer_name(name)
            .subject_name(whom)
            .public_key(whose.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )

    root = made(name, issuer).add_extension(x509.BasicConstraints(True, None), critical=True)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = made(subject, key).add_extension(names, critical=False)
    pem = serialization.Encoding.PEM
    authority.write_bytes(root.sign(issuer, hashes.SHA256()).public_bytes(pem))
    server.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.sign(issuer, hashes.SHA256()).public_bytes(pem)
    )
