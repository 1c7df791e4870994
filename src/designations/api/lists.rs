//! Lists of designations: all of them, and those of one vendor.

use actix_web::{get, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{TAG, with_current};
use crate::{
    db::{Cost, Db, Keyset, Snapshot},
    designations::{
        model::{Action, Designation, DesignationStatus, Environment, Origin, ReasonCode},
        service::{self, Named},
        store::{Filter, Listed, SortKey},
        timeline::ScopeState,
    },
    error::{Error, Result},
    http::{
        Answer, Asker, Cursor, Cursors, Handled, Limit, Path, Query,
        page::{page, stored_page},
    },
    journal::{self, Known, KnownAt},
    values::{AuthorityId, Date, DesignationId, Line, List, Seq, VendorId, words},
    vendors,
};

page! {
    /// A page of designations.
    DesignationPage of Designation
}

words! {
    /// The order of a list of designations; `-` for descending.
    pub enum DesignationSort {
        /// By name or title, A first.
        Name = "name",
        /// By name or title, Z first.
        NameDescending = "-name",
        /// The one whose last change is the oldest first.
        UpdatedAt = "updated_at",
        /// The last changed first.
        UpdatedAtDescending = "-updated_at",
        /// The one whose latest event is the oldest first.
        LatestEvent = "latest_event",
        /// The latest event first.
        LatestEventDescending = "-latest_event",
    }
}

/// Both lists take the same parameters, but for the vendor. `flatten` would break numbers in queries, so a macro writes
/// the two structs.
macro_rules! list_query {
    ($name:ident { $($own:tt)* }) => {
        #[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(super) struct $name {
            $($own)*
            /// Only designations under these regimes, by slug or id.
            #[serde(default)]
            #[param(inline)]
            regime: List<Line<100>, 50>,
            /// Only designations by these authorities.
            #[serde(default)]
            #[param(inline)]
            authority_id: List<AuthorityId, 50>,
            /// Only designations with a scope in one of these states today.
            #[serde(default)]
            #[param(inline)]
            state: List<ScopeState, 12>,
            /// Only designations with a reason of one of these codes.
            #[serde(default)]
            #[param(inline)]
            reason_code: List<ReasonCode, 26>,
            /// Only designations with a scope that covers one of these environments. Together with `state` or
            /// `in_force_on`: that same scope.
            #[serde(default)]
            #[param(inline)]
            environment: List<Environment, 6>,
            /// Only designations with a scope that covers one of these actions; as with `environment`.
            #[serde(default)]
            #[param(inline)]
            action: List<Action, 8>,
            /// Only designations of which some scope was in force, or interim, on this day.
            in_force_on: Option<Date>,
            /// Only designations of these origins.
            #[serde(default)]
            #[param(inline)]
            origin: List<Origin, 3>,
            /// Only designations whose next review is due before this day.
            review_due_before: Option<Date>,
            /// Only designations of this status; `active` unless asked.
            status: Option<DesignationStatus>,
            /// As known at this instant, or at the end of this date (UTC). Not together with `known_seq`.
            known_at: Option<KnownAt>,
            /// As known at this position of the journal; 0 is before the first entry.
            known_seq: Option<Seq>,
            /// The order; `name` unless asked.
            sort: Option<DesignationSort>,
            /// How many items the page has at most.
            #[serde(default)]
            #[param(inline, required = false)]
            limit: Limit,
            /// The `next_cursor` of the page before.
            cursor: Option<Cursor>,
        }
    };
}

list_query!(ListQuery {
    /// Only designations of these vendors.
    #[serde(default)]
    #[param(inline)]
    vendor_id: List<VendorId, 100>,
});
list_query!(VendorListQuery {});

impl VendorListQuery {
    fn of(self, vendor: VendorId) -> Result<ListQuery> {
        let Self {
            regime,
            authority_id,
            state,
            reason_code,
            environment,
            action,
            in_force_on,
            origin,
            review_due_before,
            status,
            known_at,
            known_seq,
            sort,
            limit,
            cursor,
        } = self;
        let vendor_id = List::new(vec![vendor]).map_err(Error::internal)?;
        Ok(ListQuery {
            vendor_id,
            regime,
            authority_id,
            state,
            reason_code,
            environment,
            action,
            in_force_on,
            origin,
            review_due_before,
            status,
            known_at,
            known_seq,
            sort,
            limit,
            cursor,
        })
    }
}

/// List designations
///
/// Designations a page at a time, as they are or as they were known at a time. Voided ones are left out unless asked for.
#[utoipa::path(
    tag = TAG, params(ListQuery),
    responses((status = 200, description = "A page of designations", body = DesignationPage)),
)]
#[get("/v1/designations")]
pub(super) async fn list_designations(
    db: Data<Db>,
    asker: Asker,
    query: Query<ListQuery>,
) -> Handled<DesignationPage> {
    page_of(&db, asker, query.0, None).await
}

/// List a vendor's designations
///
/// The designations of one vendor, with the same filters as the list of all.
#[utoipa::path(
    tag = TAG, params(("id" = VendorId, Path, description = "The vendor's id"), VendorListQuery),
    responses((status = 200, description = "A page of designations", body = DesignationPage)),
)]
#[get("/v1/vendors/{id}/designations")]
pub(super) async fn list_vendor_designations(
    db: Data<Db>,
    asker: Asker,
    path: Path<VendorId>,
    query: Query<VendorListQuery>,
) -> Handled<DesignationPage> {
    page_of(&db, asker, query.0.of(path.0)?, Some(path.0)).await
}

async fn page_of(
    db: &Db,
    asker: Asker,
    query: ListQuery,
    of_vendor: Option<VendorId>,
) -> Handled<DesignationPage> {
    let cursors = Cursors::of_query("designations", &query);
    let after: Option<(String, Uuid)> = cursors.read(query.cursor.as_ref())?;
    let (sort, descending) = match query.sort.unwrap_or(DesignationSort::Name) {
        DesignationSort::Name => (SortKey::Name, false),
        DesignationSort::NameDescending => (SortKey::Name, true),
        DesignationSort::UpdatedAt => (SortKey::UpdatedAt, false),
        DesignationSort::UpdatedAtDescending => (SortKey::UpdatedAt, true),
        DesignationSort::LatestEvent => (SortKey::LatestEvent, false),
        DesignationSort::LatestEventDescending => (SortKey::LatestEvent, true),
    };
    let (keyset, limit, today) = (Keyset { descending, after }, query.limit, Date::today());
    let body = db
        .read(asker.0, Cost::Scan, move |snapshot| {
            if let Some(vendor) = of_vendor {
                vendors::must_be_known(snapshot, vendor)?;
            }
            let known =
                journal::resolve(snapshot, Known { known_at: query.known_at, known_seq: query.known_seq })?;
            let filter = filter(snapshot, query, today)?;
            let found = service::list(snapshot, &filter, known, (sort, &keyset, limit))?;
            let (items, next) = cursors.page(found, limit, |item| (key(item, sort), item.id.0));
            let ids: Vec<DesignationId> = items.iter().map(|item| item.id.0.into()).collect();
            let mut states = service::states(snapshot, &ids, (today, known))?;
            let texts = items.into_iter().map(|item| {
                let current = states
                    .remove(&item.id.0.into())
                    .ok_or_else(|| Error::internal("a listed state is missing"))?;
                with_current(item.document.0, &current)
            });
            stored_page(&texts.collect::<Result<Vec<_>>>()?, next.as_ref())
        })
        .await?;
    Ok(Answer::digested(body))
}

fn key(item: &Listed, sort: SortKey) -> String {
    match sort {
        SortKey::Name => item.name_key.clone(),
        SortKey::UpdatedAt => item.updated_at.0.to_string(),
        SortKey::LatestEvent => item.latest_event_on.to_string(),
    }
}

fn filter(snapshot: &mut Snapshot<'_>, query: ListQuery, today: Date) -> Result<Filter> {
    let named = Named { vendors: &query.vendor_id, authorities: &query.authority_id, regimes: &query.regime };
    let regimes = service::references(snapshot, named)?;
    Ok(Filter {
        vendors: query.vendor_id.into_vec(),
        regimes,
        authorities: query.authority_id.into_vec(),
        states: query.state.into_vec(),
        reason_codes: query.reason_code.into_vec(),
        environments: query.environment.into_vec(),
        actions: query.action.into_vec(),
        origins: query.origin.into_vec(),
        in_force_on: query.in_force_on,
        review_due_before: query.review_due_before,
        status: query.status.unwrap_or(DesignationStatus::Active),
        today,
        sight: snapshot.sight(),
    })
}
