//! Pages of vendors.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Text},
};

use super::super::model::words_of;
use crate::{
    db::{
        AnyConnection, Keyset, Listed, MultiBackend, Sight, SortKey,
        narrow::{self, Prefix, Span, Spans, Values},
        schema::vendors,
        sorted,
        types::{DbInstant, DbUuid},
        unexpected,
    },
    designations::timeline::ScopeState,
    error::Result,
    http::Listing,
    values::{Date, RecordStatus, VendorId, fold},
};

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub struct Filter {
    pub name: Option<String>,
    pub identifier: Option<(String, String)>,
    /// ISO 3166-1 codes.
    pub countries: Vec<String>,
    pub roles: Vec<String>,
    pub tags: Vec<String>,
    pub status: RecordStatus,
    /// Whether a designation binds it on this day.
    pub designated: Option<(bool, Date)>,
}

/// A query over vendors, still without its columns.
type Found = vendors::BoxedQuery<'static, MultiBackend>;

/// A filter in the form in which the tables are asked.
struct Search<'f> {
    sight: Sight,
    filter: &'f Filter,
    /// Each must begin some word of some name.
    prefixes: Vec<Prefix>,
    /// Kind and folded labels; one of each kind's must be there.
    labels: Vec<(&'static str, Vec<String>)>,
}

impl<'f> Search<'f> {
    fn of(sight: Sight, filter: &'f Filter) -> Self {
        let folded = |labels: &[String]| labels.iter().map(|label| fold(label)).collect::<Vec<_>>();
        let words = filter.name.as_deref().map(words_of).unwrap_or_default();
        let labels = [("role", folded(&filter.roles)), ("tag", folded(&filter.tags))];
        Self {
            sight,
            filter,
            prefixes: words.into_iter().filter_map(Prefix::of).collect(),
            labels: labels.into_iter().filter(|(_, labels)| !labels.is_empty()).collect(),
        }
    }

    /// Where those are that can meet each filter.
    fn spans(&self, connection: &AnyConnection) -> Vec<Spans> {
        let mut filters = Vec::new();
        if let Some((scheme, value)) = &self.filter.identifier {
            let bearing =
                Span::new(("vendor_id", "vendor_identifiers"), "value = $1 AND scheme = $2", "vendor_id");
            filters.push(vec![bearing.bind(vec![value.clone(), scheme.clone()])]);
        }
        if self.filter.name.is_some() && self.prefixes.is_empty() {
            filters.push(Vec::new());
        }
        for prefix in &self.prefixes {
            let words = Span::new(("vendor_id", "vendor_words"), "word >= $1 AND word < $2", "word");
            filters.push(vec![words.bind(prefix.ends())]);
        }
        for (kind, labels) in &self.labels {
            let of_label = |(number, label): (usize, &String)| {
                let place = number.saturating_add(1);
                let condition = format!("kind = '{kind}' AND label = ${place}");
                Span::new(("vendor_id", "vendor_labels"), &condition, "vendor_id").bind(vec![label.clone()])
            };
            filters.push(labels.iter().enumerate().map(of_label).collect());
        }
        if !self.filter.countries.is_empty() {
            let countries = Values::Words(&self.filter.countries);
            filters.push(vec![Span::of_values(connection, ("id", "vendors"), "country", &countries)]);
        }
        if let Some((true, on)) = self.filter.designated {
            let binding: Vec<String> =
                ScopeState::words_of(ScopeState::binds).iter().map(ToString::to_string).collect();
            let periods = ("vendor_id", "designation_periods");
            let bound = Span::of_values(connection, periods, "state", &Values::Words(&binding));
            let open = narrow::is_open("designation_periods");
            let today = format!("{open} AND to_on > '{on}' AND vendor_id IS NOT NULL");
            let bound = bound.within(&today);
            filters.push(vec![match self.sight.of_designation("designation_periods.designation_id") {
                Some(seen) => bound.that(&seen),
                None => bound,
            }]);
        }
        filters
    }
}

/// The vendors that a filter leaves, in an order and from a key on, as a query to which columns and a limit are to be added;
/// `None` where it leaves nothing. Each filter is a condition that no index is chosen by (`settled`, or a look-up that is made for one
/// row at a time: LIMIT keeps planners from turning it around); what an index finds is settled before.
fn found(
    connection: &mut AnyConnection,
    sight: Sight,
    filter: &Filter,
    (sort, keyset): (SortKey, &Keyset),
) -> Result<Option<Found>> {
    let search = Search::of(sight, filter);
    let query = vendors::table.into_boxed::<MultiBackend>();
    // Before anything else: a cursor that can't be read is refused, however little there is to list.
    let mut query = sorted!(query, vendors, sort, keyset);
    let spans = search.spans(connection);
    let Some(reached) = narrow::reach(connection, "vendors", filter.status, spans)? else {
        return Ok(None);
    };
    query = query.filter(reached);
    if !filter.countries.is_empty() {
        let countries = filter.countries.join("', '");
        query = query.filter(sql::<Bool>(&narrow::settled(&format!("vendors.country IN ('{countries}')"))));
    }
    for prefix in &search.prefixes {
        let begin = "EXISTS (SELECT 1 FROM vendor_words w WHERE w.vendor_id = vendors.id AND w.word >= ";
        query = query.filter(
            sql::<Bool>(begin)
                .bind::<Text, _>(prefix.from.clone())
                .sql(" AND w.word < ")
                .bind::<Text, _>(prefix.past.clone())
                .sql(" LIMIT 1 OFFSET 0)"),
        );
    }
    if let Some((scheme, value)) = &filter.identifier {
        let begin =
            "EXISTS (SELECT 1 FROM vendor_identifiers i WHERE i.vendor_id = vendors.id AND i.scheme = ";
        query = query.filter(
            sql::<Bool>(begin)
                .bind::<Text, _>(scheme.clone())
                .sql(" AND i.value = ")
                .bind::<Text, _>(value.clone())
                .sql(" LIMIT 1 OFFSET 0)"),
        );
    }
    for (kind, labels) in &search.labels {
        let one_of = narrow::among_texts(connection, "l.label");
        let begin = format!(
            "EXISTS (SELECT 1 FROM vendor_labels l WHERE l.vendor_id = vendors.id AND l.kind = '{kind}' AND {}",
            one_of.0
        );
        let labels = crate::http::to_json(labels)?;
        query =
            query.filter(sql::<Bool>(&begin).bind::<Text, _>(labels).sql(one_of.1).sql(" LIMIT 1 OFFSET 0)"));
    }
    if let Some((designated, on)) = filter.designated {
        let states = ScopeState::words_of(ScopeState::binds).join("', '");
        let not = if designated { "" } else { "NOT " };
        let seen = sight.of_designation("p.designation_id");
        let seen = seen.map(|seen| format!(" AND {}", narrow::settled(&seen))).unwrap_or_default();
        query = query.filter(sql::<Bool>(&format!(
            "{not}EXISTS (SELECT 1 FROM designation_periods p WHERE p.vendor_id = vendors.id AND {} \
             AND p.state IN ('{states}') AND p.from_on <= '{on}' AND p.to_on > '{on}'{seen} LIMIT 1 OFFSET 0)",
            narrow::is_open("p"),
        )));
    }
    Ok(Some(query))
}

/// A page of vendors.
pub(in crate::vendors) fn list(
    connection: &mut AnyConnection,
    sight: Sight,
    filter: &Filter,
    listing: &Listing,
) -> Result<Vec<Listed>> {
    let Some(found) = found(connection, sight, filter, (listing.sort, &listing.keyset))? else {
        return Ok(Vec::new());
    };
    found
        .select((vendors::id, vendors::name_key, vendors::updated_at, vendors::document))
        .limit(listing.limit.and_one())
        .load(connection)
        .map_err(unexpected("list vendors"))
}

/// Every vendor that a filter leaves, in an order (true: descending).
pub(in crate::vendors) fn all(
    connection: &mut AnyConnection,
    sight: Sight,
    filter: &Filter,
    (sort, descending): (SortKey, bool),
) -> Result<Vec<VendorId>> {
    Keyset::walk(descending, |keyset, most| {
        let Some(found) = found(connection, sight, filter, (sort, keyset))? else { return Ok(Vec::new()) };
        let rows: Vec<(DbUuid, String, DbInstant)> = found
            .select((vendors::id, vendors::name_key, vendors::updated_at))
            .limit(most)
            .load(connection)
            .map_err(unexpected("walk through vendors"))?;
        let keyed = |(id, name_key, updated_at): (DbUuid, String, DbInstant)| {
            (id.0.into(), sort.key((&name_key, updated_at), id))
        };
        Ok(rows.into_iter().map(keyed).collect())
    })
}
