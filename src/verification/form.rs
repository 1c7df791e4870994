//! How keys are written, and whether the schema is whole.

use diesel::{QueryableByName, RunQueryDsl, sql_types::BigInt};

use super::{replay::Expected, report::Report};
use crate::{
    db::{AnyConnection, schema_differences, unexpected},
    error::Result,
};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// SQLite compares texts, so a key that reads the same but is written otherwise would never be found again.
pub(super) fn check(connection: &mut AnyConnection, _: &Expected, report: &mut Report) -> Result<()> {
    for difference in schema_differences(connection)? {
        report.differs(difference);
    }
    let AnyConnection::Sqlite(sqlite) = connection else { return Ok(()) };
    let uuid = "length({}) <> 36 OR {} GLOB '*[^0-9a-f-]*'";
    let day = "{} NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'";
    let instant = "length({}) <> 27 OR substr({}, 11, 1) <> 'T' OR substr({}, 27) <> 'Z'";
    let columns = [
        ("journal", "subject_id", uuid),
        ("journal", "recorded_at", instant),
        ("vendors", "id", uuid),
        ("vendors", "updated_at", instant),
        ("vendor_words", "vendor_id", uuid),
        ("vendor_identifiers", "vendor_id", uuid),
        ("vendor_labels", "vendor_id", uuid),
        ("authorities", "id", uuid),
        ("authorities", "updated_at", instant),
        ("authority_names", "authority_id", uuid),
        ("regimes", "id", uuid),
        ("regimes", "authority_id", uuid),
        ("regimes", "updated_at", instant),
        ("designations", "id", uuid),
        ("designations", "vendor_id", uuid),
        ("designations", "regime_id", uuid),
        ("designations", "authority_id", uuid),
        ("designations", "updated_at", instant),
        ("designation_events", "id", uuid),
        ("designation_events", "designation_id", uuid),
        ("designation_events", "corrects", uuid),
        ("designation_events", "successor_id", uuid),
        ("designation_events", "occurred_on", day),
        ("designation_authorities", "authority_id", uuid),
        ("designation_authorities", "designation_id", uuid),
        ("designation_labels", "designation_id", uuid),
        ("designation_mentions", "mentioned_id", uuid),
        ("designation_mentions", "designation_id", uuid),
        ("designation_versions", "designation_id", uuid),
        ("designation_versions", "vendor_id", uuid),
        ("designation_versions", "regime_id", uuid),
        ("designation_versions", "authority_id", uuid),
        ("designation_versions", "updated_at", instant),
        ("designation_versions", "latest_event_on", day),
        ("designation_versions", "next_review_on", day),
        ("designation_versions", "status", "0"),
        ("designation_periods", "designation_id", uuid),
        ("designation_periods", "scope_id", uuid),
        ("designation_periods", "vendor_id", uuid),
        ("designation_periods", "event_id", uuid),
        ("designation_periods", "stated_by", uuid),
        ("designation_periods", "from_on", day),
        ("designation_periods", "to_on", day),
        ("designation_periods", "state", "0"),
        ("reviews", "id", uuid),
        ("reviews", "designation_id", uuid),
        ("reviews", "vendor_id", uuid),
        ("reviews", "updated_at", instant),
        ("review_decisions", "review_id", uuid),
        ("api_keys", "id", uuid),
        ("api_keys", "updated_at", instant),
        ("api_keys", "expires_at", instant),
        ("api_key_uses", "api_key_id", uuid),
        ("api_key_uses", "last_used_at", instant),
    ];
    for (table, column, wrong) in columns {
        let wrong = wrong.replace("{}", column);
        let text = format!(
            "SELECT count(*) AS count FROM {table} \
             WHERE {column} IS NOT NULL AND (typeof({column}) <> 'text' OR {wrong})"
        );
        let found = diesel::sql_query(text)
            .get_result::<Count>(sqlite)
            .map_err(unexpected("check the form of keys"))?;
        if found.count > 0 {
            report.differs(format!(
                "{table}.{column}: {} row(s) are not written as the registry writes",
                found.count
            ));
        }
    }
    Ok(())
}
