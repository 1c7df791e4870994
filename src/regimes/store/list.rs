//! Pages of regimes.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Text},
};

use crate::{
    db::{
        AnyConnection, Listed, MultiBackend,
        narrow::{self, Prefix, Span, Spans, Values},
        schema::regimes,
        sorted, unexpected,
    },
    error::Result,
    http::Listing,
    values::{AuthorityId, RecordStatus, fold},
};

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub(in crate::regimes) struct Filter {
    pub(in crate::regimes) name: Option<String>,
    pub(in crate::regimes) authority: Option<AuthorityId>,
    pub(in crate::regimes) jurisdiction: Option<String>,
    pub(in crate::regimes) effects: Vec<&'static str>,
    pub(in crate::regimes) status: RecordStatus,
}

const RECORDS: (&str, &str) = ("id", "regimes");

impl Filter {
    /// What the title or the slug begins with.
    fn prefix(&self) -> Option<Prefix> {
        self.name.as_deref().and_then(|name| Prefix::of(fold(name)))
    }

    /// Where those are that can meet each filter.
    fn spans(&self, connection: &AnyConnection) -> Vec<Spans> {
        let mut filters = Vec::new();
        if self.name.is_some() {
            let called = |prefix: Prefix| {
                let titled =
                    format!("status = '{}' AND name_key >= $1 AND name_key < $2", self.status.as_str());
                let titled = Span::new(RECORDS, &titled, "name_key").bind(prefix.ends());
                let slugs = Span::new(RECORDS, "slug >= $3 AND slug < $4", "slug").bind(prefix.ends());
                vec![titled, slugs]
            };
            filters.push(self.prefix().map(called).unwrap_or_default());
        }
        if let Some(authority) = self.authority {
            let authority = Values::Ids(&[authority.uuid()]);
            filters.push(vec![Span::of_values(connection, RECORDS, "authority_id", &authority)]);
        }
        if let Some(jurisdiction) = &self.jurisdiction {
            let there = Span::new(RECORDS, "jurisdiction = $1", "id").bind(vec![jurisdiction.clone()]);
            filters.push(vec![there]);
        }
        if !self.effects.is_empty() {
            let effects: Vec<String> = self.effects.iter().map(ToString::to_string).collect();
            filters.push(vec![Span::of_values(connection, RECORDS, "effect", &Values::Words(&effects))]);
        }
        filters
    }
}

/// A page of regimes. As with vendors, no filter chooses an index: what one finds is settled before.
pub(in crate::regimes) fn list(
    connection: &mut AnyConnection,
    filter: &Filter,
    listing: &Listing,
) -> Result<Vec<Listed>> {
    let query = regimes::table
        .select((regimes::id, regimes::name_key, regimes::updated_at, regimes::document))
        .limit(listing.limit.and_one())
        .into_boxed::<MultiBackend>();
    // Before anything else: a cursor that can't be read is refused, however little there is to list.
    let mut query = sorted!(query, regimes, listing.sort, listing.keyset);
    let spans = filter.spans(connection);
    let Some(reached) = narrow::reach(connection, "regimes", filter.status, spans)? else {
        return Ok(Vec::new());
    };
    query = query.filter(reached);
    if let Some(Prefix { from, past }) = filter.prefix() {
        query = query.filter(
            sql::<Bool>("CASE WHEN regimes.name_key >= ")
                .bind::<Text, _>(from.clone())
                .sql(" AND regimes.name_key < ")
                .bind::<Text, _>(past.clone())
                .sql(" OR regimes.slug >= ")
                .bind::<Text, _>(from)
                .sql(" AND regimes.slug < ")
                .bind::<Text, _>(past)
                .sql(" THEN TRUE ELSE FALSE END"),
        );
    }
    if let Some(authority) = filter.authority {
        let named = format!("regimes.authority_id = '{}'", authority.uuid());
        query = query.filter(sql::<Bool>(&narrow::settled(&named)));
    }
    if let Some(jurisdiction) = &filter.jurisdiction {
        query = query.filter(
            sql::<Bool>("CASE WHEN regimes.jurisdiction = ")
                .bind::<Text, _>(jurisdiction.clone())
                .sql(" THEN TRUE ELSE FALSE END"),
        );
    }
    if !filter.effects.is_empty() {
        let one_of = format!("regimes.effect IN ('{}')", filter.effects.join("', '"));
        query = query.filter(sql::<Bool>(&narrow::settled(&one_of)));
    }
    query.load(connection).map_err(unexpected("list regimes"))
}
