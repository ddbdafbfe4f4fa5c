"""An identity provider on this machine that can be told to misbehave."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CLIENT, SECRET = "quarterdeck", "a secret of both"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEY, STRANGERS_KEY = new_key(), new_key()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Provider:
    """What it says, and what it was asked. Each misbehaviour is one field."""

    issuer: str = ""
    subject: str = "subject-1"
    email: str = "nina@norhaven.example"
    email_verified: Any = True
    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    description: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key: Any = None
    signs_with_public_key: bool = False
    tampers: bool = False
    redirects: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    exchanged: list[dict[str, str]] = field(default_factory=list)

    def sign_in(self, address: str) -> dict[str, str]:
        """What a browser brings back that was sent to this address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(asked)
        code = f"code-{len(self.asked)}-{id(self)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def tokens(self, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(sent.get("code", ""), None)
        self.exchanged.append(sent)
        if asked is None:
            return 400, {"error": "invalid_grant"}
        challenge = b64(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if challenge != asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            return 400, {"error": "invalid_grant"}
        access = "an-access-token"
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "exp": now + 300, "iat": now, "auth_time": now,
            "nonce": asked["nonce"], "email": self.email, "email_verified": self.email_verified, "name": "Nina New",
            "at_hash": b64(hashlib.sha256(access.encode()).digest()[:16]),
        } | self.claims  # fmt: skip
        for name in self.without:
            claims.pop(name, None)
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "none":
            return jwt.encode(claims, None, algorithm="none", headers={"kid": "one"})
        if self.signs_with_public_key:
            # PyJWT does not lend itself to it, so by hand.
            public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            head = b64(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "one"}).encode())
            body = f"{head}.{b64(json.dumps(claims).encode())}"
            return f"{body}.{b64(hmac.new(public, body.encode(), hashlib.sha256).digest())}"
        token = jwt.encode(claims, self.key or KEY, algorithm=self.algorithm, headers={"kid": "one"})
        if self.tampers:
            head, _body, signature = token.split(".")
            return f"{head}.{b64(json.dumps(claims | {'sub': 'somebody-else'}).encode())}.{signature}"
        return token

    def keys(self) -> dict[str, Any]:
        numbers = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {"keys": [numbers | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def about(self) -> dict[str, Any]:
        here = self.issuer
        return {
            "issuer": here, "authorization_endpoint": f"{here}/authorize", "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys", "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        } | self.description  # fmt: skip


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, listening on this machine only."""
    provider = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if provider.redirects:
                self.send_response(302)
                self.send_header("Location", f"{provider.issuer}/elsewhere")
                self.end_headers()
                return
            found = {"/.well-known/openid-configuration": provider.about, "/keys": provider.keys}.get(self.path)
            self.say(200, found()) if found else self.say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
            if self.headers.get("Authorization") != expected:
                self.say(401, {"error": "invalid_client"})
                return
            self.say(*provider.tokens(sent))

        def say(self, status: int, what: dict[str, Any]) -> None:
            text = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
