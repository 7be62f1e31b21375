"""A provider of OpenID Connect on this machine, over HTTP: signs in whoever it is told to.

It keeps to the standard where a client could cheat: a code works once, for the client and the
address it was given for, and only with the verifier of its challenge (RFC 7636).
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.openid.keys import keys_at
from tasklist.openid import Provider

CLIENT, SECRET = "tasklist-client", "client-secret"


@cache
def rsa_key(name="signing"):
    """A key for each name, made once: it takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key, kid):
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {
        "kid": kid,
        "use": "sig",
        "alg": "RS256",
    }


class Issuer:
    """What a test changes: who signs in, what is said about them, and what goes wrong."""

    def __init__(self, url):
        self.url = url
        self.person = {"sub": "subject-1"}  # in the id token
        self.userinfo = {}
        self.answers = {}  # {path: (status, body)} in place of the right ones
        self.drips = set()  # paths whose answers come drop by drop, and never end
        self.pause = 0.0  # seconds before each answer
        self.over = threading.Event()
        self.error = ""  # what the page of signing in says no with
        self.secret = SECRET  # "": a public client has none
        self.key = rsa_key()
        self.asked = []  # paths, in order
        self.authorized = {}  # the last request for a code
        self.codes = {}

    @property
    def settings(self):
        return Provider(self.url, CLIENT, self.secret, f"{self.url}/jwks", "Example Ltd")

    def token(self, *, key=None, kid="key-1", alg="RS256", without=(), **claims):
        now = int(time.time())
        facts = {"iss": self.url, "iat": now, "exp": now + 3600, **self.person, **claims}
        facts = {name: value for name, value in facts.items() if name not in without}
        key = key or self.key if alg else None
        return jwt.encode(facts, key, alg or "none", headers={"kid": kid})

    def access_token(self, **changes):
        """As Cognito makes them."""
        return self.token(**{"token_use": "access", "client_id": CLIENT} | changes)

    def id_token(self, **changes):
        return self.token(**{"token_use": "id", "aud": CLIENT} | changes)

    # The endpoints: each answers (status, headers, body)
    def configuration(self, _query, _form):
        places = {name: f"{self.url}/{name}" for name in ("authorize", "token", "userinfo")}
        return 200, {
            "issuer": self.url,
            "authorization_endpoint": places["authorize"],
            "token_endpoint": places["token"],
            "userinfo_endpoint": places["userinfo"],
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def jwks(self, _query, _form):
        return 200, {"keys": [jwk(self.key, "key-1")]}

    def authorize(self, query, _form):
        self.authorized = query
        if self.error:
            found = {"error": self.error}
        else:
            code = secrets.token_urlsafe()
            self.codes[code] = query
            found = {"code": code}
        return 302, f"{query['redirect_uri']}?{urlencode(found | {'state': query['state']})}"

    def redeem(self, _query, form):
        asked = self.codes.pop(form.get("code"), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if not asked or challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if (
            form["redirect_uri"] != asked["redirect_uri"]
            or form.get("client_secret", "") != self.secret
        ):
            return 400, {"error": "invalid_client"}
        token = self.token(aud=CLIENT)
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": token}

    def about(self, _query, _form):
        return 200, {"sub": self.person["sub"], **self.userinfo}

    def answer(self, path, query, form):
        self.asked.append(path)
        self.over.wait(self.pause)
        if path in self.answers:
            return self.answers[path]
        return {
            "/.well-known/openid-configuration": self.configuration,
            "/authorize": self.authorize,
            "/jwks": self.jwks,
            "/token": self.redeem,
            "/userinfo": self.about,
        }[path](query, form)


def fields(text):
    return {name: values[0] for name, values in parse_qs(text).items()}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        form = fields(self.rfile.read(length).decode())
        status, found = self.server.issuer.answer(parts.path, fields(parts.query), form)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", found)
            found = {}
        octets = found if isinstance(found, bytes) else json.dumps(found).encode()
        self.send_header("Content-Type", "application/json")
        length = 10**6 if parts.path in self.server.issuer.drips else len(octets)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if parts.path in self.server.issuer.drips:
            self.drip()
        self.wfile.write(octets)

    def drip(self):
        """Spaces before the answer, so that no single read takes long."""
        with suppress(OSError):
            while not self.server.issuer.over.wait(0.02):
                self.wfile.write(b" ")

    do_POST = do_GET

    def log_message(self, *_args):
        """Quiet."""


@contextmanager
def issuer():
    """A provider for as long as the block runs, whose keys nobody knows yet."""
    keys_at.cache_clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server.issuer
        server.issuer.over.set()
        server.shutdown()
        thread.join()
