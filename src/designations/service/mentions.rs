//! What a designation may name: a public one no restricted one, neither now nor anywhere in its history, for a link or a
//! successor that leads nowhere would tell that something is there. Free text can't be checked; whoever writes it must.

use super::create::link_pointer;
use crate::{
    db::Tx,
    designations::{
        model::{Designation, DesignationFields, DesignationLink, Details, Visibility},
        store,
    },
    error::{Error, FieldError, Result},
    values::DesignationId,
};

/// Refuses links of a new designation, and a successor in its first event, that are restricted while it is public.
pub(super) fn check_new(
    tx: &mut Tx<'_>,
    visibility: Visibility,
    links: &[DesignationLink],
    details: &Details,
) -> Result<()> {
    must_be_public(tx, visibility, &named_in_links(links))?;
    check_event(tx, visibility, (details, "/event"))
}

/// Refuses an event of a public designation whose successor is restricted; `at` is the pointer to the event.
pub(super) fn check_event(
    tx: &mut Tx<'_>,
    visibility: Visibility,
    (details, at): (&Details, &str),
) -> Result<()> {
    let successor = details.successor_id().map(|id| (id, format!("{at}/details/successor_id")));
    must_be_public(tx, visibility, &successor.into_iter().collect::<Vec<_>>())
}

/// Refuses a change after which something public would name something restricted.
pub(super) fn check_change(
    tx: &mut Tx<'_>,
    before: &Designation,
    DesignationFields { visibility, links, .. }: &DesignationFields,
) -> Result<()> {
    must_be_public(tx, *visibility, &named_in_links(links))?;
    match (before.visibility, *visibility) {
        (Visibility::Public, Visibility::Restricted) => {
            let naming = store::mentioned_by_public(tx.connection(), before.id)?;
            if naming.is_empty() {
                return Ok(());
            }
            let detail = format!(
                "public designations name this one, now or in their history: {}; make them restricted first",
                listed(&naming)
            );
            Err(Error::conflict("mentioned_by_public", detail))
        }
        (Visibility::Restricted, Visibility::Public) => {
            let named = store::restricted_mentioned(tx.connection(), before.id)?;
            if named.is_empty() {
                return Ok(());
            }
            let detail = format!(
                "this designation names restricted ones, now or in its history: {}; make them public first, or record it \
                 anew without them",
                listed(&named)
            );
            Err(Error::conflict("mentions_restricted", detail))
        }
        (Visibility::Public, Visibility::Public) | (Visibility::Restricted, Visibility::Restricted) => Ok(()),
    }
}

fn named_in_links(links: &[DesignationLink]) -> Vec<(DesignationId, String)> {
    links.iter().enumerate().map(|(index, link)| (link.designation_id, link_pointer(index))).collect()
}

fn must_be_public(tx: &mut Tx<'_>, visibility: Visibility, named: &[(DesignationId, String)]) -> Result<()> {
    if visibility == Visibility::Restricted || named.is_empty() {
        return Ok(());
    }
    let ids: Vec<DesignationId> = named.iter().map(|(id, _)| *id).collect();
    let restricted = store::restricted_among(tx.connection(), &ids)?;
    let faults: Vec<FieldError> = named
        .iter()
        .filter(|(id, _)| restricted.contains(id))
        .map(|(id, pointer)| {
            let detail = format!(
                "designation {id} is restricted, and a public one may not name it; make this one restricted, or that one \
                 public first"
            );
            FieldError::new(pointer, "restricted_reference", detail)
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

fn listed(ids: &[DesignationId]) -> String {
    const MOST: usize = 10;
    let shown: Vec<String> = ids.iter().take(MOST).map(ToString::to_string).collect();
    let more = ids.len().saturating_sub(MOST);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
