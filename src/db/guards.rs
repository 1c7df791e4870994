//! The guards of a PostgreSQL schema: the triggers that refuse to change the journal and the events. An owner can take
//! them off; this finds out.

use std::collections::BTreeSet;

use diesel::{PgConnection, RunQueryDsl};

use super::failure::unexpected;
use crate::error::Result;

/// Table, trigger, and `tgtype` of each: before (2), for each row (1), on delete (8), update (16), truncate (32).
const GUARDS: [(&str, &str, i16); 4] = [
    ("journal", "journal_refuses_change", 1 + 2 + 8 + 16),
    ("journal", "journal_refuses_truncate", 2 + 32),
    ("designation_events", "designation_events_refuse_change", 1 + 2 + 8 + 16),
    ("designation_events", "designation_events_refuse_truncate", 2 + 32),
];

/// What a guard runs.
const REFUSAL: &str =
    "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END;";

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    table_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::SmallInt)]
    kind: i16,
    /// Whether it fires always, whatever a session sets, and for every row.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    always: bool,
    #[diesel(sql_type = diesel::sql_types::Text)]
    runs: String,
}

/// What of the triggers is not what the migrations make.
///
/// # Errors
/// When the schema can't be read.
pub(super) fn differences(connection: &mut PgConnection) -> Result<Vec<String>> {
    let found: Vec<Found> = diesel::sql_query(
        "SELECT r.relname::text AS table_name, t.tgname::text AS name, t.tgtype AS kind, \
                t.tgenabled = 'A' AND t.tgqual IS NULL AND cardinality(t.tgattr::int2[]) = 0 AS always, \
                p.prosrc AS runs \
         FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid \
         WHERE NOT t.tgisinternal AND r.relnamespace = current_schema()::regnamespace",
    )
    .load(connection)
    .map_err(unexpected("read the triggers"))?;
    let sound: BTreeSet<(&str, &str, i16)> = found
        .iter()
        .filter(|trigger| trigger.always && trigger.runs.split_whitespace().eq(REFUSAL.split_whitespace()))
        .map(|trigger| (trigger.table_name.as_str(), trigger.name.as_str(), trigger.kind))
        .collect();
    let missing = GUARDS.iter().filter(|guard| !sound.contains(*guard));
    let missing = missing.map(|(_, name, _)| format!("schema: {name} is missing, altered or off"));
    let strange = |trigger: &&Found| !GUARDS.iter().any(|(_, name, _)| trigger.name == *name);
    let extra = found.iter().filter(strange);
    let extra = extra.map(|trigger| format!("schema: {} does not belong there", trigger.name));
    Ok(missing.chain(extra).collect())
}
