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
/// When there is none that is seen, or was none then.
pub fn get(snapshot: &mut Snapshot<'_>, id: DesignationId, known: Knowledge) -> Result<(u64, String)> {
    let sight = snapshot.sight();
    let found = if known.is_head {
        store::record(snapshot.connection(), sight, id)?
    } else {
        store::record_at(snapshot.connection(), sight, (id, known.seq))?
    };
    let found = found.ok_or_else(|| Error::not_found("designation", id))?;
    note(snapshot, [(id, found.restricted)]);
    Ok((found.revision, found.document))
}

/// Notes the restricted ones of what an answer shows.
fn note(snapshot: &Snapshot<'_>, shown: impl IntoIterator<Item = (DesignationId, bool)>) {
    for (id, _) in shown.into_iter().filter(|(_, restricted)| *restricted) {
        snapshot.evidence().restricted(id.uuid());
    }
}

/// Whether there is such a designation.
///
/// # Errors
/// When the database can't answer.
pub fn is_known(snapshot: &mut Snapshot<'_>, id: DesignationId) -> Result<bool> {
    let sight = snapshot.sight();
    Ok(store::record(snapshot.connection(), sight, id)?.is_some())
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
    let limit = order.2;
    let found = store::list(snapshot.connection(), filter, known, order)?;
    // One more than the page has is read, to know whether there is more.
    note(snapshot, found.iter().take(limit.get()).map(|item| (item.id.0.into(), item.restricted)));
    Ok(found)
}

/// A version of a designation, by the position from which it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(i64);

/// Every designation that a filter leaves, as known at a position and in an order (true: descending). The restricted ones are
/// noted as shown.
///
/// # Errors
/// When the database can't answer.
pub fn all(
    snapshot: &mut Snapshot<'_>,
    filter: &Filter,
    known: Knowledge,
    order: (SortKey, bool),
) -> Result<Vec<Version>> {
    let found = store::all(snapshot.connection(), filter, known, order)?;
    note(snapshot, found.iter().map(|(_, id, restricted)| (id.0.into(), *restricted)));
    Ok(found.into_iter().map(|(seq, ..)| Version(seq)).collect())
}

/// The texts of these versions in their order, each with what the designation is on a day, as known. The restricted ones are
/// noted as shown, whoever asks: since [`all`] found a version, it may have become restricted.
///
/// # Errors
/// When the database can't answer.
pub fn texts(
    snapshot: &mut Snapshot<'_>,
    versions: &[Version],
    (on, known): (Date, Knowledge),
) -> Result<Vec<(String, CurrentState)>> {
    let seqs: Vec<i64> = versions.iter().map(|version| version.0).collect();
    let mut texts = store::texts(snapshot.connection(), &seqs)?;
    note(snapshot, texts.values().map(|text| (text.id.0.into(), text.restricted)));
    let ids: Vec<DesignationId> = texts.values().map(|text| text.id.0.into()).collect();
    let mut states = states(snapshot, &ids, (on, known))?;
    let text = |seq: &i64| {
        let missing = || Error::internal(format!("the designation of entry {seq} is missing"));
        let text = texts.remove(seq).ok_or_else(missing)?;
        let state = states.remove(&text.id.0.into()).ok_or_else(missing)?;
        Ok((text.document.0, state))
    };
    seqs.iter().map(text).collect()
}

/// What a standing is made from: the designations of these vendors as known, and those of categories that bind on a day;
/// each with its regime's slug. Voided ones are left out, and those that are not seen. A restricted one counts as shown also
/// where the answer doesn't name it, for the verdict and how long it holds follow from it.
///
/// # Errors
/// When the database can't answer.
pub fn for_standing(
    snapshot: &mut Snapshot<'_>,
    vendors: &[VendorId],
    when: (Date, Knowledge),
) -> Result<Vec<(Designation, String)>> {
    let sight = snapshot.sight();
    let found = store::for_standing(snapshot.connection(), sight, vendors, when)?;
    note(snapshot, found.iter().map(|basis| (basis.id, basis.restricted)));
    let parsed = found.into_iter().map(|basis| Ok((parse(basis.id, &basis.document)?, basis.regime)));
    let mut designations = parsed.collect::<Result<Vec<(Designation, String)>>>()?;
    designations.sort_by_key(|(designation, _)| designation.id);
    Ok(designations)
}
