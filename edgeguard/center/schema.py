"""The tables of the center's database: as they were made first, and every step since."""

from typing import Final

from edgeguard import audit

CREATE: Final = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE event (
  site TEXT NOT NULL, box TEXT NOT NULL, id TEXT NOT NULL, event_id TEXT NOT NULL, rev INTEGER NOT NULL,
  seq INTEGER NOT NULL, received_at TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (site, box, id)) STRICT;
CREATE INDEX event_episode ON event (event_id, rev);

CREATE TABLE episode (
  event_id TEXT PRIMARY KEY, site TEXT NOT NULL, box TEXT NOT NULL, code TEXT NOT NULL, opened_at TEXT NOT NULL,
  open INTEGER NOT NULL, card TEXT NOT NULL) STRICT;
CREATE INDEX episode_time ON episode (open, opened_at);

CREATE TABLE picture (
  site TEXT NOT NULL, box TEXT NOT NULL, event_id TEXT NOT NULL, n INTEGER NOT NULL, received_at TEXT NOT NULL,
  jpeg BLOB NOT NULL, PRIMARY KEY (event_id, n, site, box)) STRICT;

CREATE TABLE box (
  site TEXT NOT NULL, box TEXT NOT NULL, state TEXT, birth TEXT, updated_at TEXT NOT NULL,
  PRIMARY KEY (site, box)) STRICT;
CREATE TABLE camera (
  site TEXT NOT NULL, box TEXT NOT NULL, camera TEXT NOT NULL, health TEXT NOT NULL, updated_at TEXT NOT NULL,
  PRIMARY KEY (site, box, camera)) STRICT;

CREATE TABLE ack (
  id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, kind TEXT NOT NULL, why TEXT NOT NULL, note TEXT NOT NULL,
  by TEXT NOT NULL, at TEXT NOT NULL, site TEXT NOT NULL, box TEXT NOT NULL, sent_at TEXT) STRICT;
CREATE INDEX ack_episode ON ack (event_id, id);
CREATE INDEX ack_unsent ON ack (id) WHERE sent_at IS NULL;

CREATE TABLE command (
  id TEXT PRIMARY KEY, event_id TEXT NOT NULL, site TEXT NOT NULL, box TEXT NOT NULL, name TEXT NOT NULL,
  args TEXT NOT NULL, by TEXT NOT NULL, issued_at TEXT NOT NULL, expires_at TEXT NOT NULL, state TEXT NOT NULL,
  detail TEXT NOT NULL) STRICT;

CREATE TABLE dead_letter (
  id INTEGER PRIMARY KEY, received_at TEXT NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL,
  payload BLOB NOT NULL) STRICT;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
  detail TEXT NOT NULL) STRICT;

CREATE TABLE user (
  name TEXT PRIMARY KEY, password TEXT NOT NULL, language TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;
CREATE TABLE session (
  token_hash TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES user (name), created_at TEXT NOT NULL,
  seen_at TEXT NOT NULL) STRICT;
"""

# 2: live talks, uploaded evidence, tokens of boxes, and which sequence numbers of a box have come. A range covers both
# of its ends; what lies below a box's first range is nobody's business here.
_TALK_EVIDENCE_SEQUENCE: Final = """
CREATE TABLE talk (
  id TEXT PRIMARY KEY, event_id TEXT NOT NULL, site TEXT NOT NULL, box TEXT NOT NULL, camera TEXT, by TEXT NOT NULL,
  started_at TEXT NOT NULL, ended_at TEXT, audio_s REAL NOT NULL, result TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE INDEX talk_episode ON talk (event_id, started_at);

CREATE TABLE evidence (
  event_id TEXT NOT NULL, name TEXT NOT NULL, site TEXT NOT NULL, box TEXT NOT NULL, kind TEXT NOT NULL,
  media_type TEXT NOT NULL, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, received_at TEXT NOT NULL,
  PRIMARY KEY (event_id, name, site, box)) STRICT;
CREATE INDEX evidence_age ON evidence (site, box, received_at);

CREATE TABLE box_token (
  site TEXT NOT NULL, box TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL, used_at TEXT,
  PRIMARY KEY (site, box)) STRICT;

ALTER TABLE box ADD COLUMN tail TEXT;
CREATE INDEX event_seq ON event (site, box, seq);
CREATE TABLE seq_range (
  site TEXT NOT NULL, box TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (site, box, first)) STRICT;
INSERT INTO seq_range SELECT site, box, min(seq), max(seq) FROM (
  SELECT site, box, seq, seq - dense_rank() OVER (PARTITION BY site, box ORDER BY seq) AS island FROM event)
  GROUP BY site, box, island;
"""

# 3: timers of alarms, and who is told of them. `goal`: arrived or done. `round`: when a call was pressed again.
_TIMERS_NOTICES: Final = """
CREATE TABLE timer (
  event_id TEXT NOT NULL, goal TEXT NOT NULL, started_at TEXT NOT NULL, due_at TEXT NOT NULL, met_at TEXT,
  missed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (event_id, goal, started_at)) STRICT;
CREATE INDEX timer_running ON timer (due_at) WHERE missed = 0 AND met_at IS NULL;

CREATE TABLE routed (
  event_id TEXT NOT NULL, rule TEXT NOT NULL, round TEXT NOT NULL, place TEXT NOT NULL, started_at TEXT NOT NULL,
  PRIMARY KEY (event_id, rule, round)) STRICT;
CREATE INDEX routed_time ON routed (started_at);

CREATE TABLE notice (
  id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, rule TEXT NOT NULL, round TEXT NOT NULL, step INTEGER NOT NULL,
  level TEXT NOT NULL, place TEXT NOT NULL, recipient TEXT NOT NULL, channel INTEGER NOT NULL, name TEXT NOT NULL,
  body TEXT NOT NULL, text TEXT NOT NULL, created_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
  attempts INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL, sent_at TEXT, detail TEXT NOT NULL DEFAULT '',
  UNIQUE (event_id, rule, round, step, recipient, channel)) STRICT;
CREATE INDEX notice_waiting ON notice (next_at) WHERE state = 'waiting';
"""

# 4: what a box tells about its directory.
_ACCESS: Final = "ALTER TABLE box ADD COLUMN access TEXT;"

# 5: copies and deletions of one person. `secret` opens the answer and is gone with it; `file` is the copy for who asked
# until `file_until`; `here`: what a deletion took at the center.
_RIGHTS: Final = """
CREATE TABLE rights (
  id TEXT PRIMARY KEY, site TEXT NOT NULL, box TEXT NOT NULL, ref TEXT NOT NULL, kind TEXT NOT NULL, by TEXT NOT NULL,
  asked_at TEXT NOT NULL, until TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', detail TEXT NOT NULL DEFAULT '',
  sent_until TEXT, answered_at TEXT, secret BLOB, file BLOB, file_until TEXT, here TEXT) STRICT;
CREATE INDEX rights_age ON rights (asked_at);
CREATE TABLE rights_part (
  id TEXT NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (id, part)) STRICT;
"""

# 6: the trail as a hash chain (`edgeguard.audit`). What was written before it stays as it is, and its numbers go on.
_CHAIN: Final = f"""
ALTER TABLE audit RENAME TO audit_before;
{audit.CREATE}
INSERT INTO audit_base SELECT max(id), x'' FROM audit_before HAVING max(id) IS NOT NULL;
"""  # noqa: S608 - own words

# 7: visitors' passes under their links, until a day after the pass is over. `withdrawn`: '', here, box.
_VISITS: Final = """
CREATE TABLE visit (
  token TEXT PRIMARY KEY, site TEXT NOT NULL, box TEXT NOT NULL, pass_id TEXT NOT NULL, text TEXT NOT NULL,
  gates TEXT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT NOT NULL, uses INTEGER NOT NULL, by TEXT NOT NULL,
  withdrawn TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX visit_age ON visit (valid_until);
"""

# Each step runs in one transaction; a step that was released is never changed.
UPGRADES: Final = (_TALK_EVIDENCE_SEQUENCE, _TIMERS_NOTICES, _ACCESS, _RIGHTS, _CHAIN, _VISITS)
SCHEMA_VERSION: Final = 1 + len(UPGRADES)
