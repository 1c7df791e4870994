-- The journal: one append-only log of every change to every record. Everything else can be rebuilt from it.
CREATE TABLE journal (
    seq bigint NOT NULL PRIMARY KEY CHECK (seq > 0),
    recorded_at timestamptz NOT NULL,
    actor text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    subject_kind text COLLATE "C" NOT NULL,
    subject_id uuid NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    payload json NOT NULL,
    event json,
    comment text COLLATE "C",
    request_id text COLLATE "C" NOT NULL,
    -- The least sight that sees it: public, restricted or everything.
    sight text COLLATE "C" NOT NULL,
    -- The review whose confirmation made the change.
    review_id uuid,
    -- SHA-256 of everything else in the entry, so that an entry that was altered shows.
    digest text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX journal_subject ON journal (subject_id, seq);
CREATE INDEX journal_kind ON journal (subject_kind, seq);
CREATE UNIQUE INDEX journal_recorded_at ON journal (recorded_at);

-- The last position given out. Writers lock it before they take the next.
CREATE TABLE journal_head (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    seq bigint NOT NULL,
    recorded_at timestamptz NOT NULL
);
INSERT INTO journal_head (id, seq, recorded_at) VALUES (1, 0, '0001-01-01T00:00:00Z');

CREATE TABLE idempotency_keys (
    actor text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    request_sha256 text COLLATE "C" NOT NULL,
    status integer NOT NULL,
    headers json NOT NULL,
    body text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (actor, method, path, key)
);
CREATE INDEX idempotency_keys_recorded_at ON idempotency_keys (recorded_at);

CREATE TABLE authorities (
    id uuid NOT NULL PRIMARY KEY,
    created_seq bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    country text COLLATE "C",
    revision bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    document json NOT NULL
);
-- A list is always of one status, so the index of an order begins with it.
CREATE INDEX authorities_name ON authorities (status, name_key, id);
CREATE INDEX authorities_updated_at ON authorities (status, updated_at, id);
CREATE INDEX authorities_kind ON authorities (kind);
CREATE INDEX authorities_country ON authorities (country);

-- Names and aliases, folded, for finding an authority by what people call it.
CREATE TABLE authority_names (
    name_key text COLLATE "C" NOT NULL,
    authority_id uuid NOT NULL REFERENCES authorities (id),
    -- current, or former: nobody forgets a name because it was changed.
    status text COLLATE "C" NOT NULL,
    PRIMARY KEY (name_key, authority_id)
);
CREATE INDEX authority_names_authority ON authority_names (authority_id, name_key);

CREATE TABLE regimes (
    id uuid NOT NULL PRIMARY KEY,
    created_seq bigint NOT NULL,
    slug text COLLATE "C" NOT NULL UNIQUE,
    status text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    authority_id uuid REFERENCES authorities (id),
    jurisdiction text COLLATE "C" NOT NULL,
    effect text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    document json NOT NULL
);
CREATE INDEX regimes_name ON regimes (status, name_key, id);
CREATE INDEX regimes_updated_at ON regimes (status, updated_at, id);
CREATE INDEX regimes_jurisdiction ON regimes (jurisdiction, id);
CREATE INDEX regimes_effect ON regimes (effect);
CREATE INDEX regimes_authority ON regimes (authority_id);

CREATE TABLE vendors (
    id uuid NOT NULL PRIMARY KEY,
    created_seq bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    country text COLLATE "C",
    revision bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    document json NOT NULL
);
CREATE INDEX vendors_name ON vendors (status, name_key, id);
CREATE INDEX vendors_updated_at ON vendors (status, updated_at, id);
CREATE INDEX vendors_country ON vendors (country, id);

-- Every word of every name, folded, for the prefix filter.
CREATE TABLE vendor_words (
    word text COLLATE "C" NOT NULL,
    vendor_id uuid NOT NULL REFERENCES vendors (id),
    PRIMARY KEY (word, vendor_id)
);
CREATE INDEX vendor_words_vendor ON vendor_words (vendor_id, word);

CREATE TABLE vendor_identifiers (
    vendor_id uuid NOT NULL REFERENCES vendors (id),
    scheme text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    PRIMARY KEY (vendor_id, scheme, value)
);
CREATE UNIQUE INDEX vendor_identifiers_active ON vendor_identifiers (scheme, value) WHERE status = 'active';
CREATE INDEX vendor_identifiers_value ON vendor_identifiers (value, scheme);

-- Roles and tags, folded.
CREATE TABLE vendor_labels (
    vendor_id uuid NOT NULL REFERENCES vendors (id),
    kind text COLLATE "C" NOT NULL,
    label text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, label, vendor_id)
);
CREATE INDEX vendor_labels_vendor ON vendor_labels (vendor_id);

CREATE TABLE designations (
    id uuid NOT NULL PRIMARY KEY,
    created_seq bigint NOT NULL,
    vendor_id uuid REFERENCES vendors (id),
    regime_id uuid NOT NULL REFERENCES regimes (id),
    authority_id uuid NOT NULL REFERENCES authorities (id),
    status text COLLATE "C" NOT NULL,
    visibility text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    document json NOT NULL
);
CREATE INDEX designations_vendor ON designations (vendor_id, id);
CREATE INDEX designations_regime ON designations (regime_id, id);
CREATE INDEX designations_authority ON designations (authority_id, id);

-- One row a revision: what lists filter and sort by, known in [known_from_seq, known_to_seq).
CREATE TABLE designation_versions (
    designation_id uuid NOT NULL REFERENCES designations (id),
    known_from_seq bigint NOT NULL REFERENCES journal (seq),
    known_to_seq bigint NOT NULL,
    vendor_id uuid,
    regime_id uuid NOT NULL,
    authority_id uuid NOT NULL,
    origin text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    visibility text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    updated_at timestamptz NOT NULL,
    latest_event_on date NOT NULL,
    next_review_on date,
    reason_codes text COLLATE "C" NOT NULL,
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

-- Events, as the journal shows them. Append-only.
CREATE TABLE designation_events (
    id uuid NOT NULL PRIMARY KEY,
    designation_id uuid NOT NULL REFERENCES designations (id),
    seq bigint NOT NULL UNIQUE REFERENCES journal (seq),
    event_type text COLLATE "C" NOT NULL,
    occurred_on date NOT NULL,
    corrects uuid UNIQUE REFERENCES designation_events (id),
    successor_id uuid REFERENCES designations (id),
    document json NOT NULL
);
CREATE INDEX designation_events_designation ON designation_events (designation_id, seq);
CREATE INDEX designation_events_successor ON designation_events (successor_id);

-- Every authority that a designation mentions: its issuer, courts, agencies of scopes.
CREATE TABLE designation_authorities (
    authority_id uuid NOT NULL REFERENCES authorities (id),
    designation_id uuid NOT NULL REFERENCES designations (id),
    PRIMARY KEY (authority_id, designation_id)
);
CREATE INDEX designation_authorities_designation ON designation_authorities (designation_id);

-- Every origin, reason code, environment and action that a designation ever showed, as 'environment:secret'; the word is
-- left out where a scope lists none and so means all. Lists look here for the few that can meet a rare filter.
CREATE TABLE designation_labels (
    label text COLLATE "C" NOT NULL,
    designation_id uuid NOT NULL REFERENCES designations (id),
    PRIMARY KEY (label, designation_id)
);
CREATE INDEX designation_labels_designation ON designation_labels (designation_id);

-- Rectangles of dates [from_on, to_on) and knowledge [known_from_seq, known_to_seq), for set queries.
-- Lists of a scope stand as ',a,b,'; an empty text means all.
CREATE TABLE designation_periods (
    designation_id uuid NOT NULL REFERENCES designations (id),
    scope_id uuid NOT NULL,
    stated_by uuid NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    state text COLLATE "C" NOT NULL,
    event_id uuid NOT NULL,
    known_from_seq bigint NOT NULL,
    known_to_seq bigint NOT NULL,
    vendor_id uuid,
    environments text COLLATE "C" NOT NULL,
    actions text COLLATE "C" NOT NULL,
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
    id uuid NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text COLLATE "C" NOT NULL,
    credential text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    status integer NOT NULL,
    known_seq bigint,
    answer_sha256 text COLLATE "C" NOT NULL,
    request_sha256 text COLLATE "C",
    -- Ids, 500 at most, and how many they were in all.
    vendors json NOT NULL,
    vendor_count bigint NOT NULL,
    restricted json NOT NULL,
    restricted_count bigint NOT NULL,
    address text COLLATE "C",
    request_id text COLLATE "C" NOT NULL
);
CREATE INDEX access_log_at ON access_log (at, id);
CREATE INDEX access_log_actor ON access_log (actor, at, id);
CREATE INDEX access_log_operation ON access_log (operation, at, id);

-- The vendors and designations of an entry, so that it is found by them.
CREATE TABLE access_log_subjects (
    subject_id uuid NOT NULL,
    at timestamptz NOT NULL,
    entry_id uuid NOT NULL REFERENCES access_log (id),
    PRIMARY KEY (subject_id, at, entry_id)
);
CREATE INDEX access_log_subjects_entry ON access_log_subjects (entry_id);

-- Which designations each designation ever named, in a link or as a successor: a public one must not lead to a restricted
-- one, and its history still names what it once did.
CREATE TABLE designation_mentions (
    mentioned_id uuid NOT NULL REFERENCES designations (id),
    designation_id uuid NOT NULL REFERENCES designations (id),
    PRIMARY KEY (mentioned_id, designation_id)
);
CREATE INDEX designation_mentions_designation ON designation_mentions (designation_id);

-- API keys: the record, and of the secret only a keyed hash, which stands in no journal.
CREATE TABLE api_keys (
    id uuid NOT NULL PRIMARY KEY,
    created_seq bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    expires_at timestamptz,
    -- HMAC-SHA256 of the key's id and secret, under the server's secret, in hexadecimal.
    hash text COLLATE "C" NOT NULL,
    -- Which of the server's secrets made the hash: the beginning of a hash of a fixed text.
    hashed_with text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    document json NOT NULL
);
CREATE INDEX api_keys_actor ON api_keys (actor, name);

-- When each key was last used, to the minute. No record: the journal does not know it.
CREATE TABLE api_key_uses (
    api_key_id uuid NOT NULL PRIMARY KEY REFERENCES api_keys (id),
    last_used_at timestamptz NOT NULL
);

-- Reviews: changes of designations that wait for another person, and what became of them.
CREATE TABLE reviews (
    id uuid NOT NULL PRIMARY KEY,
    created_seq bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    change text COLLATE "C" NOT NULL,
    -- No reference: a designation that is only proposed is not there yet.
    designation_id uuid NOT NULL,
    vendor_id uuid REFERENCES vendors (id),
    proposed_by text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    document json NOT NULL
);
-- A list is always of one status.
CREATE INDEX reviews_status ON reviews (status, id);
CREATE INDEX reviews_change ON reviews (change, status, id);
CREATE INDEX reviews_designation ON reviews (designation_id, status, id);
CREATE INDEX reviews_vendor ON reviews (vendor_id, status, id);
CREATE INDEX reviews_proposed_by ON reviews (proposed_by, status, id);

-- Decisions, one for a review and never another. Append-only.
CREATE TABLE review_decisions (
    review_id uuid NOT NULL PRIMARY KEY REFERENCES reviews (id),
    seq bigint NOT NULL UNIQUE REFERENCES journal (seq),
    decision text COLLATE "C" NOT NULL,
    decided_by text COLLATE "C" NOT NULL,
    comment text COLLATE "C"
);

-- The journal, the events and the decisions refuse every change, whoever asks: TRUNCATE walks past row triggers, and
-- session_replication_role past those that are not ENABLE ALWAYS.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER journal_refuses_change BEFORE UPDATE OR DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_refuses_truncate BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER designation_events_refuse_change BEFORE UPDATE OR DELETE ON designation_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER designation_events_refuse_truncate BEFORE TRUNCATE ON designation_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE journal ENABLE ALWAYS TRIGGER journal_refuses_change;
ALTER TABLE journal ENABLE ALWAYS TRIGGER journal_refuses_truncate;
ALTER TABLE designation_events ENABLE ALWAYS TRIGGER designation_events_refuse_change;
ALTER TABLE designation_events ENABLE ALWAYS TRIGGER designation_events_refuse_truncate;
CREATE TRIGGER access_log_refuses_change BEFORE UPDATE OR DELETE ON access_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_refuses_truncate BEFORE TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_subjects_refuse_change BEFORE UPDATE OR DELETE ON access_log_subjects
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_subjects_refuse_truncate BEFORE TRUNCATE ON access_log_subjects
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_refuses_change;
ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_refuses_truncate;
ALTER TABLE access_log_subjects ENABLE ALWAYS TRIGGER access_log_subjects_refuse_change;
ALTER TABLE access_log_subjects ENABLE ALWAYS TRIGGER access_log_subjects_refuse_truncate;

CREATE TRIGGER review_decisions_refuse_change BEFORE UPDATE OR DELETE ON review_decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_decisions_refuse_truncate BEFORE TRUNCATE ON review_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE review_decisions ENABLE ALWAYS TRIGGER review_decisions_refuse_change;
ALTER TABLE review_decisions ENABLE ALWAYS TRIGGER review_decisions_refuse_truncate;
