"""`GET /auth/me` as FastAPI and PyJWT do it: the token's RS256 signature, its issuer and its time are checked, the
session and the account are looked up in SQLite at each request, and the account is answered.

Two processes of uvicorn, as the machine has two processors. Prints its address and a token.

    python3 account.py FOLDER
"""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

ISSUER = "http://127.0.0.1"
folder = Path(os.environ.get("PEER_FOLDER") or sys.argv[1])
bearer = HTTPBearer()


class Account(BaseModel):
    """What is answered."""

    id: str
    email: str
    display_name: str
    role: str


class State:
    """What each process opens once."""

    def __init__(self) -> None:
        self.key = serialization.load_pem_public_key((folder / "public.pem").read_bytes())
        self.database = sqlite3.connect(folder / "peer.db", check_same_thread=False)


state: State | None = None


@contextlib.asynccontextmanager
async def opened(_app: FastAPI) -> AsyncIterator[None]:
    """In each process, once it was started."""
    global state
    state = State()
    yield


app = FastAPI(lifespan=opened)


async def caller(credentials: HTTPAuthorizationCredentials = Depends(bearer)) -> Account:
    """Who asks; 401 when that is not certain. The queries take microseconds, so no thread is asked to make them."""
    try:
        claims = jwt.decode(credentials.credentials, state.key, algorithms=["RS256"], issuer=ISSUER, audience="api")
    except jwt.InvalidTokenError:
        raise HTTPException(401, "invalid token") from None
    row = state.database.execute(
        "SELECT u.id, u.email, u.display_name, u.role FROM sessions s JOIN users u ON u.id = s.user"
        " WHERE s.id = ? AND s.ended IS NULL AND u.disabled IS NULL",
        (claims["sid"],),
    ).fetchone()
    if row is None:
        raise HTTPException(401, "ended")
    return Account(id=row[0], email=row[1], display_name=row[2], role=row[3])


@app.get("/auth/me")
async def me(account: Account = Depends(caller)) -> Account:
    """The account."""
    return account


def prepare() -> str:
    """Key, account and session; answers a token."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    database = sqlite3.connect(folder / "peer.db")
    database.executescript(
        "PRAGMA journal_mode = WAL;"
        "CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT, display_name TEXT, role TEXT, disabled TEXT);"
        "CREATE TABLE sessions (id TEXT PRIMARY KEY, user TEXT, ended TEXT);"
    )
    database.execute("INSERT INTO users VALUES ('usr_1', 'admin@localhost', 'Admin', 'admin', NULL)")
    database.execute("INSERT INTO sessions VALUES ('ses_1', 'usr_1', NULL)")
    database.commit()
    database.close()
    now = datetime.datetime.now(datetime.timezone.utc)
    claims = {"iss": ISSUER, "aud": "api", "sub": "usr_1", "sid": "ses_1", "iat": now, "exp": now + datetime.timedelta(minutes=30)}
    return jwt.encode(claims, key, algorithm="RS256")


if __name__ == "__main__":
    # The processes that uvicorn starts find the folder here.
    os.environ["PEER_FOLDER"] = str(folder)
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    token = prepare()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    print(f"127.0.0.1:{port}\n{token}", flush=True)
    uvicorn.run("account:app", port=port, workers=2, access_log=False, log_level="error")
