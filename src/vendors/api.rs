//! Handlers of vendors, their request types and their part of the OpenAPI document.

use actix_web::{delete, get, patch, post, web::Data};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    model::{Vendor, VendorFields},
    service,
};
use crate::{
    db::Db,
    http::{
        Asker, Caller, Cursor, Cursors, Handled, Json, Limit, MergePatch, NoQuery, Path, Query, Reply,
        page::{page, record_sort},
        revision_etag, to_json,
    },
    idempotency,
    journal::{self, HistoryPage, KnownQuery, PageQuery, RetireQuery, SubjectKind},
    values::{Country, Line, List, RecordStatus, VendorId},
};

/// The tag of these operations.
pub const TAG: &str = "Vendors";

page! {
    /// A page of vendors.
    VendorPage of Vendor
}

/// The changes to make, as a merge patch. `null` empties an optional field; `"status": "active"` reactivates.
#[derive(ToSchema)]
#[schema(example = json!({"country": "DE", "criticality": "high", "website": null}))]
#[expect(dead_code, reason = "documents the patch; the pass over the document fills it from VendorCreate")]
pub struct VendorPatch {
    status: RecordStatus,
}

record_sort!(VendorSort);

/// The list and the export take the same filters. `flatten` would break numbers in queries, so a macro writes both structs.
macro_rules! vendor_query {
    ($name:ident { $($own:tt)* }) => {
        #[derive(Debug, serde::Deserialize, serde::Serialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            /// Only vendors with a name of which some word begins so; case and accents don't count. Of several words, each
            /// must begin a word.
            name: Option<Line<500>>,
            /// Only the vendor with this identifier, written `scheme:value`, like `cik:1321655`.
            #[param(inline)]
            identifier: Option<$crate::vendors::IdentifierText>,
            /// Only vendors of these countries.
            #[serde(default)]
            #[param(inline)]
            country: List<Country, 50>,
            /// Only vendors with one of these roles.
            #[serde(default)]
            #[param(inline)]
            role: List<Line<200>, 50>,
            /// Only vendors with one of these tags.
            #[serde(default)]
            #[param(inline)]
            tag: List<Line<100>, 50>,
            /// Only vendors that some designation binds today (in force or interim); `false`: only the others.
            designated: Option<bool>,
            /// Only vendors of this status; `active` unless asked.
            status: Option<RecordStatus>,
            /// The order; `name` unless asked.
            sort: Option<VendorSort>,
            $($own)*
        }

        impl $name {
            /// What it narrows to.
            fn filter(&self) -> $crate::error::Result<$crate::vendors::Filter> {
                let identifier = self.identifier.as_ref().map($crate::vendors::IdentifierText::parts);
                Ok($crate::vendors::Filter {
                    name: self.name.as_deref().map(ToOwned::to_owned),
                    identifier: identifier.transpose()?,
                    countries: self.country.iter().map(|country| country.as_str().to_owned()).collect(),
                    roles: self.role.iter().map(ToString::to_string).collect(),
                    tags: self.tag.iter().map(ToString::to_string).collect(),
                    status: self.status.unwrap_or(RecordStatus::Active),
                    designated: self.designated.map(|designated| (designated, $crate::values::Date::today())),
                })
            }
        }
    };
}
pub(crate) use vendor_query;

vendor_query!(ListQuery {
    /// How many items the page has at most.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<Cursor>,
});

/// List vendors
///
/// Active vendors, a page at a time, unless another status is asked for.
#[utoipa::path(
    tag = TAG, params(ListQuery),
    responses((status = 200, description = "A page of vendors", body = VendorPage)),
)]
#[get("/v1/vendors")]
async fn list_vendors(db: Data<Db>, asker: Asker, query: Query<ListQuery>) -> Handled<VendorPage> {
    let query = query.0;
    let listing = Cursors::of_query("vendors", &query).listing(
        VendorSort::order(query.sort),
        query.limit,
        query.cursor.as_ref(),
    )?;
    let filter = query.filter()?;
    listing.answer(&db, asker, move |snapshot, listing| service::list(snapshot, &filter, listing)).await
}

/// Create a vendor
///
/// Records a supplier. Identifiers are normalised and checked; each belongs to one active vendor.
#[utoipa::path(
    tag = TAG, request_body = VendorFields, params(NoQuery),
    responses((status = 201, description = "The vendor was recorded", body = Vendor)),
)]
#[post("/v1/vendors")]
async fn create_vendor(
    db: Data<Db>,
    caller: Caller,
    _: Query<NoQuery>,
    body: Json<VendorFields>,
) -> Handled<Vendor> {
    let (id, key, fields) = (VendorId::new(), caller.key(&body.bytes), body.value);
    let create = move |tx: &mut crate::db::Tx<'_>| {
        idempotency::once(tx, key.as_ref(), |tx| {
            let vendor = service::create(tx, id, fields.clone())?;
            Reply::created(format!("/v1/vendors/{id}"), revision_etag(vendor.revision), to_json(&vendor)?)
        })
    };
    Ok(db.write(caller.context, create).await?.into())
}

/// Get a vendor
///
/// The vendor as it is, or as it was known at a time.
#[utoipa::path(
    tag = TAG, params(("id" = VendorId, Path, description = "The vendor's id"), KnownQuery),
    responses((status = 200, description = "The vendor", body = Vendor)),
)]
#[get("/v1/vendors/{id}")]
async fn get_vendor(
    db: Data<Db>,
    asker: Asker,
    path: Path<VendorId>,
    query: Query<KnownQuery>,
) -> Handled<Vendor> {
    let id = path.0;
    journal::read_record(&db, asker, query.0, move |snapshot, known| service::get(snapshot, id, known)).await
}

/// Change a vendor
///
/// A merge patch (RFC 7396): fields that it names are replaced, `null` empties, lists are replaced whole. A patch that
/// changes nothing records nothing.
#[utoipa::path(
    tag = TAG, params(("id" = VendorId, Path, description = "The vendor's id"), NoQuery),
    request_body(content((VendorPatch = "application/merge-patch+json"), (VendorPatch = "application/json"))),
    responses((status = 200, description = "The vendor after the change", body = Vendor)),
)]
#[patch("/v1/vendors/{id}")]
async fn update_vendor(
    db: Data<Db>,
    path: Path<VendorId>,
    caller: Caller,
    _: Query<NoQuery>,
    body: MergePatch,
) -> Handled<Vendor> {
    let (id, condition, patch) = (path.0, caller.must_match()?, body.0);
    let update = move |tx: &mut crate::db::Tx<'_>| service::update(tx, id, &condition, patch.clone());
    journal::change_record(&db, caller.context, update).await
}

/// Retire a vendor
///
/// A retired vendor is left out of lists, and keeps its history and its standing on past dates. Refused while a
/// designation is live.
#[utoipa::path(
    tag = TAG, params(("id" = VendorId, Path, description = "The vendor's id"), RetireQuery),
    responses((status = 200, description = "The vendor, retired", body = Vendor)),
)]
#[delete("/v1/vendors/{id}")]
async fn retire_vendor(
    db: Data<Db>,
    path: Path<VendorId>,
    caller: Caller,
    query: Query<RetireQuery>,
) -> Handled<Vendor> {
    let (id, condition, comment) = (path.0, caller.must_match()?, query.0.comment);
    let retire = move |tx: &mut crate::db::Tx<'_>| service::retire(tx, id, &condition, comment.clone());
    journal::change_record(&db, caller.context, retire).await
}

/// List a vendor's history
///
/// Every change of the vendor, oldest first, with what each changed.
#[utoipa::path(
    tag = TAG, params(("id" = VendorId, Path, description = "The vendor's id"), PageQuery),
    responses((status = 200, description = "A page of the history", body = HistoryPage)),
)]
#[get("/v1/vendors/{id}/history")]
async fn list_vendor_history(
    db: Data<Db>,
    asker: Asker,
    path: Path<VendorId>,
    query: Query<PageQuery>,
) -> Handled<HistoryPage> {
    journal::history_page(&db, asker, (SubjectKind::Vendor, path.0.uuid()), query.0).await
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_vendors)
        .service(create_vendor)
        .service(get_vendor)
        .service(update_vendor)
        .service(retire_vendor)
        .service(list_vendor_history);
}
