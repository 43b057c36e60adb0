PRAGMA application_id = 1397576787;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE suppression (
  key TEXT PRIMARY KEY, reason TEXT NOT NULL, source TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
INSERT INTO "suppression" VALUES('closed.test','asked to','user',5.0);
INSERT INTO "suppression" VALUES('gone@example.test','asked to','user',5.0);
CREATE TABLE used (
  account TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (account, minute)) WITHOUT ROWID;
INSERT INTO "used" VALUES('a',16,60);
COMMIT;
