//! Pages of designations, as known at a position of the journal.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql, sql_types::Bool,
};

use crate::{
    db::{
        AnyConnection, Keyset, MultiBackend, OPEN, keyset,
        schema::{designation_versions as versions, journal, regimes},
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    designations::{
        model::{Action, DesignationStatus, Environment, Origin, ReasonCode},
        timeline::ScopeState,
    },
    error::Result,
    http::Limit,
    journal::{Knowledge, column},
    values::{AuthorityId, Date, Instant, RegimeId, VendorId},
};

/// The column that a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::designations) enum SortKey {
    Name,
    UpdatedAt,
    LatestEvent,
}

/// What a list is narrowed to. An empty list narrows nothing.
#[derive(Debug, Clone)]
pub(in crate::designations) struct Filter {
    pub(in crate::designations) vendors: Vec<VendorId>,
    pub(in crate::designations) regimes: Vec<RegimeId>,
    pub(in crate::designations) authorities: Vec<AuthorityId>,
    pub(in crate::designations) states: Vec<ScopeState>,
    pub(in crate::designations) reason_codes: Vec<ReasonCode>,
    pub(in crate::designations) environments: Vec<Environment>,
    pub(in crate::designations) actions: Vec<Action>,
    pub(in crate::designations) origins: Vec<Origin>,
    pub(in crate::designations) in_force_on: Option<Date>,
    pub(in crate::designations) review_due_before: Option<Date>,
    pub(in crate::designations) status: DesignationStatus,
    /// The day that `states` speaks of.
    pub(in crate::designations) today: Date,
}

/// An item of a list: its keys, and its text as known.
#[derive(Debug, Clone, diesel::Queryable)]
pub(in crate::designations) struct Listed {
    pub(in crate::designations) id: DbUuid,
    pub(in crate::designations) name_key: String,
    pub(in crate::designations) updated_at: DbInstant,
    pub(in crate::designations) latest_event_on: chrono::NaiveDate,
    pub(in crate::designations) document: DbJson,
}

/// True where a column that holds `,a,b,` has one of these words. Diesel can't put a boxed query into another one on two
/// backends, so this condition and the next are SQL texts; what stands in them are the model's own words, dates and
/// numbers, never a client's text.
fn has_one_of(column: &'static str, words: &[&'static str]) -> String {
    let each = words.iter().map(|word| format!("{column} LIKE '%,{word},%'"));
    each.collect::<Vec<_>>().join(" OR ")
}

/// A page of designations as they were known at a position.
pub(in crate::designations) fn list(
    connection: &mut AnyConnection,
    filter: &Filter,
    known: Knowledge,
    (sort, keyset, limit): (SortKey, &Keyset, Limit),
) -> Result<Vec<Listed>> {
    let seq = column(known.seq)?;
    let mut query = versions::table
        .inner_join(journal::table.on(journal::seq.eq(versions::known_from_seq)))
        .select((
            versions::designation_id,
            versions::name_key,
            versions::updated_at,
            versions::latest_event_on,
            journal::payload,
        ))
        .filter(versions::status.eq(filter.status.as_str()))
        .limit(limit.and_one())
        .into_boxed::<MultiBackend>();
    // At the head this is an equality, which the indexes begin with.
    query = if known.is_head {
        query.filter(versions::known_to_seq.eq(OPEN))
    } else {
        query.filter(versions::known_from_seq.le(seq)).filter(versions::known_to_seq.gt(seq))
    };
    if !filter.vendors.is_empty() {
        let ids: Vec<DbUuid> = filter.vendors.iter().map(|id| DbUuid(id.uuid())).collect();
        query = query.filter(versions::vendor_id.eq_any(ids));
    }
    if !filter.regimes.is_empty() {
        let ids: Vec<DbUuid> = filter.regimes.iter().map(|id| DbUuid(id.uuid())).collect();
        query = query.filter(versions::regime_id.eq_any(ids));
    }
    if !filter.authorities.is_empty() {
        let ids: Vec<DbUuid> = filter.authorities.iter().map(|id| DbUuid(id.uuid())).collect();
        query = query.filter(versions::authority_id.eq_any(ids));
    }
    if !filter.origins.is_empty() {
        let origins: Vec<&str> = filter.origins.iter().map(|origin| origin.as_str()).collect();
        query = query.filter(versions::origin.eq_any(origins));
    }
    if let Some(before) = filter.review_due_before {
        query = query.filter(versions::next_review_on.lt(before.day()));
    }
    if !filter.reason_codes.is_empty() {
        let codes: Vec<&str> = filter.reason_codes.iter().map(|code| code.as_str()).collect();
        query = query
            .filter(sql::<Bool>(&format!("({})", has_one_of("designation_versions.reason_codes", &codes))));
    }
    for scopes in scopes_wanted(filter, seq) {
        query = query.filter(sql::<Bool>(&scopes));
    }
    query = match sort {
        SortKey::Name => {
            let after = keyset.after_as(|key| Some(key.to_owned()))?;
            keyset!(query, versions::name_key, versions::designation_id, keyset.descending, after)
        }
        SortKey::UpdatedAt => {
            let after = keyset.after_as(|key| key.parse::<Instant>().ok().map(DbInstant))?;
            keyset!(query, versions::updated_at, versions::designation_id, keyset.descending, after)
        }
        SortKey::LatestEvent => {
            let after = keyset.after_as(|key| key.parse::<Date>().ok().map(Date::day))?;
            keyset!(query, versions::latest_event_on, versions::designation_id, keyset.descending, after)
        }
    };
    query.load(connection).map_err(unexpected("list designations"))
}

/// What must exist among the scopes: one in a wanted state today, one that binds on the wanted day, and each of them
/// also matching the wanted use. Without a state or a day: one that matches the use.
fn scopes_wanted(filter: &Filter, seq: i64) -> Vec<String> {
    let environments: Vec<&str> = filter.environments.iter().map(|word| word.as_str()).collect();
    let actions: Vec<&str> = filter.actions.iter().map(|word| word.as_str()).collect();
    let mut used = String::new();
    for (column, words) in [("environments", environments), ("actions", actions)] {
        if !words.is_empty() {
            used += &format!(" AND ({column} = '' OR {})", has_one_of(column, &words));
        }
    }
    let on_day = |on: Date| format!(" AND from_on <= '{on}' AND to_on > '{on}'");
    let mut wanted = Vec::new();
    if !filter.states.is_empty() {
        let states = quoted(|state| filter.states.contains(&state));
        wanted.push(format!("{} AND state IN ({states}){used}", on_day(filter.today)));
    }
    if let Some(on) = filter.in_force_on {
        wanted.push(format!("{} AND state IN ({}){used}", on_day(on), quoted(ScopeState::binds)));
    }
    let mut known = format!("p.known_from_seq <= {seq} AND p.known_to_seq > {seq}");
    if wanted.is_empty() && !used.is_empty() {
        wanted.push(used);
        // A voided designation is in no state, but still shows its scopes: those whose periods its voiding closed.
        if filter.status == DesignationStatus::Voided {
            known = "p.known_to_seq = designation_versions.known_from_seq".to_owned();
        }
    }
    if filter.review_due_before.is_some() {
        // Nobody reviews what has ended; an expiry is recorded by no event, so the date alone does not tell.
        wanted.push(format!("{} AND state IN ({})", on_day(filter.today), quoted(|state| !state.is_end())));
    }
    let exists = |conditions: String| {
        format!(
            "EXISTS (SELECT 1 FROM designation_periods p \
             WHERE p.designation_id = designation_versions.designation_id AND {known}{conditions})"
        )
    };
    wanted.into_iter().map(exists).collect()
}

/// States as a list of SQL texts.
fn quoted(is: impl Fn(ScopeState) -> bool) -> String {
    let words: Vec<String> = ScopeState::words_of(is).iter().map(|word| format!("'{word}'")).collect();
    words.join(", ")
}

/// The texts of the designations of these vendors that count, and of those of categories of which a scope binds on a day,
/// as known at a position; each with its regime's slug, which is fixed.
pub(in crate::designations) fn for_standing(
    connection: &mut AnyConnection,
    vendors: &[VendorId],
    (on, known): (Date, Knowledge),
) -> Result<Vec<(String, String)>> {
    let ids: Vec<DbUuid> = vendors.iter().map(|id| DbUuid(id.uuid())).collect();
    let seq = column(known.seq)?;
    let binding_category = format!(
        "(designation_versions.vendor_id IS NULL AND EXISTS (SELECT 1 FROM designation_periods p \
         WHERE p.designation_id = designation_versions.designation_id \
         AND p.known_from_seq <= {seq} AND p.known_to_seq > {seq} \
         AND p.from_on <= '{on}' AND p.to_on > '{on}' AND p.state IN ({})))",
        quoted(ScopeState::binds),
    );
    let found: Vec<(DbJson, String)> = versions::table
        .inner_join(journal::table.on(journal::seq.eq(versions::known_from_seq)))
        .inner_join(regimes::table.on(regimes::id.eq(versions::regime_id)))
        .filter(versions::known_from_seq.le(seq).and(versions::known_to_seq.gt(seq)))
        .filter(versions::status.eq(DesignationStatus::Active.as_str()))
        .filter(versions::vendor_id.eq_any(ids).assume_not_null().or(sql::<Bool>(&binding_category)))
        .select((journal::payload, regimes::slug))
        .load(connection)
        .map_err(unexpected("read designations for a standing"))?;
    Ok(found.into_iter().map(|(document, slug)| (document.0, slug)).collect())
}
