//! The tables as Diesel sees them. The migrations are the truth; a test compares the two.

use diesel::table;

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{SqlInstant, SqlJson, SqlUuid};

    journal (seq) {
        seq -> BigInt,
        recorded_at -> SqlInstant,
        actor -> Text,
        action -> Text,
        subject_kind -> Text,
        subject_id -> SqlUuid,
        revision -> BigInt,
        payload -> SqlJson,
        event -> Nullable<SqlJson>,
        comment -> Nullable<Text>,
        request_id -> Text,
        sight -> Text,
        review_id -> Nullable<SqlUuid>,
        digest -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer};
    use crate::db::types::SqlInstant;

    journal_head (id) {
        id -> Integer,
        seq -> BigInt,
        recorded_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Integer, Text};
    use crate::db::types::{SqlInstant, SqlJson};

    idempotency_keys (actor, method, path, key) {
        actor -> Text,
        method -> Text,
        path -> Text,
        key -> Text,
        request_sha256 -> Text,
        status -> Integer,
        headers -> SqlJson,
        body -> Text,
        recorded_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{SqlInstant, SqlJson, SqlUuid};

    authorities (id) {
        id -> SqlUuid,
        created_seq -> BigInt,
        status -> Text,
        name_key -> Text,
        kind -> Text,
        country -> Nullable<Text>,
        revision -> BigInt,
        updated_at -> SqlInstant,
        document -> SqlJson,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::db::types::SqlUuid;

    authority_names (name_key, authority_id) {
        name_key -> Text,
        authority_id -> SqlUuid,
        status -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{SqlInstant, SqlJson, SqlUuid};

    regimes (id) {
        id -> SqlUuid,
        created_seq -> BigInt,
        slug -> Text,
        status -> Text,
        name_key -> Text,
        authority_id -> Nullable<SqlUuid>,
        jurisdiction -> Text,
        effect -> Text,
        revision -> BigInt,
        updated_at -> SqlInstant,
        document -> SqlJson,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{SqlInstant, SqlJson, SqlUuid};

    vendors (id) {
        id -> SqlUuid,
        created_seq -> BigInt,
        status -> Text,
        name_key -> Text,
        country -> Nullable<Text>,
        revision -> BigInt,
        updated_at -> SqlInstant,
        document -> SqlJson,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::db::types::SqlUuid;

    vendor_words (word, vendor_id) {
        word -> Text,
        vendor_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::db::types::SqlUuid;

    vendor_identifiers (vendor_id, scheme, value) {
        vendor_id -> SqlUuid,
        scheme -> Text,
        value -> Text,
        status -> Text,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::db::types::SqlUuid;

    vendor_labels (kind, label, vendor_id) {
        vendor_id -> SqlUuid,
        kind -> Text,
        label -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{SqlInstant, SqlJson, SqlUuid};

    designations (id) {
        id -> SqlUuid,
        created_seq -> BigInt,
        vendor_id -> Nullable<SqlUuid>,
        regime_id -> SqlUuid,
        authority_id -> SqlUuid,
        status -> Text,
        visibility -> Text,
        revision -> BigInt,
        updated_at -> SqlInstant,
        document -> SqlJson,
    }
}

table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::{SqlInstant, SqlUuid};

    designation_versions (designation_id, known_from_seq) {
        designation_id -> SqlUuid,
        known_from_seq -> BigInt,
        known_to_seq -> BigInt,
        vendor_id -> Nullable<SqlUuid>,
        regime_id -> SqlUuid,
        authority_id -> SqlUuid,
        origin -> Text,
        status -> Text,
        visibility -> Text,
        name_key -> Text,
        updated_at -> SqlInstant,
        latest_event_on -> Date,
        next_review_on -> Nullable<Date>,
        reason_codes -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::{SqlJson, SqlUuid};

    designation_events (id) {
        id -> SqlUuid,
        designation_id -> SqlUuid,
        seq -> BigInt,
        event_type -> Text,
        occurred_on -> Date,
        corrects -> Nullable<SqlUuid>,
        successor_id -> Nullable<SqlUuid>,
        document -> SqlJson,
    }
}

table! {
    use crate::db::types::SqlUuid;

    designation_authorities (authority_id, designation_id) {
        authority_id -> SqlUuid,
        designation_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::db::types::SqlUuid;

    designation_labels (label, designation_id) {
        label -> Text,
        designation_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::SqlUuid;

    designation_periods (designation_id, scope_id, from_on, known_from_seq) {
        designation_id -> SqlUuid,
        scope_id -> SqlUuid,
        stated_by -> SqlUuid,
        from_on -> Date,
        to_on -> Date,
        state -> Text,
        event_id -> SqlUuid,
        known_from_seq -> BigInt,
        known_to_seq -> BigInt,
        vendor_id -> Nullable<SqlUuid>,
        environments -> Text,
        actions -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::db::types::{SqlInstant, SqlJson, SqlUuid};

    access_log (id) {
        id -> SqlUuid,
        at -> SqlInstant,
        actor -> Text,
        credential -> Text,
        operation -> Text,
        target -> Text,
        status -> Integer,
        known_seq -> Nullable<BigInt>,
        answer_sha256 -> Text,
        request_sha256 -> Nullable<Text>,
        vendors -> SqlJson,
        vendor_count -> BigInt,
        restricted -> SqlJson,
        restricted_count -> BigInt,
        address -> Nullable<Text>,
        request_id -> Text,
    }
}

table! {
    use crate::db::types::{SqlInstant, SqlUuid};

    access_log_subjects (subject_id, at, entry_id) {
        subject_id -> SqlUuid,
        at -> SqlInstant,
        entry_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{SqlInstant, SqlJson, SqlUuid};

    api_keys (id) {
        id -> SqlUuid,
        created_seq -> BigInt,
        actor -> Text,
        name -> Text,
        role -> Text,
        status -> Text,
        expires_at -> Nullable<SqlInstant>,
        hash -> Text,
        hashed_with -> Text,
        revision -> BigInt,
        updated_at -> SqlInstant,
        document -> SqlJson,
    }
}

table! {
    use crate::db::types::{SqlInstant, SqlUuid};

    api_key_uses (api_key_id) {
        api_key_id -> SqlUuid,
        last_used_at -> SqlInstant,
    }
}

table! {
    use crate::db::types::SqlUuid;

    designation_mentions (mentioned_id, designation_id) {
        mentioned_id -> SqlUuid,
        designation_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{SqlInstant, SqlJson, SqlUuid};

    reviews (id) {
        id -> SqlUuid,
        created_seq -> BigInt,
        status -> Text,
        change -> Text,
        designation_id -> SqlUuid,
        vendor_id -> Nullable<SqlUuid>,
        proposed_by -> Text,
        revision -> BigInt,
        updated_at -> SqlInstant,
        document -> SqlJson,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::SqlUuid;

    review_decisions (review_id) {
        review_id -> SqlUuid,
        seq -> BigInt,
        decision -> Text,
        decided_by -> Text,
        comment -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    journal,
    journal_head,
    authorities,
    authority_names,
    regimes,
    vendors,
    vendor_words,
    vendor_identifiers,
    vendor_labels,
    designations,
    designation_versions,
    designation_events,
    designation_authorities,
    designation_labels,
    designation_periods,
    access_log,
    access_log_subjects,
    api_keys,
    api_key_uses,
    designation_mentions,
    reviews,
    review_decisions,
);
