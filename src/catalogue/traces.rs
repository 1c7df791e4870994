//! What a registry has once people work with it, and the example therefore too: proposals that wait for another person, and
//! reads that stand in the access log. So there is one of each to look at, and to try every operation on.

use serde::Deserialize;

use super::demo::{EventEntry, Keys, vendor_id};
use crate::{
    access::{FourEyes, Operation},
    access_log::{self, AccessEntry, Read},
    db::Tx,
    designations::model::Environment,
    error::Result,
    http::{Precondition, to_json},
    journal::Known,
    reviews::service::{Asked, hold},
    standing::service::{Question, standing},
    values::{Date, DesignationId, Instant, Sha256Hex, example_id, nth_example_id},
};

/// A proposal of the example: an event of one of its designations, that waits for another person.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ProposalEntry {
    pub(super) key: String,
    pub(super) designation: String,
    #[serde(flatten)]
    event: EventEntry,
}

/// A question that the example asked: the standing of one of its vendors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadEntry {
    key: String,
    vendor: String,
    asked_on: Date,
    on: Date,
    environment: Environment,
}

/// Proposes an event.
pub(super) fn propose(
    tx: &mut Tx<'_>,
    (number, proposal): (usize, &ProposalEntry),
    known: &Keys<'_>,
    designation: DesignationId,
) -> Result<()> {
    let ProposalEntry { key, event, .. } = proposal;
    tx.record_as_of(Instant::start_of(event.known_on));
    let draft = event.draft(known, &format!("event of proposal {key}"))?;
    let id = nth_example_id(number, &format!("proposal {key}")).into();
    hold(tx, id, &Asked::RecordEvent(designation, Box::new(draft)), &Precondition::none())?;
    Ok(())
}

/// Asks for a standing, and leaves in the access log what such a read leaves there.
pub(super) fn ask(tx: &mut Tx<'_>, read: &ReadEntry, four_eyes: FourEyes) -> Result<()> {
    let ReadEntry { key, vendor, asked_on, on, environment } = read;
    let vendor = vendor_id(vendor);
    let question = Question {
        on: *on,
        known: Known::default(),
        environment: vec![*environment],
        action: Vec::new(),
        tier: Vec::new(),
        agency: Vec::new(),
        four_eyes,
    };
    let answer = to_json(&standing(&mut tx.seen(), vendor, &question)?)?;
    let head = tx.head();
    let entry = AccessEntry {
        id: example_id(&format!("read {key}")).into(),
        at: Instant::start_of(*asked_on).max(head.recorded_at),
        actor: tx.context().actor.clone(),
        credential: "none".to_owned(),
        operation: Operation::GetVendorStanding.id().to_owned(),
        target: format!("/v1/vendors/{vendor}/standing?on={on}&environment={environment}"),
        status: 200,
        known_seq: Some(head.seq),
        answer_sha256: Sha256Hex::of(answer.as_bytes()),
        request_sha256: None,
        vendors: vec![vendor.uuid()],
        vendor_count: 1,
        restricted: Vec::new(),
        restricted_count: 0,
        address: None,
        request_id: tx.context().request_id.clone(),
    };
    access_log::record(tx, &[Read { entry, subjects: vec![vendor.uuid()] }])
}
