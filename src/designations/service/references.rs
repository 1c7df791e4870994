//! What a question about designations names besides them: vendors, authorities and regimes.

use crate::{
    authorities,
    db::Snapshot,
    error::{Error, Result},
    regimes,
    values::{AuthorityId, Line, RegimeId, VendorId},
    vendors,
};

/// What a question names, as it stands in the query.
#[derive(Debug, Clone, Copy)]
pub struct Named<'q> {
    pub vendors: &'q [VendorId],
    pub authorities: &'q [AuthorityId],
    /// By slug or id.
    pub regimes: &'q [Line<100>],
}

/// The regimes that are named. A mistyped id must not look like a clean list, so whatever is not known is refused.
///
/// # Errors
/// Invalid, at the parameter that names what is not there.
pub fn references(snapshot: &mut Snapshot<'_>, named: Named<'_>) -> Result<Vec<RegimeId>> {
    let regimes = named.regimes.iter().map(|named| regime(snapshot, named)).collect::<Result<Vec<_>>>()?;
    let unknown = |parameter, what, id: &dyn std::fmt::Display| {
        Error::invalid(parameter, "unknown_reference", format!("there is no {what} {id}"))
    };
    let vendors = vendors::known(snapshot, named.vendors)?;
    if let Some(id) = named.vendors.iter().find(|id| !vendors.contains(id)) {
        return Err(unknown("vendor_id", "vendor", id));
    }
    let authorities = authorities::known(snapshot, named.authorities)?;
    match named.authorities.iter().find(|id| !authorities.contains(id)) {
        Some(id) => Err(unknown("authority_id", "authority", id)),
        None => Ok(regimes),
    }
}

/// A regime by id or slug; an unknown one is refused like an unknown id.
fn regime(snapshot: &mut Snapshot<'_>, named: &str) -> Result<RegimeId> {
    let found = match named.parse::<RegimeId>() {
        Ok(id) => regimes::by_id(snapshot.connection(), id)?,
        Err(_) => regimes::by_slug(snapshot.connection(), named)?,
    };
    found.map(|regime| regime.id).ok_or_else(|| {
        let detail = format!("there is no regime {named}; GET /v1/regimes lists the slugs");
        Error::invalid("regime", "unknown_reference", detail)
    })
}
