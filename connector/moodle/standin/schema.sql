-- The stand-in's whole state. Names follow Moodle's tables where there is one.
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO counters VALUES ('change', 0);

-- The plugin's ledger: one row per writing call that took effect, in the same transaction as the effect.
CREATE TABLE IF NOT EXISTS operations (
    opkey TEXT PRIMARY KEY, requesthash TEXT NOT NULL, result TEXT NOT NULL, timecreated INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, idnumber TEXT NOT NULL UNIQUE, username TEXT NOT NULL UNIQUE,
    firstname TEXT NOT NULL, lastname TEXT NOT NULL, email TEXT NOT NULL, lang TEXT NOT NULL,
    password TEXT NOT NULL, suspended INTEGER NOT NULL, service INTEGER NOT NULL DEFAULT 0, timemodified INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, userid INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tokens_user ON tokens (userid);
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, userid INTEGER NOT NULL, formkey TEXT NOT NULL, timecreated INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS courses (
    id INTEGER PRIMARY KEY AUTOINCREMENT, idnumber TEXT NOT NULL UNIQUE, shortname TEXT NOT NULL, fullname TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '', timemodified INTEGER NOT NULL
);
-- AUTOINCREMENT: an id is never given out twice. modname: quiz, qbank, or page (a training activity).
CREATE TABLE IF NOT EXISTS course_modules (
    id INTEGER PRIMARY KEY AUTOINCREMENT, courseid INTEGER NOT NULL REFERENCES courses, modname TEXT NOT NULL,
    idnumber TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL DEFAULT '', visible INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS modules_course ON course_modules (courseid, modname);
CREATE TABLE IF NOT EXISTS enrolments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, courseid INTEGER NOT NULL REFERENCES courses, userid INTEGER NOT NULL REFERENCES users,
    timestart INTEGER NOT NULL, timeend INTEGER NOT NULL, timecompleted INTEGER, grade TEXT, changeno INTEGER NOT NULL,
    UNIQUE (courseid, userid)
);
CREATE INDEX IF NOT EXISTS enrolments_user ON enrolments (userid);
CREATE INDEX IF NOT EXISTS enrolments_change ON enrolments (changeno);
CREATE TABLE IF NOT EXISTS activity_completions (
    userid INTEGER NOT NULL, cmid INTEGER NOT NULL, timecompleted INTEGER NOT NULL, PRIMARY KEY (userid, cmid)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, courseid INTEGER NOT NULL REFERENCES courses, idnumber TEXT NOT NULL,
    UNIQUE (courseid, idnumber)
);
CREATE TABLE IF NOT EXISTS group_members (
    groupid INTEGER NOT NULL, userid INTEGER NOT NULL, PRIMARY KEY (groupid, userid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_user ON group_members (userid, groupid);

CREATE TABLE IF NOT EXISTS banks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, idnumber TEXT NOT NULL UNIQUE, courseid INTEGER NOT NULL REFERENCES courses,
    cmid INTEGER NOT NULL, contextid INTEGER NOT NULL, name TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bankid INTEGER NOT NULL REFERENCES banks, idnumber TEXT NOT NULL,
    categorypath TEXT NOT NULL, latest INTEGER NOT NULL DEFAULT 0, changeno INTEGER NOT NULL, UNIQUE (bankid, idnumber)
);
CREATE INDEX IF NOT EXISTS entries_idnumber ON entries (idnumber);
CREATE INDEX IF NOT EXISTS entries_change ON entries (bankid, changeno);
-- contenthash: what the panel sent with this version ('' when it was made by hand); edited: changed by hand since.
CREATE TABLE IF NOT EXISTS questions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, entryid INTEGER NOT NULL REFERENCES entries, version INTEGER NOT NULL,
    status TEXT NOT NULL, contenthash TEXT NOT NULL, edited INTEGER NOT NULL DEFAULT 0, payload TEXT NOT NULL,
    timemodified INTEGER NOT NULL, UNIQUE (entryid, version)
);

CREATE TABLE IF NOT EXISTS quizzes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, idnumber TEXT NOT NULL UNIQUE, courseid INTEGER NOT NULL REFERENCES courses,
    cmid INTEGER NOT NULL, name TEXT NOT NULL, intro TEXT NOT NULL, timeopen INTEGER NOT NULL, timeclose INTEGER NOT NULL,
    timelimit INTEGER NOT NULL, attempts INTEGER NOT NULL, passpercent TEXT NOT NULL, review TEXT NOT NULL,
    password TEXT NOT NULL, shuffleanswers INTEGER NOT NULL, visible INTEGER NOT NULL, sumgrades TEXT NOT NULL,
    questionsperpage INTEGER NOT NULL, timecreated INTEGER NOT NULL, timemodified INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS quizzes_course ON quizzes (courseid);
CREATE INDEX IF NOT EXISTS quizzes_cm ON quizzes (cmid);
-- A fixed place has entryid and questionid; a random one (practice) has categorypath.
CREATE TABLE IF NOT EXISTS quiz_slots (
    quizid INTEGER NOT NULL, slot INTEGER NOT NULL, entryid INTEGER, questionid INTEGER, categorypath TEXT,
    maxmark TEXT NOT NULL, PRIMARY KEY (quizid, slot)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quiz_groups (
    quizid INTEGER NOT NULL, groupid INTEGER NOT NULL, PRIMARY KEY (quizid, groupid)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quiz_overrides (
    id INTEGER PRIMARY KEY AUTOINCREMENT, quizid INTEGER NOT NULL, userid INTEGER, groupid INTEGER,
    timeopen INTEGER, timeclose INTEGER, timelimit INTEGER, attempts INTEGER,
    UNIQUE (quizid, userid), UNIQUE (quizid, groupid)
);

CREATE TABLE IF NOT EXISTS quiz_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, quizid INTEGER NOT NULL REFERENCES quizzes, userid INTEGER NOT NULL REFERENCES users,
    attempt INTEGER NOT NULL, state TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0, layout TEXT NOT NULL,
    currentpage INTEGER NOT NULL DEFAULT 0, timestart INTEGER NOT NULL, timefinish INTEGER NOT NULL DEFAULT 0,
    timemodified INTEGER NOT NULL, timecheckstate INTEGER, timegraded INTEGER, sumgrades TEXT, maxmark TEXT NOT NULL,
    changeno INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS attempts_person ON quiz_attempts (quizid, userid, attempt);
CREATE INDEX IF NOT EXISTS attempts_user ON quiz_attempts (userid);
CREATE INDEX IF NOT EXISTS attempts_ended ON quiz_attempts (changeno) WHERE state IN ('finished', 'abandoned');
CREATE INDEX IF NOT EXISTS attempts_due ON quiz_attempts (timecheckstate) WHERE timecheckstate IS NOT NULL;
-- optionorder: JSON list, the shuffled order of the answers or choices; response/autosave: JSON object of field -> value.
CREATE TABLE IF NOT EXISTS question_attempts (
    attemptid INTEGER NOT NULL, slot INTEGER NOT NULL, page INTEGER NOT NULL, questionid INTEGER NOT NULL,
    maxmark TEXT NOT NULL, optionorder TEXT NOT NULL, response TEXT NOT NULL DEFAULT '{}', autosave TEXT,
    sequence INTEGER NOT NULL DEFAULT 1, state TEXT NOT NULL DEFAULT 'todo', fraction TEXT, mark TEXT,
    responsesummary TEXT NOT NULL DEFAULT '', rightanswer TEXT NOT NULL, flagged INTEGER NOT NULL DEFAULT 0,
    lastaction INTEGER NOT NULL DEFAULT -1, PRIMARY KEY (attemptid, slot)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS cards (
    cardid TEXT PRIMARY KEY, userid INTEGER NOT NULL, kind TEXT NOT NULL, titles TEXT NOT NULL, bodies TEXT NOT NULL,
    url TEXT NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL, timemodified INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cards_user ON cards (userid);
CREATE TABLE IF NOT EXISTS push_target (
    one INTEGER PRIMARY KEY CHECK (one = 1), url TEXT NOT NULL, secret TEXT NOT NULL, events TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS push_outbox (
    deliveryid TEXT PRIMARY KEY, body TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, notbefore INTEGER NOT NULL
) WITHOUT ROWID;

-- Faults ordered by a test: the next `times` calls of `wsfunction` ('' = any) meet `fault` at `moment`.
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT, wsfunction TEXT NOT NULL, fault TEXT NOT NULL, moment TEXT NOT NULL,
    seconds REAL NOT NULL, times INTEGER NOT NULL
);
