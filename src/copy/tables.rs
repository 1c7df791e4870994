//! The tables and their columns, in an order in which no row refers to one that is not there yet. The compiler checks the
//! columns, and a test the tables, against src/db/schema.rs.

use chrono::NaiveDate;
use diesel::{
    ExecuteCopyFromDsl, ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl,
    connection::DefaultLoadingMode, pg::PgRowByRowLoadingMode,
};

use super::{
    Side,
    rows::{Weight, pour},
    store,
};
use crate::{
    db::{
        AnyConnection,
        schema::{
            access_log, access_log_subjects, api_key_uses, api_keys, authorities, authority_names,
            designation_authorities, designation_events, designation_labels, designation_mentions,
            designation_periods, designation_versions, designations, idempotency_keys, journal, journal_head,
            regimes, review_decisions, reviews, vendor_identifiers, vendor_labels, vendor_words, vendors,
        },
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    error::Result,
};

/// Copies a table from one connection to another, and says how many rows are there so far.
type Copy = fn(&mut AnyConnection, &mut AnyConnection, &mut dyn FnMut(u64)) -> Result<u64>;

/// A table and how it is copied.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// How many rows it has in an empty registry.
    pub(super) when_empty: u64,
    pub(super) count: fn(&mut AnyConnection) -> Result<u64>,
    pub(super) copy: Copy,
}

/// In the order of copying. The head comes last: it says that the rest is there.
pub(super) const TABLES: &[Table] = &[
    JournalRow::TABLE,
    IdempotencyKeyRow::TABLE,
    AuthorityRow::TABLE,
    AuthorityNameRow::TABLE,
    RegimeRow::TABLE,
    VendorRow::TABLE,
    VendorWordRow::TABLE,
    VendorIdentifierRow::TABLE,
    VendorLabelRow::TABLE,
    DesignationRow::TABLE,
    DesignationVersionRow::TABLE,
    DesignationEventRow::TABLE,
    DesignationAuthorityRow::TABLE,
    DesignationLabelRow::TABLE,
    DesignationPeriodRow::TABLE,
    AccessLogRow::TABLE,
    AccessLogSubjectRow::TABLE,
    ApiKeyRow::TABLE,
    ApiKeyUseRow::TABLE,
    DesignationMentionRow::TABLE,
    ReviewRow::TABLE,
    ReviewDecisionRow::TABLE,
    Table { name: "journal_head", when_empty: 1, count: count_heads, copy: copy_head },
];

macro_rules! tables {
    ($($table:ident $(by $order:ident)? as $row:ident { $($column:ident: $type:ty,)+ })+) => {$(
        /// A row with all of its columns; none is left to a default.
        #[derive(Queryable, Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        struct $row {
            $($column: $type,)+
        }

        impl Weight for $row {
            fn weight(&self) -> usize {
                [$(self.$column.weight()),+].into_iter().sum()
            }
        }

        impl $row {
            const TABLE: Table =
                Table { name: stringify!($table), when_empty: 0, count: Self::count, copy: Self::copy };

            fn count(connection: &mut AnyConnection) -> Result<u64> {
                let count: i64 = $table::table
                    .count()
                    .get_result(connection)
                    .map_err(unexpected(concat!("count the rows of ", stringify!($table))))?;
                Ok(u64::try_from(count).unwrap_or_default())
            }

            fn copy(
                source: &mut AnyConnection,
                target: &mut AnyConnection,
                wrote: &mut dyn FnMut(u64),
            ) -> Result<u64> {
                const READING: &str = concat!("read the rows of ", stringify!($table));
                let query = $table::table$(.order($table::$order.asc()))?;
                let unreadable =
                    |failure| Side::Source.names(unexpected(READING)(failure));
                let write =
                    |rows| Self::write(target, rows).map_err(|failure| Side::Target.names(failure));
                match source {
                    AnyConnection::Postgres(source) => {
                        let rows = query
                            .load_iter::<Self, PgRowByRowLoadingMode>(source)
                            .map_err(unreadable)?;
                        pour(rows, READING, write, wrote)
                    }
                    AnyConnection::Sqlite(source) => {
                        let rows = query
                            .load_iter::<Self, DefaultLoadingMode>(source)
                            .map_err(unreadable)?;
                        pour(rows, READING, write, wrote)
                    }
                }
            }

            fn write(target: &mut AnyConnection, rows: Vec<Self>) -> Result<()> {
                const WRITING: &str = concat!("write rows of ", stringify!($table));
                match target {
                    AnyConnection::Postgres(target) => {
                        diesel::copy_from($table::table)
                            .from_insertable(rows)
                            .execute(target)
                            .map_err(unexpected(WRITING))?;
                    }
                    AnyConnection::Sqlite(target) => {
                        for row in rows {
                            diesel::insert_into($table::table)
                                .values(row)
                                .execute(target)
                                .map_err(unexpected(WRITING))?;
                        }
                    }
                }
                Ok(())
            }
        }
    )+};
}

tables! {
    journal by seq as JournalRow {
        seq: i64,
        recorded_at: DbInstant,
        actor: String,
        action: String,
        subject_kind: String,
        subject_id: DbUuid,
        revision: i64,
        payload: DbJson,
        event: Option<DbJson>,
        comment: Option<String>,
        request_id: String,
        sight: String,
        review_id: Option<DbUuid>,
        digest: String,
    }
    idempotency_keys as IdempotencyKeyRow {
        actor: String,
        method: String,
        path: String,
        key: String,
        request_sha256: String,
        status: i32,
        headers: DbJson,
        body: String,
        recorded_at: DbInstant,
    }
    authorities as AuthorityRow {
        id: DbUuid,
        created_seq: i64,
        status: String,
        name_key: String,
        kind: String,
        country: Option<String>,
        revision: i64,
        updated_at: DbInstant,
        document: DbJson,
    }
    authority_names as AuthorityNameRow {
        name_key: String,
        authority_id: DbUuid,
        status: String,
    }
    regimes as RegimeRow {
        id: DbUuid,
        created_seq: i64,
        slug: String,
        status: String,
        name_key: String,
        authority_id: Option<DbUuid>,
        jurisdiction: String,
        effect: String,
        revision: i64,
        updated_at: DbInstant,
        document: DbJson,
    }
    vendors as VendorRow {
        id: DbUuid,
        created_seq: i64,
        status: String,
        name_key: String,
        country: Option<String>,
        revision: i64,
        updated_at: DbInstant,
        document: DbJson,
    }
    vendor_words as VendorWordRow {
        word: String,
        vendor_id: DbUuid,
    }
    vendor_identifiers as VendorIdentifierRow {
        vendor_id: DbUuid,
        scheme: String,
        value: String,
        status: String,
    }
    vendor_labels as VendorLabelRow {
        vendor_id: DbUuid,
        kind: String,
        label: String,
    }
    designations as DesignationRow {
        id: DbUuid,
        created_seq: i64,
        vendor_id: Option<DbUuid>,
        regime_id: DbUuid,
        authority_id: DbUuid,
        status: String,
        visibility: String,
        revision: i64,
        updated_at: DbInstant,
        document: DbJson,
    }
    designation_versions as DesignationVersionRow {
        designation_id: DbUuid,
        known_from_seq: i64,
        known_to_seq: i64,
        vendor_id: Option<DbUuid>,
        regime_id: DbUuid,
        authority_id: DbUuid,
        origin: String,
        status: String,
        visibility: String,
        name_key: String,
        updated_at: DbInstant,
        latest_event_on: NaiveDate,
        next_review_on: Option<NaiveDate>,
        reason_codes: String,
    }
    designation_events by seq as DesignationEventRow {
        id: DbUuid,
        designation_id: DbUuid,
        seq: i64,
        event_type: String,
        occurred_on: NaiveDate,
        corrects: Option<DbUuid>,
        successor_id: Option<DbUuid>,
        document: DbJson,
    }
    designation_authorities as DesignationAuthorityRow {
        authority_id: DbUuid,
        designation_id: DbUuid,
    }
    designation_labels as DesignationLabelRow {
        label: String,
        designation_id: DbUuid,
    }
    designation_periods as DesignationPeriodRow {
        designation_id: DbUuid,
        scope_id: DbUuid,
        stated_by: DbUuid,
        from_on: NaiveDate,
        to_on: NaiveDate,
        state: String,
        event_id: DbUuid,
        known_from_seq: i64,
        known_to_seq: i64,
        vendor_id: Option<DbUuid>,
        environments: String,
        actions: String,
    }
    access_log as AccessLogRow {
        id: DbUuid,
        at: DbInstant,
        actor: String,
        credential: String,
        operation: String,
        target: String,
        status: i32,
        known_seq: Option<i64>,
        answer_sha256: String,
        request_sha256: Option<String>,
        vendors: DbJson,
        vendor_count: i64,
        restricted: DbJson,
        restricted_count: i64,
        address: Option<String>,
        request_id: String,
    }
    access_log_subjects as AccessLogSubjectRow {
        subject_id: DbUuid,
        at: DbInstant,
        entry_id: DbUuid,
    }
    api_keys as ApiKeyRow {
        id: DbUuid,
        created_seq: i64,
        actor: String,
        name: String,
        role: String,
        status: String,
        expires_at: Option<DbInstant>,
        hash: String,
        hashed_with: String,
        revision: i64,
        updated_at: DbInstant,
        document: DbJson,
    }
    api_key_uses as ApiKeyUseRow {
        api_key_id: DbUuid,
        last_used_at: DbInstant,
    }
    designation_mentions as DesignationMentionRow {
        mentioned_id: DbUuid,
        designation_id: DbUuid,
    }
    reviews as ReviewRow {
        id: DbUuid,
        created_seq: i64,
        status: String,
        change: String,
        designation_id: DbUuid,
        vendor_id: Option<DbUuid>,
        proposed_by: String,
        revision: i64,
        updated_at: DbInstant,
        document: DbJson,
    }
    review_decisions by seq as ReviewDecisionRow {
        review_id: DbUuid,
        seq: i64,
        decision: String,
        decided_by: String,
        comment: Option<String>,
    }
}

fn count_heads(connection: &mut AnyConnection) -> Result<u64> {
    let count: i64 =
        journal_head::table.count().get_result(connection).map_err(unexpected("count the head"))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn copy_head(
    source: &mut AnyConnection,
    target: &mut AnyConnection,
    wrote: &mut dyn FnMut(u64),
) -> Result<u64> {
    store::copy_head(source, target).inspect(|rows| wrote(*rows))
}
