//! What statistics ask of the tables of periods and versions: `counts` has one day counted by the database, `stretches`
//! reads what many days are counted from. Here is what they have in common. The texts hold the model's own words, ids, dates
//! and numbers, never a client's text.

mod counts;
mod stretches;

use std::collections::BTreeSet;

use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

pub(super) use counts::{MOST_GROUPS, counts};
pub(super) use stretches::each_stretch;

use super::model::{Dimensions, Filter};
use crate::{
    db::{
        AnyConnection, Sight,
        narrow::{self, Span, Values, among_text, is_open},
        types::{DbUuid, SqlUuid},
        unexpected, visibility_now,
    },
    designations::model::{DesignationStatus, Visibility},
    error::{Error, Result},
    journal::{Knowledge, column},
};

/// What is counted, for whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'q> {
    pub(super) filter: &'q Filter,
    pub(super) dimensions: &'q Dimensions,
    pub(super) known: Knowledge,
    pub(super) sight: Sight,
}

impl Asked<'_> {
    /// The ids of each column that is filtered by ids.
    fn ids(&self) -> [(&'static str, Vec<Uuid>); 3] {
        [
            ("vendor_id", self.filter.vendors.iter().map(|id| id.uuid()).collect()),
            ("regime_id", self.filter.regimes.iter().map(|id| id.uuid()).collect()),
            ("authority_id", self.filter.authorities.iter().map(|id| id.uuid()).collect()),
        ]
    }

    /// Designations among which all that count are, or `None` where they are many: all of the periods are read then. What is
    /// fixed at creation, the records tell as of any time.
    fn few(&self, connection: &mut AnyConnection) -> Result<Option<BTreeSet<Uuid>>> {
        let mut filters = Vec::new();
        for (by, ids) in self.ids().iter().filter(|(_, ids)| !ids.is_empty()) {
            let table = ("id", "designations");
            let span = Span::of_values(connection, table, by, &Values::Ids(ids));
            filters.push(vec![match self.sight.of_designation(span.id()) {
                Some(seen) => span.that(&seen),
                None => span,
            }]);
        }
        narrow::few(connection, filters)
    }

    /// That a row of a table was known.
    fn known(&self, table: &str) -> Result<String> {
        if self.known.is_head {
            return Ok(is_open(table));
        }
        let seq = column(self.known.seq)?;
        Ok(format!("{table}.known_from_seq <= {seq} AND {table}.known_to_seq > {seq}"))
    }

    /// What must be true of a period's designation, for the periods alone.
    fn of_periods(&self, connection: &AnyConnection, few: Option<BTreeSet<Uuid>>) -> Result<String> {
        let among = few.map(|few| format!(" AND {}", among_text(connection, "p.designation_id", few)));
        Ok(self.known("p")? + &among.unwrap_or_default())
    }

    /// What must be true of its version.
    fn of_versions(&self, connection: &AnyConnection) -> Result<String> {
        let mut conditions = vec![self.known("designation_versions")?];
        for (by, ids) in self.ids().into_iter().filter(|(_, ids)| !ids.is_empty()) {
            conditions.push(among_text(connection, &format!("designation_versions.{by}"), ids));
        }
        if !self.filter.origins.is_empty() {
            let origins: Vec<&str> = self.filter.origins.iter().map(|origin| origin.as_str()).collect();
            conditions.push(format!("designation_versions.origin IN ('{}')", origins.join("', '")));
        }
        conditions.extend(self.sight.of_versions().map(ToOwned::to_owned));
        // One that is known now is as public as its designation.
        let now = self.sight.of_designation("designation_versions.designation_id");
        conditions.extend(now.filter(|_| !self.known.is_head));
        Ok(conditions.join(" AND "))
    }
}

/// A word of the model from a column.
fn read<T>(word: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    parse(word).ok_or_else(|| Error::internal(format!("a column has the word {word}")))
}

/// The words of a column that holds `,a,b,`.
fn words<T>(column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
    column.split(',').filter(|word| !word.is_empty()).map(|word| read(word, &parse)).collect()
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: DbUuid,
}

/// The restricted designations, now or in the version that was known, among those that a question is about, whatever state
/// they are in.
pub(super) fn restricted(connection: &mut AnyConnection, asked: Asked<'_>) -> Result<Vec<Uuid>> {
    let (public, active) = (Visibility::Public, DesignationStatus::Active);
    let query = format!(
        "SELECT designation_versions.designation_id AS id FROM designation_versions \
         WHERE {} AND designation_versions.status = '{active}' \
         AND (designation_versions.visibility <> '{public}' OR {} <> '{public}')",
        asked.of_versions(connection)?,
        visibility_now("designation_versions.designation_id"),
    );
    let found: Vec<Id> =
        diesel::sql_query(query).load(connection).map_err(unexpected("look for restricted designations"))?;
    Ok(found.into_iter().map(|row| row.id.0).collect())
}
