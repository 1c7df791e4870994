//! Lists of designations: all of them, and those of one vendor.

use actix_web::{get, web::Data};
use uuid::Uuid;

use super::{TAG, with_current};
use crate::{
    db::{Cost, Db, Keyset, Snapshot},
    designations::{
        model::{Action, Designation, DesignationStatus, Environment, Origin, ReasonCode},
        service::{self, Named},
        store::{Filter, SortKey},
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

/// Both lists and the export take the same parameters, but for the vendor, and for what says which page. `flatten` would
/// break numbers in queries, so a macro writes the structs.
macro_rules! designation_query {
    ($name:ident { $($first:tt)* } { $($last:tt)* }) => {
        #[derive(Debug, Clone, serde::Deserialize, serde::Serialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            $($first)*
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
            /// As known at this position of the journal; 0 is before the first entry, and one beyond the head is 422.
            known_seq: Option<Seq>,
            /// The order; `name` unless asked.
            sort: Option<DesignationSort>,
            $($last)*
        }

        impl $name {
            /// What it asks for, of these vendors.
            fn wanted(self, vendors: List<VendorId, 100>) -> $crate::designations::api::Wanted {
                $crate::designations::api::Wanted {
                    vendor_id: vendors,
                    regime: self.regime,
                    authority_id: self.authority_id,
                    state: self.state,
                    reason_code: self.reason_code,
                    environment: self.environment,
                    action: self.action,
                    in_force_on: self.in_force_on,
                    origin: self.origin,
                    review_due_before: self.review_due_before,
                    status: self.status,
                    known: $crate::journal::Known { known_at: self.known_at, known_seq: self.known_seq },
                    sort: self.sort,
                }
            }
        }
    };
}
pub(crate) use designation_query;

designation_query!(ListQuery {
    /// Only designations of these vendors.
    #[serde(default)]
    #[param(inline)]
    vendor_id: List<VendorId, 100>,
} {
    /// How many items the page has at most.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<Cursor>,
});
designation_query!(VendorListQuery {} {
    /// How many items the page has at most.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<Cursor>,
});

/// Which designations are wanted, as known when, in which order.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) vendor_id: List<VendorId, 100>,
    pub(crate) regime: List<Line<100>, 50>,
    pub(crate) authority_id: List<AuthorityId, 50>,
    pub(crate) state: List<ScopeState, 12>,
    pub(crate) reason_code: List<ReasonCode, 26>,
    pub(crate) environment: List<Environment, 6>,
    pub(crate) action: List<Action, 8>,
    pub(crate) in_force_on: Option<Date>,
    pub(crate) origin: List<Origin, 3>,
    pub(crate) review_due_before: Option<Date>,
    pub(crate) status: Option<DesignationStatus>,
    pub(crate) known: Known,
    pub(crate) sort: Option<DesignationSort>,
}

impl Wanted {
    /// The column of the order, and whether it descends.
    pub(crate) fn order(&self) -> (SortKey, bool) {
        match self.sort.unwrap_or(DesignationSort::Name) {
            DesignationSort::Name => (SortKey::Name, false),
            DesignationSort::NameDescending => (SortKey::Name, true),
            DesignationSort::UpdatedAt => (SortKey::UpdatedAt, false),
            DesignationSort::UpdatedAtDescending => (SortKey::UpdatedAt, true),
            DesignationSort::LatestEvent => (SortKey::LatestEvent, false),
            DesignationSort::LatestEventDescending => (SortKey::LatestEvent, true),
        }
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
    let query = query.0;
    let cursors = Cursors::of_query("designations", &query);
    let (page, vendors) = ((cursors, query.limit, query.cursor.clone()), query.vendor_id.clone());
    page_of(&db, asker, (query.wanted(vendors), None), page).await
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
    let query = query.0;
    let vendors = List::new(vec![path.0]).map_err(Error::internal)?;
    // The vendor is part of what a cursor binds.
    let cursors = Cursors::of_query(&format!("designations of {}", path.0), &query);
    let page = (cursors, query.limit, query.cursor.clone());
    page_of(&db, asker, (query.wanted(vendors), Some(path.0)), page).await
}

async fn page_of(
    db: &Db,
    asker: Asker,
    (wanted, of_vendor): (Wanted, Option<VendorId>),
    (cursors, limit, cursor): (Cursors, Limit, Option<Cursor>),
) -> Handled<DesignationPage> {
    let after: Option<(String, Uuid)> = cursors.read(cursor.as_ref())?;
    let ((sort, descending), today) = (wanted.order(), Date::today());
    let keyset = Keyset { descending, after };
    let body = db
        .read(asker.0, Cost::Scan, move |snapshot| {
            if let Some(vendor) = of_vendor {
                vendors::must_be_known(snapshot, vendor)?;
            }
            let known = journal::resolve(snapshot, wanted.known)?;
            let filter = filter(snapshot, wanted, today)?;
            let found = service::list(snapshot, &filter, known, (sort, &keyset, limit))?;
            let (items, next) = cursors.page(found, limit, |item| {
                (sort.key(&item.name_key, item.updated_at, item.latest_event_on), item.id.0)
            });
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

/// The filter that is meant. Each id and slug in it must be known.
///
/// # Errors
/// Invalid, where one is not.
pub(crate) fn filter(snapshot: &mut Snapshot<'_>, wanted: Wanted, today: Date) -> Result<Filter> {
    let named =
        Named { vendors: &wanted.vendor_id, authorities: &wanted.authority_id, regimes: &wanted.regime };
    let regimes = service::references(snapshot, named)?;
    Ok(Filter {
        vendors: wanted.vendor_id.into_vec(),
        regimes,
        authorities: wanted.authority_id.into_vec(),
        states: wanted.state.into_vec(),
        reason_codes: wanted.reason_code.into_vec(),
        environments: wanted.environment.into_vec(),
        actions: wanted.action.into_vec(),
        origins: wanted.origin.into_vec(),
        in_force_on: wanted.in_force_on,
        review_due_before: wanted.review_due_before,
        status: wanted.status.unwrap_or(DesignationStatus::Active),
        today,
        sight: snapshot.sight(),
    })
}
