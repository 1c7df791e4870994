//! What guards a PostgreSQL schema: the triggers that refuse to change the log, and the columns,
//! constraints and indexes that keep wrong rows out. An owner can take them off, or put something before them; this finds
//! out.

use std::collections::BTreeSet;

use diesel::{PgConnection, RunQueryDsl, sql_types};

use super::{failure::unexpected, roles::RIGHTS};
use crate::error::Result;

/// Table, trigger, and `tgtype` of each: before (2), for each row (1), on delete (8), update (16), truncate (32).
const GUARDS: [(&str, &str, i16); 10] = [
    ("journal", "journal_refuses_change", 1 + 2 + 8 + 16),
    ("journal", "journal_refuses_truncate", 2 + 32),
    ("designation_events", "designation_events_refuse_change", 1 + 2 + 8 + 16),
    ("designation_events", "designation_events_refuse_truncate", 2 + 32),
    ("access_log", "access_log_refuses_change", 1 + 2 + 8 + 16),
    ("access_log", "access_log_refuses_truncate", 2 + 32),
    ("access_log_subjects", "access_log_subjects_refuse_change", 1 + 2 + 8 + 16),
    ("access_log_subjects", "access_log_subjects_refuse_truncate", 2 + 32),
    ("review_decisions", "review_decisions_refuse_change", 1 + 2 + 8 + 16),
    ("review_decisions", "review_decisions_refuse_truncate", 2 + 32),
];

/// What a guard runs.
const REFUSAL: &str =
    "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END;";

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = sql_types::Text)]
    table_name: String,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
    #[diesel(sql_type = sql_types::SmallInt)]
    kind: i16,
    /// Whether it fires always, whatever a session sets, and for every row.
    #[diesel(sql_type = sql_types::Bool)]
    always: bool,
    #[diesel(sql_type = sql_types::Text)]
    runs: String,
}

/// What the migrations make of the registry's tables, in the words of [`PARTS`], a line each. `verify` on a new database
/// holds it to them.
const MADE: &str = include_str!("guards_postgres.txt");

/// Columns, constraints, indexes, rules, and tables that hide rows. Names of schemas are left out: any may hold it all.
/// NOT NULL is told by the columns; as a constraint with a name of its own it is known to newer servers alone.
const PARTS: &str = "
    WITH tables AS (
        SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relname = ANY ($1)
    )
    SELECT format('%s.%s: %s%s%s', relname, attname, format_type(atttypid, atttypmod),
                  CASE WHEN attcollation <> typcollation THEN format(' COLLATE %I', collname) END,
                  CASE WHEN attnotnull THEN ' NOT NULL' END) AS part
    FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
    JOIN pg_type ON pg_type.oid = atttypid LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    UNION ALL
    SELECT format('%s: %s%s', conname, pg_get_constraintdef(o.oid, true),
                  CASE WHEN NOT convalidated THEN ' (not validated)' END)
    FROM tables JOIN pg_constraint o ON conrelid = tables.oid WHERE contype IN ('p', 'u', 'f', 'c', 'x')
    UNION ALL
    SELECT format('%s: %s%s', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid, 0, true),
                  CASE WHEN NOT (indisvalid AND indisready AND indislive) THEN ' (not valid)' END)
    FROM tables JOIN pg_index i ON indrelid = tables.oid
    UNION ALL
    SELECT format('the rule %s of %s: %s', rulename, relname, pg_get_ruledef(r.oid, true))
    FROM tables JOIN pg_rewrite r ON ev_class = tables.oid
    UNION ALL
    SELECT format('row-level security of %s: on', relname) FROM tables WHERE relrowsecurity OR relforcerowsecurity";

#[derive(diesel::QueryableByName)]
struct Part {
    #[diesel(sql_type = sql_types::Text)]
    part: String,
}

/// What of the schema is not what the migrations make.
///
/// # Errors
/// When the schema can't be read.
pub(super) fn differences(connection: &mut PgConnection) -> Result<Vec<String>> {
    let mut differences = of_triggers(connection)?;
    differences.extend(of_parts(connection)?);
    Ok(differences)
}

fn of_parts(connection: &mut PgConnection) -> Result<BTreeSet<String>> {
    let tables: Vec<&str> =
        RIGHTS.iter().map(|(table, _)| *table).filter(|table| *table != APPLIED).collect();
    let found: Vec<Part> = diesel::sql_query(PARTS)
        .bind::<sql_types::Array<sql_types::Text>, _>(tables)
        .load(connection)
        .map_err(unexpected("read the schema"))?;
    let found: BTreeSet<&str> = found.iter().map(|part| part.part.as_str()).collect();
    let made: BTreeSet<&str> = MADE.lines().collect();
    let name = |part: &str| part.split(": ").next().unwrap_or_default().to_owned();
    let names: BTreeSet<String> = made.iter().map(|part| name(part)).collect();
    let missing = made.difference(&found).map(|part| format!("schema: {} is missing or altered", name(part)));
    let extra = found.difference(&made).map(|part| name(part)).filter(|name| !names.contains(name));
    Ok(missing.chain(extra.map(|name| format!("schema: {name} does not belong there"))).collect())
}

/// Diesel's own table, which is not of these migrations.
const APPLIED: &str = "__diesel_schema_migrations";

fn of_triggers(connection: &mut PgConnection) -> Result<Vec<String>> {
    let found: Vec<Found> = diesel::sql_query(
        "SELECT r.relname::text AS table_name, t.tgname::text AS name, t.tgtype AS kind, \
                t.tgenabled = 'A' AND t.tgqual IS NULL AND cardinality(t.tgattr::int2[]) = 0 AS always, \
                p.prosrc AS runs \
         FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid \
         JOIN pg_namespace n ON n.oid = r.relnamespace \
         WHERE NOT t.tgisinternal AND n.nspname = current_schema()",
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
