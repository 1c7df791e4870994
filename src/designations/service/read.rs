//! Looking at designations, as known at a position of the journal.

use std::collections::HashMap;

use super::record::parse;
use crate::{
    db::{Keyset, Snapshot},
    designations::{
        model::{CurrentState, Designation},
        store::{self, Filter, Listed, SortKey},
        timeline::{ScopeTimeline, timeline as fold},
    },
    error::{Error, Result},
    http::Limit,
    journal::{self, Knowledge, Known},
    values::{Date, DesignationId, VendorId},
};

/// A designation as known, as its revision and text.
///
/// # Errors
/// When there is none, or was none then.
pub fn get(snapshot: &mut Snapshot<'_>, id: DesignationId, known: Knowledge) -> Result<(u64, String)> {
    let missing = || Error::not_found("designation", id);
    let now = store::record(snapshot.connection(), id)?.ok_or_else(missing)?;
    if known.is_head {
        return Ok(now);
    }
    journal::record_at(snapshot, id.uuid(), known.seq)?.ok_or_else(missing)
}

/// Whether there is such a designation.
///
/// # Errors
/// When the database can't answer.
pub fn is_known(snapshot: &mut Snapshot<'_>, id: DesignationId) -> Result<bool> {
    Ok(store::record(snapshot.connection(), id)?.is_some())
}

/// A designation as known, read.
///
/// # Errors
/// As [`get`], and a position beyond the head.
pub fn load(snapshot: &mut Snapshot<'_>, id: DesignationId, known: Known) -> Result<Designation> {
    let known = journal::resolve(snapshot, known)?;
    let (_, document) = get(snapshot, id, known)?;
    parse(id, &document)
}

/// What a designation is on a day, as known.
///
/// # Errors
/// When the database can't answer.
pub fn state(
    snapshot: &mut Snapshot<'_>,
    id: DesignationId,
    when: (Date, Knowledge),
) -> Result<CurrentState> {
    let states = states(snapshot, &[id], when)?;
    states.into_values().next().ok_or_else(|| Error::internal("a designation has no state"))
}

/// The timeline of a designation as known; a voided one has none.
///
/// # Errors
/// As [`get`].
pub fn timeline(
    snapshot: &mut Snapshot<'_>,
    id: DesignationId,
    known: Knowledge,
) -> Result<Vec<ScopeTimeline>> {
    let (_, document) = get(snapshot, id, known)?;
    timelines_of(&parse(id, &document)?)
}

/// The timelines of a recorded designation.
///
/// # Errors
/// Internal: what is recorded was legal when it was recorded.
pub fn timelines_of(designation: &Designation) -> Result<Vec<ScopeTimeline>> {
    if !designation.counts() {
        return Ok(Vec::new());
    }
    fold(&designation.events).map_err(|illegal| {
        let detail = illegal.detail;
        Error::internal(format!(
            "designation {}: recorded event {} is illegal: {detail}",
            designation.id, illegal.event_id
        ))
    })
}

/// What designations are on a day, as known.
pub(in crate::designations) fn states(
    snapshot: &mut Snapshot<'_>,
    ids: &[DesignationId],
    (on, known): (Date, Knowledge),
) -> Result<HashMap<DesignationId, CurrentState>> {
    let mut scopes: HashMap<DesignationId, Vec<_>> = ids.iter().map(|id| (*id, Vec::new())).collect();
    for (id, state, since) in store::states_on(snapshot.connection(), ids, (on, known.seq))? {
        scopes.entry(id).or_default().push((state, since));
    }
    Ok(scopes.into_iter().map(|(id, scopes)| (id, CurrentState::of(on, &scopes))).collect())
}

/// A page of designations as known, and the key of each.
pub(in crate::designations) fn list(
    snapshot: &mut Snapshot<'_>,
    filter: &Filter,
    known: Knowledge,
    order: (SortKey, &Keyset, Limit),
) -> Result<Vec<Listed>> {
    store::list(snapshot.connection(), filter, known, order)
}

/// What a standing is made from: the designations of these vendors as known, and those of categories that bind on a day;
/// each with its regime's slug. Voided ones are left out.
///
/// # Errors
/// When the database can't answer.
pub fn for_standing(
    snapshot: &mut Snapshot<'_>,
    vendors: &[VendorId],
    when: (Date, Knowledge),
) -> Result<Vec<(Designation, String)>> {
    let found = store::for_standing(snapshot.connection(), vendors, when)?;
    let parsed = found.into_iter().map(|(document, slug)| Ok((parse("of a standing", &document)?, slug)));
    let mut designations = parsed.collect::<Result<Vec<(Designation, String)>>>()?;
    designations.sort_by_key(|(designation, _)| designation.id);
    Ok(designations)
}
