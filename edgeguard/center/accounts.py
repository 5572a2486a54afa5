"""Who may look: users, sessions and the one-time set-up token. Secrets are kept as hashes only."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from edgeguard.center import rows
from edgeguard.center.attempts import Attempts
from edgeguard.center.database import Database
from edgeguard.contract.base import rfc3339
from edgeguard.errors import AccessError

MIN_PASSWORD_LETTERS: Final = 10
MAX_NAME_LETTERS: Final = 64
# argon2 reads the whole password; nobody needs more than this.
MAX_PASSWORD_LETTERS: Final = 1024
SETUP_VALID: Final = timedelta(hours=1)
# A wall monitor stays logged in while its page is open (the page touches its session); a closed one does not.
SESSION_IDLE: Final = timedelta(hours=12)
SESSION_LIFE: Final = timedelta(days=30)
# A session's last sight is written at most this often.
SESSION_TOUCH: Final = timedelta(minutes=5)

_SETUP_HASH: Final = "setup_token_hash"
_SETUP_EXPIRES: Final = "setup_token_expires"


@dataclass(frozen=True, slots=True)
class Session:
    """A logged-in browser; `token_hash` identifies it without giving its cookie away."""

    user: str
    language: str
    token_hash: str


class Accounts:
    """Every answer is given for a moment `now()`; refusals are AccessError with a key of the page's texts."""

    def __init__(self, database: Database, now: Callable[[], datetime], hasher: PasswordHasher | None = None) -> None:
        self._db = database
        self._now = now
        self._hasher = hasher or PasswordHasher()
        self._attempts = Attempts()
        # An unknown name costs the same time as a wrong password, so names cannot be told apart from outside.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def needs_setup(self) -> bool:
        return not self._db.read("SELECT 1 FROM user LIMIT 1")

    def new_setup_token(self) -> str:
        """A fresh token, valid once and for an hour; an older one is void from now on."""
        token = secrets.token_urlsafe(18)
        with self._db.writing() as tx:
            for name, value in (
                (_SETUP_HASH, digest(token)),
                (_SETUP_EXPIRES, rfc3339(self._now() + SETUP_VALID)),
            ):
                tx.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))
        return token

    def set_up(self, token: str, name: str, password: str, language: str, peer: str) -> str:
        """Create the first account and log it in; returns the session's cookie value."""
        self._attempts.check(peer, self._now())
        name = name.strip()
        self._check_setup(token, peer)
        _check_new(name, password)
        hashed = self._hasher.hash(password)
        with self._db.writing() as tx:
            # The token is spent in the same transaction: of two who race with it one comes too late.
            if tx.execute("DELETE FROM setting WHERE name = ?", (_SETUP_HASH,)).rowcount == 0:
                raise AccessError("setup_spent")
            created = rfc3339(self._now())
            tx.execute("INSERT INTO user VALUES (?, ?, ?, ?)", (name, hashed, language, created))
            rows.audit(tx, created, name, "set_up", name, peer)
        return self._open_session(name)

    def log_in(self, name: str, password: str, peer: str) -> str:
        """Returns the session's cookie value."""
        name = name.strip()[:MAX_NAME_LETTERS]
        keys = (f"name:{name}", peer)
        for key in keys:
            self._attempts.check(key, self._now())
        rows = self._db.read("SELECT password FROM user WHERE name = ?", (name,))
        good = self._verify(rows[0]["password"] if rows else self._nobody, password) and bool(rows)
        self._audit(name, "log_in" if good else "log_in_refused", peer)
        if not good:
            for key in keys:
                self._attempts.failed(key, self._now())
            raise AccessError("wrong_login")
        self._attempts.succeeded(keys[0])
        return self._open_session(name)

    def log_out(self, session: Session) -> None:
        with self._db.writing() as tx:
            tx.execute("DELETE FROM session WHERE token_hash = ?", (session.token_hash,))
        self._audit(session.user, "log_out", "")

    def session(self, cookie: str | None) -> Session | None:
        """The live session of a cookie, or None."""
        return self.session_of_hash(digest(cookie)) if cookie else None

    def session_of_hash(self, token_hash: str) -> Session | None:
        rows = self._db.read(
            "SELECT s.*, u.language FROM session s JOIN user u ON u.name = s.user WHERE token_hash = ?", (token_hash,)
        )
        if not rows:
            return None
        row, now = rows[0], self._now()
        seen, created = datetime.fromisoformat(row["seen_at"]), datetime.fromisoformat(row["created_at"])
        if now - seen > SESSION_IDLE or now - created > SESSION_LIFE:
            return None
        if now - seen > SESSION_TOUCH:
            with self._db.writing() as tx:
                tx.execute("UPDATE session SET seen_at = ? WHERE token_hash = ?", (rfc3339(now), token_hash))
        return Session(row["user"], row["language"], token_hash)

    def set_language(self, user: str, language: str) -> None:
        with self._db.writing() as tx:
            tx.execute("UPDATE user SET language = ? WHERE name = ?", (language, user))

    def _check_setup(self, token: str, peer: str) -> None:
        if not self.needs_setup():
            raise AccessError("setup_spent")
        stored = {
            row["name"]: row["value"]
            for row in self._db.read("SELECT * FROM setting WHERE name IN (?, ?)", (_SETUP_HASH, _SETUP_EXPIRES))
        }
        if not secrets.compare_digest(stored.get(_SETUP_HASH, ""), digest(token.strip())):
            self._attempts.failed(peer, self._now())
            raise AccessError("setup_wrong")
        if stored[_SETUP_EXPIRES] < rfc3339(self._now()):
            raise AccessError("setup_expired")

    def _open_session(self, user: str) -> str:
        cookie = secrets.token_urlsafe(32)
        now = self._now()
        with self._db.writing() as tx:
            tx.execute("DELETE FROM session WHERE seen_at < ?", (rfc3339(now - SESSION_IDLE),))
            tx.execute("INSERT INTO session VALUES (?, ?, ?, ?)", (digest(cookie), user, rfc3339(now), rfc3339(now)))
        return cookie

    def _audit(self, who: str, action: str, detail: str) -> None:
        with self._db.writing() as tx:
            rows.audit(tx, rfc3339(self._now()), who, action, who, detail)

    def _verify(self, hashed: str, password: str) -> bool:
        if len(password) > MAX_PASSWORD_LETTERS:
            return False
        try:
            return self._hasher.verify(hashed, password)
        except VerifyMismatchError:
            return False


def _check_new(name: str, password: str) -> None:
    if not 1 <= len(name) <= MAX_NAME_LETTERS or not name.isprintable():
        raise AccessError("bad_name")
    if not MIN_PASSWORD_LETTERS <= len(password) <= MAX_PASSWORD_LETTERS:
        raise AccessError("short_password")


def digest(secret: str) -> str:
    """How a secret is kept. These are 144 bits and more of chance: a fast hash is enough, salt adds nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same_token(one: str, other: str) -> bool:
    """Compare secrets in a time that tells nothing about them."""
    return secrets.compare_digest(digest(one), digest(other))
