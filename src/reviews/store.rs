//! The tables of reviews: the record as a text beside the columns that lists filter by, and decisions, which are only ever
//! added to.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Text},
};

use super::model::{Review, ReviewChange, ReviewDecision, ReviewStatus};
use crate::{
    db::{
        AnyConnection, MultiBackend, is_taken,
        narrow::{self, Span, Spans, Values},
        schema::{review_decisions as decisions, reviews},
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    error::{Error, Result},
    journal::{column, unsigned},
    values::{DesignationId, ReviewId, VendorId},
};

/// A review's revision and text.
pub(super) fn record(connection: &mut AnyConnection, id: ReviewId) -> Result<Option<(u64, String)>> {
    let found: Option<(i64, DbJson)> = reviews::table
        .find(DbUuid(id.uuid()))
        .select((reviews::revision, reviews::document))
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a review"))?;
    found.map(|(revision, document)| Ok((unsigned(revision)?, document.0))).transpose()
}

pub(super) fn insert(
    connection: &mut AnyConnection,
    (review, document): (&Review, &str),
    seq: u64,
) -> Result<()> {
    diesel::insert_into(reviews::table)
        .values((
            reviews::id.eq(DbUuid(review.id.uuid())),
            reviews::created_seq.eq(column(seq)?),
            reviews::status.eq(review.status.as_str()),
            reviews::change.eq(review.proposal.change().as_str()),
            reviews::designation_id.eq(DbUuid(review.designation_id.uuid())),
            reviews::vendor_id.eq(review.vendor_id.map(|id| DbUuid(id.uuid()))),
            reviews::proposed_by.eq(&review.proposed_by),
            reviews::revision.eq(column(review.revision)?),
            reviews::updated_at.eq(DbInstant(review.updated_at)),
            reviews::document.eq(DbJson(document.to_owned())),
        ))
        .execute(connection)
        .map_err(unexpected("insert a review"))?;
    Ok(())
}

/// Writes a decision beside the review that it decides. That there is one row for a review is what makes a second decision
/// impossible, whatever was read before.
pub(super) fn decide(
    connection: &mut AnyConnection,
    (review, decision): (&Review, &ReviewDecision),
    document: &str,
    seq: u64,
) -> Result<()> {
    let inserted = diesel::insert_into(decisions::table)
        .values((
            decisions::review_id.eq(DbUuid(review.id.uuid())),
            decisions::seq.eq(column(seq)?),
            decisions::decision.eq(review.status.as_str()),
            decisions::decided_by.eq(&decision.by),
            decisions::comment.eq(decision.comment.as_deref()),
        ))
        .execute(connection);
    inserted.map_err(|failure| {
        if is_taken(&failure) {
            Error::conflict("already_decided", format!("review {} is decided already", review.id))
        } else {
            unexpected("insert a decision")(failure)
        }
    })?;
    diesel::update(reviews::table.find(DbUuid(review.id.uuid())))
        .set((
            reviews::status.eq(review.status.as_str()),
            reviews::revision.eq(column(review.revision)?),
            reviews::updated_at.eq(DbInstant(review.updated_at)),
            reviews::document.eq(DbJson(document.to_owned())),
        ))
        .execute(connection)
        .map_err(unexpected("update a review"))?;
    Ok(())
}

/// Whether any review is of this designation.
pub(super) fn is_proposed(connection: &mut AnyConnection, id: DesignationId) -> Result<bool> {
    let of_it = Span::of_values(connection, ("id", "reviews"), "designation_id", &Values::Ids(&[id.uuid()]));
    narrow::any(connection, of_it)
}

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) status: ReviewStatus,
    pub(super) designation: Option<DesignationId>,
    pub(super) vendor: Option<VendorId>,
    pub(super) proposed_by: Option<String>,
    pub(super) changes: Vec<ReviewChange>,
}

impl Filter {
    /// Where those are that can meet each filter and have the status.
    fn spans(&self, connection: &AnyConnection) -> Vec<Spans> {
        const ROWS: (&str, &str) = ("id", "reviews");
        let status = format!("status = '{}'", self.status);
        let of = |column: &str, values: &Values<'_>| {
            vec![Span::of_values(connection, ROWS, column, values).within(&status)]
        };
        let mut filters = Vec::new();
        filters.extend(self.designation.map(|id| of("designation_id", &Values::Ids(&[id.uuid()]))));
        filters.extend(self.vendor.map(|id| of("vendor_id", &Values::Ids(&[id.uuid()]))));
        if let Some(proposed_by) = &self.proposed_by {
            let condition = format!("proposed_by = $1 AND {status}");
            filters.push(vec![Span::new(ROWS, &condition, "id").bind(vec![proposed_by.clone()])]);
        }
        if !self.changes.is_empty() {
            let words: Vec<String> = self.changes.iter().map(ToString::to_string).collect();
            filters.push(of("change", &Values::Words(&words)));
        }
        filters
    }
}

/// So many reviews after one, oldest first: their ids rise with time.
pub(super) fn list(
    connection: &mut AnyConnection,
    filter: &Filter,
    (after, limit): (Option<ReviewId>, i64),
) -> Result<Vec<(ReviewId, String)>> {
    let spans = filter.spans(connection);
    let Some(reached) = narrow::reach(connection, "reviews", filter.status, spans)? else {
        return Ok(Vec::new());
    };
    let mut query = reviews::table
        .select((reviews::id, reviews::document))
        .filter(reached)
        .order(reviews::id.asc())
        .limit(limit)
        .into_boxed::<MultiBackend>();
    if let Some(after) = after {
        query = query.filter(reviews::id.gt(DbUuid(after.uuid())));
    }
    let is = |condition: String| sql::<Bool>(&narrow::settled(&condition));
    if let Some(id) = filter.designation {
        query = query.filter(is(format!("reviews.designation_id = '{id}'")));
    }
    if let Some(id) = filter.vendor {
        query = query.filter(is(format!("reviews.vendor_id = '{id}'")));
    }
    if let Some(proposed_by) = &filter.proposed_by {
        query = query.filter(
            sql::<Bool>("CASE WHEN reviews.proposed_by = ")
                .bind::<Text, _>(proposed_by.clone())
                .sql(" THEN TRUE ELSE FALSE END"),
        );
    }
    if !filter.changes.is_empty() {
        let words: Vec<&str> = filter.changes.iter().map(|change| change.as_str()).collect();
        query = query.filter(is(format!("reviews.change IN ('{}')", words.join("', '"))));
    }
    let found: Vec<(DbUuid, DbJson)> = query.load(connection).map_err(unexpected("list reviews"))?;
    Ok(found.into_iter().map(|(id, document)| (id.0.into(), document.0)).collect())
}
