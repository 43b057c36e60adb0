PRAGMA application_id = 1397576770;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY, state TEXT NOT NULL, began REAL NOT NULL, ended REAL NOT NULL, stage TEXT, code INTEGER,
  enhanced TEXT NOT NULL, reply TEXT NOT NULL, reason TEXT NOT NULL, queue_id TEXT NOT NULL, host TEXT NOT NULL,
  timings TEXT NOT NULL);
INSERT INTO "attempt" VALUES(65537,'sent',1004.0,1005.0,NULL,250,'','Ok','','q1','mx.example.test','');
INSERT INTO "attempt" VALUES(196609,'deferred',1004.0,1006.0,NULL,451,'','later','','','','');
INSERT INTO "attempt" VALUES(262145,'failed',1004.0,1005.0,NULL,550,'','No such user','','','','');
CREATE TABLE batch (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  name TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, created REAL NOT NULL, changed REAL NOT NULL,
  columns TEXT NOT NULL, settings TEXT NOT NULL,
  open INTEGER NOT NULL DEFAULT 0);
INSERT INTO "batch" VALUES(1,'june','running','',1000.0,1003.0,'["email", "name"]','{}',0);
CREATE TABLE control (one INTEGER PRIMARY KEY CHECK (one = 1), request TEXT, at REAL);
CREATE TABLE document (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, content BLOB NOT NULL);
INSERT INTO "document" VALUES('template','f787fab0755eb34889d566bb8dc3308f38e0a44ca91154571a90cd9b2c346740',X'5375626A6563743A2048656C6C6F0A0A48656C6C6F207B7B206E616D65207D7D0A');
CREATE TABLE heartbeat (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  pid INTEGER NOT NULL, host TEXT NOT NULL, at REAL NOT NULL, rate REAL, eta_s REAL, limited_by TEXT NOT NULL,
  leased INTEGER NOT NULL, lanes INTEGER NOT NULL);
INSERT INTO "heartbeat" VALUES(1,1,'here',1007.0,NULL,NULL,'',0,0);
CREATE TABLE largest (
  one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, line INTEGER NOT NULL, octets INTEGER NOT NULL);
INSERT INTO "largest" VALUES(1,1,2,300);
CREATE TABLE opening (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at REAL NOT NULL, server TEXT NOT NULL, sentence TEXT NOT NULL, dialogue TEXT NOT NULL);
CREATE TABLE recipient (
  seq INTEGER PRIMARY KEY, line INTEGER NOT NULL, address TEXT NOT NULL, key TEXT NOT NULL, token TEXT NOT NULL,
  fields TEXT NOT NULL);
INSERT INTO "recipient" VALUES(1,2,'user1@example.test','user1@example.test','token1','["user1@example.test","Name 1"]');
INSERT INTO "recipient" VALUES(2,3,'user2@example.test','user2@example.test','token2','["user2@example.test","Name 2"]');
INSERT INTO "recipient" VALUES(3,4,'user3@example.test','user3@example.test','token3','["user3@example.test","Name 3"]');
INSERT INTO "recipient" VALUES(4,5,'user4@example.test','user4@example.test','token4','["user4@example.test","Name 4"]');
INSERT INTO "recipient" VALUES(5,6,'user5@example.test','user5@example.test','token5','["user5@example.test","Name 5"]');
INSERT INTO "recipient" VALUES(6,7,'user6@example.test','user6@example.test','token6','["user6@example.test","Name 6"]');
CREATE TABLE size_limit (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  octets INTEGER NOT NULL, server TEXT NOT NULL, user TEXT NOT NULL, at REAL NOT NULL);
INSERT INTO "size_limit" VALUES(1,1000,'s','u',1.0);
CREATE TABLE standing (
  seq INTEGER PRIMARY KEY, state TEXT NOT NULL, destination TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
  next_at REAL NOT NULL DEFAULT 0, first_at REAL NOT NULL DEFAULT 0, began REAL NOT NULL DEFAULT 0);
INSERT INTO "standing" VALUES(1,'sent','example.test','',1,1,0.0,1004.0,0.0);
INSERT INTO "standing" VALUES(2,'inflight','example.test','',0,0,0.0,0.0,1005.0);
INSERT INTO "standing" VALUES(3,'deferred','example.test','',1,1,1100.0,1004.0,0.0);
INSERT INTO "standing" VALUES(4,'failed','example.test','',1,1,0.0,1004.0,0.0);
INSERT INTO "standing" VALUES(5,'pending','example.test','',0,0,0.0,0.0,0.0);
INSERT INTO "standing" VALUES(6,'pending','example.test','',0,0,0.0,0.0,0.0);
CREATE TABLE tally (state TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "tally" VALUES('deferred',1);
INSERT INTO "tally" VALUES('failed',1);
INSERT INTO "tally" VALUES('inflight',1);
INSERT INTO "tally" VALUES('pending',2);
INSERT INTO "tally" VALUES('sent',1);
INSERT INTO "tally" VALUES('skipped',0);
INSERT INTO "tally" VALUES('suppressed',0);
INSERT INTO "tally" VALUES('uncertain',0);
CREATE TABLE transcript (id INTEGER PRIMARY KEY, dialogue TEXT NOT NULL);
CREATE INDEX waiting ON standing (seq, destination) WHERE state = 'pending';
CREATE INDEX deferred ON standing (next_at, seq, destination) WHERE state = 'deferred';
CREATE TRIGGER tallied AFTER UPDATE OF state ON standing WHEN old.state <> new.state BEGIN
  UPDATE tally SET n = n - 1 WHERE state = old.state;
  UPDATE tally SET n = n + 1 WHERE state = new.state;
END;
CREATE VIEW posted AS SELECT
  0 AS seq, '' AS state, 0 AS began, 0 AS ended, '' AS stage, 0 AS code, '' AS enhanced, '' AS reply, '' AS reason,
  '' AS queue_id, '' AS host, '' AS timings, '' AS transcript, 0 AS next_at, 0 AS counts;
CREATE TRIGGER begun INSTEAD OF INSERT ON posted WHEN new.state = 'inflight' BEGIN
  UPDATE standing SET state = 'inflight', began = new.began WHERE seq = new.seq AND state IN ('deferred', 'pending');
  SELECT raise(ABORT, 'not in the state it was left in') WHERE changes() = 0;
END;
CREATE TRIGGER ended INSTEAD OF INSERT ON posted WHEN new.state <> 'inflight' BEGIN
  INSERT INTO attempt SELECT seq * 65536 + tries + 1, new.state, new.began, new.ended, new.stage, new.code,
    new.enhanced, new.reply, new.reason, new.queue_id, new.host, new.timings FROM standing WHERE seq = new.seq;
  INSERT INTO transcript SELECT seq * 65536 + tries + 1, new.transcript FROM standing
    WHERE seq = new.seq AND new.transcript <> '';
  UPDATE standing SET state = new.state, reason = new.reason, next_at = new.next_at, began = 0, tries = tries + 1,
    attempts = attempts + new.counts, first_at = iif(first_at = 0 AND new.counts, new.began, first_at)
    WHERE seq = new.seq AND (
      state IN ('deferred', 'inflight', 'pending') OR (new.state = 'uncertain' AND state IN ('failed', 'sent')));
  SELECT raise(ABORT, 'not in the state it was left in') WHERE changes() = 0;
END;
COMMIT;
