"""The tables of the box's directory. Times are whole Unix seconds; what tells of a person is sealed (`keys`)."""

from typing import Final

from edgeguard import audit

SCHEMA_VERSION: Final = 1

CREATE: Final = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE person (
  ref TEXT PRIMARY KEY, kind TEXT NOT NULL, valid_from INTEGER, valid_until INTEGER, hours TEXT NOT NULL,
  gates TEXT NOT NULL, label BLOB, source TEXT NOT NULL) STRICT;

CREATE TABLE consent (
  id INTEGER PRIMARY KEY, ref TEXT NOT NULL, notice TEXT NOT NULL, channel TEXT NOT NULL, operator TEXT NOT NULL,
  scope TEXT NOT NULL, given_s INTEGER NOT NULL, expires_s INTEGER NOT NULL, under_14 INTEGER NOT NULL, guardian BLOB,
  withdrawn_s INTEGER) STRICT;
CREATE INDEX consent_ref ON consent (ref);

CREATE TABLE face (
  id INTEGER PRIMARY KEY AUTOINCREMENT, ref TEXT NOT NULL REFERENCES person (ref) ON DELETE CASCADE,
  model TEXT NOT NULL, sealed BLOB NOT NULL, enrolled_s INTEGER NOT NULL) STRICT;
CREATE INDEX face_ref ON face (ref);

CREATE TABLE card (
  digest BLOB PRIMARY KEY, ref TEXT NOT NULL REFERENCES person (ref) ON DELETE CASCADE,
  sealed BLOB NOT NULL) STRICT;
CREATE INDEX card_ref ON card (ref);

CREATE TABLE pin (
  digest BLOB PRIMARY KEY, ref TEXT NOT NULL REFERENCES person (ref) ON DELETE CASCADE,
  sealed BLOB NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX pin_ref ON pin (ref);

CREATE TABLE attempt (subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_s INTEGER NOT NULL,
  locked_until_s INTEGER NOT NULL) STRICT;

CREATE TABLE vehicle (
  digest BLOB PRIMARY KEY, sealed BLOB NOT NULL, list TEXT NOT NULL, ref TEXT, valid_from INTEGER,
  valid_until INTEGER, hours TEXT NOT NULL, gates TEXT NOT NULL, source TEXT NOT NULL) STRICT;
CREATE INDEX vehicle_ref ON vehicle (ref);

CREATE TABLE pass (
  id BLOB PRIMARY KEY, used INTEGER NOT NULL, revoked INTEGER NOT NULL, until_s INTEGER NOT NULL) STRICT;

CREATE TABLE presence (
  subject TEXT NOT NULL, area TEXT NOT NULL, inside INTEGER NOT NULL, gate TEXT NOT NULL, at_s INTEGER NOT NULL,
  PRIMARY KEY (subject, area)) STRICT;

CREATE TABLE list_part (revision INTEGER NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (revision, part)) STRICT;
{audit.CREATE}
"""
