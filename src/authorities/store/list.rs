//! Pages of authorities.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Text},
};

use crate::{
    db::{
        AnyConnection, Listed, MultiBackend,
        narrow::{self, Prefix, Span, Spans, Values},
        schema::authorities,
        sorted, unexpected,
    },
    error::Result,
    http::Listing,
    values::{RecordStatus, fold},
};

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub(in crate::authorities) struct Filter {
    pub(in crate::authorities) name: Option<String>,
    pub(in crate::authorities) kinds: Vec<&'static str>,
    pub(in crate::authorities) countries: Vec<&'static str>,
    pub(in crate::authorities) status: RecordStatus,
}

impl Filter {
    /// What some name begins with.
    fn prefix(&self) -> Option<Prefix> {
        self.name.as_deref().and_then(|name| Prefix::of(fold(name)))
    }

    /// The columns that have one of these words each.
    fn words(&self) -> [(&'static str, &[&'static str]); 2] {
        [("kind", &self.kinds), ("country", &self.countries)]
    }

    /// Where those are that can meet each filter.
    fn spans(&self, connection: &AnyConnection) -> Vec<Spans> {
        let mut filters = Vec::new();
        if self.name.is_some() {
            let bearing = |prefix: Prefix| {
                let names = ("authority_id", "authority_names");
                Span::new(names, "name_key >= $1 AND name_key < $2", "name_key").bind(prefix.ends())
            };
            filters.push(self.prefix().map(bearing).into_iter().collect());
        }
        for (column, words) in self.words().into_iter().filter(|(_, words)| !words.is_empty()) {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            filters.push(vec![Span::of_values(
                connection,
                ("id", "authorities"),
                column,
                &Values::Words(&words),
            )]);
        }
        filters
    }
}

/// A page of authorities. As with vendors, no filter chooses an index: what one finds is settled before.
pub(in crate::authorities) fn list(
    connection: &mut AnyConnection,
    filter: &Filter,
    listing: &Listing,
) -> Result<Vec<Listed>> {
    let query = authorities::table
        .select((authorities::id, authorities::name_key, authorities::updated_at, authorities::document))
        .limit(listing.limit.and_one())
        .into_boxed::<MultiBackend>();
    // Before anything else: a cursor that can't be read is refused, however little there is to list.
    let mut query = sorted!(query, authorities, listing.sort, listing.keyset);
    let spans = filter.spans(connection);
    let Some(reached) = narrow::reach(connection, "authorities", filter.status, spans)? else {
        return Ok(Vec::new());
    };
    query = query.filter(reached);
    if let Some(prefix) = filter.prefix() {
        let begin = "EXISTS (SELECT 1 FROM authority_names n WHERE n.authority_id = authorities.id AND n.name_key >= ";
        query = query.filter(
            sql::<Bool>(begin)
                .bind::<Text, _>(prefix.from)
                .sql(" AND n.name_key < ")
                .bind::<Text, _>(prefix.past)
                .sql(" LIMIT 1 OFFSET 0)"),
        );
    }
    for (column, words) in filter.words().into_iter().filter(|(_, words)| !words.is_empty()) {
        let one_of = format!("authorities.{column} IN ('{}')", words.join("', '"));
        query = query.filter(sql::<Bool>(&narrow::settled(&one_of)));
    }
    query.load(connection).map_err(unexpected("list authorities"))
}
