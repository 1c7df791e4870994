-- The journal: one append-only log of every change to every record. Everything else can be rebuilt from it.
CREATE TABLE journal (
    seq         INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    recorded_at TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    subject_kind TEXT   NOT NULL,
    subject_id  TEXT    NOT NULL,
    revision    BIGINT  NOT NULL CHECK (revision > 0),
    payload     TEXT    NOT NULL,
    event       TEXT,
    comment     TEXT,
    request_id  TEXT    NOT NULL,
    -- The least sight that sees it: public, restricted or everything.
    sight       TEXT    NOT NULL,
    -- The review whose confirmation made the change.
    review_id   TEXT,
    -- SHA-256 of everything else in the entry, so that an entry that was altered shows.
    digest      TEXT    NOT NULL
);
CREATE UNIQUE INDEX journal_subject ON journal (subject_id, seq);
CREATE INDEX journal_kind ON journal (subject_kind, seq);
CREATE UNIQUE INDEX journal_recorded_at ON journal (recorded_at);

-- The last position given out. Writers lock it before they take the next.
CREATE TABLE journal_head (
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq         BIGINT  NOT NULL,
    recorded_at TEXT    NOT NULL
);
INSERT INTO journal_head (id, seq, recorded_at) VALUES (1, 0, '0001-01-01T00:00:00.000000Z');

CREATE TABLE idempotency_keys (
    actor       TEXT    NOT NULL,
    method      TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    request_sha256 TEXT NOT NULL,
    status      INTEGER NOT NULL,
    headers     TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    recorded_at TEXT    NOT NULL,
    PRIMARY KEY (actor, method, path, key)
);
CREATE INDEX idempotency_keys_recorded_at ON idempotency_keys (recorded_at);

CREATE TABLE authorities (
    id          TEXT    NOT NULL PRIMARY KEY,
    created_seq BIGINT  NOT NULL,
    status      TEXT    NOT NULL,
    name_key    TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    country     TEXT,
    revision    BIGINT  NOT NULL,
    updated_at  TEXT    NOT NULL,
    document    TEXT    NOT NULL
);
-- A list is always of one status, so the index of an order begins with it.
CREATE INDEX authorities_name ON authorities (status, name_key, id);
CREATE INDEX authorities_updated_at ON authorities (status, updated_at, id);
CREATE INDEX authorities_kind ON authorities (kind);
CREATE INDEX authorities_country ON authorities (country);

-- Names and aliases, folded, for finding an authority by what people call it.
CREATE TABLE authority_names (
    name_key     TEXT NOT NULL,
    authority_id TEXT NOT NULL REFERENCES authorities (id),
    -- current, or former: nobody forgets a name because it was changed.
    status TEXT NOT NULL,
    PRIMARY KEY (name_key, authority_id)
);
CREATE INDEX authority_names_authority ON authority_names (authority_id, name_key);

CREATE TABLE regimes (
    id           TEXT   NOT NULL PRIMARY KEY,
    created_seq  BIGINT NOT NULL,
    slug         TEXT   NOT NULL UNIQUE,
    status       TEXT   NOT NULL,
    name_key     TEXT   NOT NULL,
    authority_id TEXT   REFERENCES authorities (id),
    jurisdiction TEXT   NOT NULL,
    effect       TEXT   NOT NULL,
    revision     BIGINT NOT NULL,
    updated_at   TEXT   NOT NULL,
    document     TEXT   NOT NULL
);
CREATE INDEX regimes_name ON regimes (status, name_key, id);
CREATE INDEX regimes_updated_at ON regimes (status, updated_at, id);
CREATE INDEX regimes_jurisdiction ON regimes (jurisdiction, id);
CREATE INDEX regimes_effect ON regimes (effect);
CREATE INDEX regimes_authority ON regimes (authority_id);

CREATE TABLE vendors (
    id          TEXT   NOT NULL PRIMARY KEY,
    created_seq BIGINT NOT NULL,
    status      TEXT   NOT NULL,
    name_key    TEXT   NOT NULL,
    country     TEXT,
    revision    BIGINT NOT NULL,
    updated_at  TEXT   NOT NULL,
    document    TEXT   NOT NULL
);
CREATE INDEX vendors_name ON vendors (status, name_key, id);
CREATE INDEX vendors_updated_at ON vendors (status, updated_at, id);
CREATE INDEX vendors_country ON vendors (country, id);

-- Every word of every name, folded, for the prefix filter.
CREATE TABLE vendor_words (
    word      TEXT NOT NULL,
    vendor_id TEXT NOT NULL REFERENCES vendors (id),
    PRIMARY KEY (word, vendor_id)
);
CREATE INDEX vendor_words_vendor ON vendor_words (vendor_id, word);

CREATE TABLE vendor_identifiers (
    vendor_id TEXT    NOT NULL REFERENCES vendors (id),
    scheme    TEXT    NOT NULL,
    value     TEXT    NOT NULL,
    status    TEXT NOT NULL,
    PRIMARY KEY (vendor_id, scheme, value)
);
CREATE UNIQUE INDEX vendor_identifiers_active ON vendor_identifiers (scheme, value) WHERE status = 'active';
CREATE INDEX vendor_identifiers_value ON vendor_identifiers (value, scheme);

-- Roles and tags, folded.
CREATE TABLE vendor_labels (
    vendor_id TEXT NOT NULL REFERENCES vendors (id),
    kind      TEXT NOT NULL,
    label     TEXT NOT NULL,
    PRIMARY KEY (kind, label, vendor_id)
);
CREATE INDEX vendor_labels_vendor ON vendor_labels (vendor_id);

CREATE TABLE designations (
    id           TEXT   NOT NULL PRIMARY KEY,
    created_seq  BIGINT NOT NULL,
    vendor_id    TEXT   REFERENCES vendors (id),
    regime_id    TEXT   NOT NULL REFERENCES regimes (id),
    authority_id TEXT   NOT NULL REFERENCES authorities (id),
    status       TEXT   NOT NULL,
    visibility   TEXT   NOT NULL,
    revision     BIGINT NOT NULL,
    updated_at   TEXT   NOT NULL,
    document     TEXT   NOT NULL
);
CREATE INDEX designations_vendor ON designations (vendor_id, id);
CREATE INDEX designations_regime ON designations (regime_id, id);
CREATE INDEX designations_authority ON designations (authority_id, id);

-- One row a revision: what lists filter and sort by, known in [known_from_seq, known_to_seq).
CREATE TABLE designation_versions (
    designation_id TEXT   NOT NULL REFERENCES designations (id),
    known_from_seq BIGINT NOT NULL REFERENCES journal (seq),
    known_to_seq   BIGINT NOT NULL,
    vendor_id      TEXT,
    regime_id      TEXT   NOT NULL,
    authority_id   TEXT   NOT NULL,
    origin         TEXT   NOT NULL,
    status         TEXT   NOT NULL,
    visibility     TEXT   NOT NULL,
    name_key       TEXT   NOT NULL,
    updated_at     TEXT   NOT NULL,
    latest_event_on TEXT  NOT NULL,
    next_review_on TEXT,
    reason_codes   TEXT   NOT NULL,
    PRIMARY KEY (designation_id, known_from_seq)
);
-- The orders of lists: of what is known now, and of everything that ever was. The latter say so in a condition that all
-- meet, or SQLite would take them for the former.
CREATE INDEX designation_versions_name ON designation_versions (status, name_key, designation_id)
    WHERE known_to_seq = 9223372036854775807;
CREATE INDEX designation_versions_updated_at ON designation_versions (status, updated_at, designation_id)
    WHERE known_to_seq = 9223372036854775807;
CREATE INDEX designation_versions_latest ON designation_versions (status, latest_event_on, designation_id)
    WHERE known_to_seq = 9223372036854775807;
CREATE INDEX designation_versions_past_name ON designation_versions (status, name_key, designation_id)
    WHERE known_to_seq > 0;
CREATE INDEX designation_versions_past_updated_at ON designation_versions (status, updated_at, designation_id)
    WHERE known_to_seq > 0;
CREATE INDEX designation_versions_past_latest ON designation_versions (status, latest_event_on, designation_id)
    WHERE known_to_seq > 0;
CREATE UNIQUE INDEX designation_versions_open ON designation_versions (designation_id, known_to_seq);
CREATE UNIQUE INDEX designation_versions_seq ON designation_versions (known_from_seq);
CREATE INDEX designation_versions_vendor ON designation_versions (vendor_id, known_to_seq);
CREATE INDEX designation_versions_review ON designation_versions (next_review_on)
    WHERE known_to_seq = 9223372036854775807;

-- Events, as the journal shows them. Append-only. The position is the row's number: a number of its own would be one
-- more key by which INSERT OR REPLACE could overwrite a row.
CREATE TABLE designation_events (
    id             TEXT   NOT NULL UNIQUE,
    designation_id TEXT   NOT NULL REFERENCES designations (id),
    seq            INTEGER NOT NULL PRIMARY KEY REFERENCES journal (seq),
    event_type     TEXT   NOT NULL,
    occurred_on    TEXT   NOT NULL,
    corrects       TEXT   UNIQUE REFERENCES designation_events (id),
    successor_id   TEXT   REFERENCES designations (id),
    document       TEXT   NOT NULL
);
CREATE INDEX designation_events_designation ON designation_events (designation_id, seq);
CREATE INDEX designation_events_successor ON designation_events (successor_id);

-- Every authority that a designation mentions: its issuer, courts, agencies of scopes.
CREATE TABLE designation_authorities (
    authority_id   TEXT NOT NULL REFERENCES authorities (id),
    designation_id TEXT NOT NULL REFERENCES designations (id),
    PRIMARY KEY (authority_id, designation_id)
);
CREATE INDEX designation_authorities_designation ON designation_authorities (designation_id);

-- Every origin, reason code, environment and action that a designation ever showed, as 'environment:secret'; the word is
-- left out where a scope lists none and so means all. Lists look here for the few that can meet a rare filter.
CREATE TABLE designation_labels (
    label          TEXT NOT NULL,
    designation_id TEXT NOT NULL REFERENCES designations (id),
    PRIMARY KEY (label, designation_id)
);
CREATE INDEX designation_labels_designation ON designation_labels (designation_id);

-- Rectangles of dates [from_on, to_on) and knowledge [known_from_seq, known_to_seq), for set queries.
-- Lists of a scope stand as ',a,b,'; an empty text means all.
CREATE TABLE designation_periods (
    designation_id TEXT   NOT NULL REFERENCES designations (id),
    scope_id       TEXT   NOT NULL,
    stated_by      TEXT   NOT NULL,
    from_on        TEXT   NOT NULL,
    to_on          TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    event_id       TEXT   NOT NULL,
    known_from_seq BIGINT NOT NULL,
    known_to_seq   BIGINT NOT NULL,
    vendor_id      TEXT,
    environments   TEXT   NOT NULL,
    actions        TEXT   NOT NULL,
    PRIMARY KEY (designation_id, scope_id, from_on, known_from_seq),
    CHECK (from_on < to_on),
    CHECK (known_from_seq < known_to_seq)
);
CREATE INDEX designation_periods_open ON designation_periods (designation_id, known_to_seq, from_on);
CREATE INDEX designation_periods_vendor ON designation_periods (vendor_id, known_to_seq, state, from_on);
-- Rare states, by either side of a day, and by when they were known.
CREATE INDEX designation_periods_to ON designation_periods (state, to_on)
    WHERE known_to_seq = 9223372036854775807;
CREATE INDEX designation_periods_from ON designation_periods (state, from_on);
CREATE INDEX designation_periods_state ON designation_periods (state, known_to_seq);

-- The access log: standings that were answered and restricted records that were shown. Append-only.
CREATE TABLE access_log (
    id TEXT NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    credential TEXT NOT NULL,
    operation TEXT NOT NULL,
    target TEXT NOT NULL,
    status INTEGER NOT NULL,
    known_seq BIGINT,
    answer_sha256 TEXT NOT NULL,
    request_sha256 TEXT,
    -- Ids, 500 at most, and how many they were in all.
    vendors TEXT NOT NULL,
    vendor_count BIGINT NOT NULL,
    restricted TEXT NOT NULL,
    restricted_count BIGINT NOT NULL,
    address TEXT,
    request_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX access_log_at ON access_log (at, id);
CREATE INDEX access_log_actor ON access_log (actor, at, id);
CREATE INDEX access_log_operation ON access_log (operation, at, id);

-- The vendors and designations of an entry, so that it is found by them.
CREATE TABLE access_log_subjects (
    subject_id TEXT NOT NULL,
    at TEXT NOT NULL,
    entry_id TEXT NOT NULL REFERENCES access_log (id),
    PRIMARY KEY (subject_id, at, entry_id)
) WITHOUT ROWID;
CREATE INDEX access_log_subjects_entry ON access_log_subjects (entry_id);

-- Which designations each designation ever named, in a link or as a successor: a public one must not lead to a restricted
-- one, and its history still names what it once did.
CREATE TABLE designation_mentions (
    mentioned_id   TEXT NOT NULL REFERENCES designations (id),
    designation_id TEXT NOT NULL REFERENCES designations (id),
    PRIMARY KEY (mentioned_id, designation_id)
);
CREATE INDEX designation_mentions_designation ON designation_mentions (designation_id);

-- API keys: the record, and of the secret only a keyed hash, which stands in no journal.
CREATE TABLE api_keys (
    id          TEXT   NOT NULL PRIMARY KEY,
    created_seq BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    expires_at  TEXT,
    -- HMAC-SHA256 of the key's id and secret, under the server's secret, in hexadecimal.
    hash        TEXT   NOT NULL,
    -- Which of the server's secrets made the hash: the beginning of a hash of a fixed text.
    hashed_with TEXT   NOT NULL,
    revision    BIGINT NOT NULL,
    updated_at  TEXT   NOT NULL,
    document    TEXT   NOT NULL
);
CREATE INDEX api_keys_actor ON api_keys (actor, name);

-- When each key was last used, to the minute. No record: the journal does not know it.
CREATE TABLE api_key_uses (
    api_key_id   TEXT NOT NULL PRIMARY KEY REFERENCES api_keys (id),
    last_used_at TEXT NOT NULL
);

-- Reviews: changes of designations that wait for another person, and what became of them.
CREATE TABLE reviews (
    id             TEXT   NOT NULL PRIMARY KEY,
    created_seq    BIGINT NOT NULL,
    status         TEXT   NOT NULL,
    change         TEXT   NOT NULL,
    -- No reference: a designation that is only proposed is not there yet.
    designation_id TEXT   NOT NULL,
    vendor_id      TEXT   REFERENCES vendors (id),
    proposed_by    TEXT   NOT NULL,
    revision       BIGINT NOT NULL,
    updated_at     TEXT   NOT NULL,
    document       TEXT   NOT NULL
);
-- A list is always of one status.
CREATE INDEX reviews_status ON reviews (status, id);
CREATE INDEX reviews_change ON reviews (change, status, id);
CREATE INDEX reviews_designation ON reviews (designation_id, status, id);
CREATE INDEX reviews_vendor ON reviews (vendor_id, status, id);
CREATE INDEX reviews_proposed_by ON reviews (proposed_by, status, id);

-- Decisions, one for a review and never another. Append-only. The position is the row's number, as with events.
CREATE TABLE review_decisions (
    review_id  TEXT    NOT NULL UNIQUE REFERENCES reviews (id),
    seq        INTEGER NOT NULL PRIMARY KEY REFERENCES journal (seq),
    decision   TEXT    NOT NULL,
    decided_by TEXT    NOT NULL,
    comment    TEXT
);

-- The journal, the events and the decisions refuse every change. INSERT OR REPLACE deletes without firing delete triggers unless
-- recursive_triggers is on, so an insert over a row that is there is refused as well.
CREATE TRIGGER journal_refuses_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_refuses_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_refuses_replace BEFORE INSERT ON journal
WHEN EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq OR recorded_at = NEW.recorded_at)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER designation_events_refuse_update BEFORE UPDATE ON designation_events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER designation_events_refuse_delete BEFORE DELETE ON designation_events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER designation_events_refuse_replace BEFORE INSERT ON designation_events
WHEN EXISTS (SELECT 1 FROM designation_events
             WHERE id = NEW.id OR seq = NEW.seq OR (NEW.corrects IS NOT NULL AND corrects = NEW.corrects))
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER access_log_refuses_update BEFORE UPDATE ON access_log
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;
CREATE TRIGGER access_log_refuses_delete BEFORE DELETE ON access_log
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;
CREATE TRIGGER access_log_refuses_replace BEFORE INSERT ON access_log
WHEN EXISTS (SELECT 1 FROM access_log WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;
CREATE TRIGGER access_log_subjects_refuse_update BEFORE UPDATE ON access_log_subjects
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;
CREATE TRIGGER access_log_subjects_refuse_delete BEFORE DELETE ON access_log_subjects
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;
CREATE TRIGGER access_log_subjects_refuse_replace BEFORE INSERT ON access_log_subjects
WHEN EXISTS (SELECT 1 FROM access_log_subjects
             WHERE subject_id = NEW.subject_id AND at = NEW.at AND entry_id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;

CREATE TRIGGER review_decisions_refuse_update BEFORE UPDATE ON review_decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER review_decisions_refuse_delete BEFORE DELETE ON review_decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER review_decisions_refuse_replace BEFORE INSERT ON review_decisions
WHEN EXISTS (SELECT 1 FROM review_decisions WHERE review_id = NEW.review_id OR seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
