"""Act as the pages and the endpoint of GitHub that make an App from a manifest."""

from __future__ import annotations

import json
import secrets
from urllib.parse import urlencode

import flask
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.demo.github_double_door import Keys
from bot.demo.github_double_routes import answer, base_url
from bot.demo.github_double_shapes import NOW, Json, node, user

APP_ID = 4711
WANTED = ("url", "hook_attributes", "redirect_url", "default_permissions", "default_events")


def add_apps(app: flask.Flask, keys: Keys) -> None:
    """Make Apps in `app`; the one that was made last may sign in by `keys`."""
    asked: dict[str, Json] = {}

    @app.post("/settings/apps/new")
    @app.post("/organizations/<owner>/settings/apps/new")
    def new(owner: str = "octocat") -> flask.Response:
        manifest = _manifest(flask.request.form.get("manifest", ""))
        if manifest is None:
            return answer(422, "The manifest cannot be used")
        code = secrets.token_hex(20)
        asked[code] = {**manifest, "owner": owner}
        back = {"code": code, "state": flask.request.args.get("state", "")}
        made = flask.redirect(f"{manifest['redirect_url']}?{urlencode(back)}")
        return flask.make_response(made)

    @app.post("/app-manifests/<code>/conversions")
    def convert(code: str) -> tuple[Json, int] | flask.Response:
        manifest = asked.pop(code, None)
        if manifest is None:
            return answer(404, "Not Found")
        private, public = _pair()
        keys.app_id, keys.app_public_key = str(APP_ID), public
        return {**_shown(manifest), "pem": private}, 201


def _manifest(text: str) -> Json | None:
    try:
        manifest = json.loads(text)
    except ValueError:
        return None
    is_whole = isinstance(manifest, dict) and all(manifest.get(name) for name in WANTED)
    return manifest if is_whole else None


def _shown(manifest: Json) -> Json:
    slug = str(manifest["name"]).lower().replace(" ", "-")
    return {
        "id": APP_ID,
        "slug": slug,
        "node_id": node(slug),
        "owner": user(base_url(), str(manifest["owner"])),
        "name": manifest["name"],
        "description": manifest.get("description"),
        "external_url": manifest["url"],
        "html_url": f"{base_url()}/apps/{slug}",
        "created_at": NOW,
        "updated_at": NOW,
        "permissions": manifest["default_permissions"],
        "events": manifest["default_events"],
        "client_id": "Iv1.0123456789abcdef",
        "client_secret": secrets.token_hex(20),
        "webhook_secret": secrets.token_hex(20),
    }


def _pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()
