//! Asking for standing: one vendor or many, in one snapshot and a handful of statements.

use std::collections::HashMap;

use super::{
    evaluation::{Evaluation, KnownDesignation, Names, evaluate, summary},
    model::{Agency, CategoryDesignation, Coverage, Standing, StandingError, StandingInputs},
};
use crate::{
    access::FourEyes,
    authorities,
    db::Snapshot,
    designations::{
        model::{Action, Environment, Tier},
        service as designations,
    },
    error::{Error, Result},
    journal::{self, Knowledge, Known},
    values::{AuthorityId, Date, VendorId},
    vendors::{self, model::IdentifierScheme},
};

/// What is asked, with agencies as people call them.
#[derive(Debug, Clone)]
pub struct Question {
    pub on: Date,
    pub known: Known,
    pub environment: Vec<Environment>,
    pub action: Vec<Action>,
    pub tier: Vec<Tier>,
    pub agency: Vec<String>,
    /// As the server works; it is told in the answer.
    pub four_eyes: FourEyes,
}

/// A vendor as a batch names it.
#[derive(Debug, Clone)]
pub enum Named {
    Id(VendorId),
    /// A scheme and a normalised value, or one that can't be an identifier.
    Identifier(IdentifierScheme, std::result::Result<String, Unfit>),
}

/// What can't be an identifier of its scheme.
#[derive(Debug, Clone)]
pub struct Unfit {
    /// As it was given.
    pub value: String,
    pub fault: &'static str,
}

/// A batch's answers, in the order of the questions.
pub struct Checked {
    pub items: Vec<std::result::Result<Standing, StandingError>>,
    pub knowledge: Knowledge,
}

/// The standing of one vendor.
///
/// # Errors
/// No such vendor, an unknown agency, a position beyond the head.
pub fn standing(snapshot: &mut Snapshot<'_>, vendor: VendorId, question: &Question) -> Result<Standing> {
    let checked = check(snapshot, &[Named::Id(vendor)], question).map_err(Error::of_query)?;
    match checked.items.into_iter().next() {
        Some(Ok(standing)) => Ok(standing),
        _ => Err(Error::not_found("vendor", vendor)),
    }
}

/// The standing of many vendors, from one position of the journal.
///
/// # Errors
/// An unknown agency, a position beyond the head. What is wrong with one vendor is that item's error.
pub fn check(snapshot: &mut Snapshot<'_>, named: &[Named], question: &Question) -> Result<Checked> {
    let knowledge = journal::resolve(snapshot, question.known)?;
    let inputs = inputs(snapshot, question)?;
    let ids = identify(snapshot, named)?;
    let wanted: Vec<VendorId> = ids.iter().filter_map(|id| id.as_ref().ok().copied()).collect();
    let known = vendors::as_known(snapshot, &wanted, knowledge)?;
    for id in known.keys() {
        snapshot.evidence().subject(id.uuid());
    }
    let mut categories: Vec<CategoryDesignation> = Vec::new();
    let mut of_vendor: HashMap<VendorId, Vec<KnownDesignation>> = HashMap::new();
    for (designation, regime) in designations::for_standing(snapshot, &wanted, (inputs.on, knowledge))? {
        let timelines = designations::timelines_of(&designation)?;
        let known = KnownDesignation { designation, timelines, regime };
        match known.designation.vendor_id {
            Some(vendor) => of_vendor.entry(vendor).or_default().push(known),
            None => categories.extend(known.as_category(inputs.on)),
        }
    }
    let agencies: Vec<AuthorityId> = inputs.agency.iter().filter_map(Agency::authority).collect();
    let agencies = if agencies.is_empty() {
        HashMap::new()
    } else {
        authorities::names_at(snapshot, &agencies, knowledge)?
    };
    let coverage = Coverage::of(snapshot.sight());
    let answer = |id: std::result::Result<VendorId, StandingError>| {
        let vendor_id = id?;
        let Some(vendor) = known.get(&vendor_id) else { return Err(not_found(vendor_id)) };
        let found = of_vendor.get(&vendor_id).map(Vec::as_slice).unwrap_or_default();
        let evaluation = evaluate(found, &inputs);
        let names = Names { vendor: vendor.legal_name.as_deref(), agencies: &agencies, coverage };
        let summary = summary(&names, &evaluation, &inputs);
        let Evaluation { verdict, findings, unmatched, holds_until } = evaluation;
        Ok(Standing {
            vendor_id,
            vendor_known: vendor.legal_name.is_some(),
            verdict,
            summary,
            findings,
            unmatched,
            categories: categories.clone(),
            holds_until,
            known_seq: knowledge.seq,
            recorded_at: knowledge.recorded_at,
            coverage,
            four_eyes: question.four_eyes,
            inputs: inputs.clone(),
        })
    };
    Ok(Checked { items: ids.into_iter().map(answer).collect(), knowledge })
}

fn not_found(id: VendorId) -> StandingError {
    StandingError { code: "not_found".into(), detail: format!("there is no vendor {id}") }
}

/// The inputs with ids for names, each once and in one order, so that the same question reads the same.
fn inputs(snapshot: &mut Snapshot<'_>, question: &Question) -> Result<StandingInputs> {
    fn set<T: Ord + Clone>(items: &[T]) -> Vec<T> {
        let set: std::collections::BTreeSet<T> = items.iter().cloned().collect();
        set.into_iter().collect()
    }
    let places = question.agency.iter().enumerate();
    let (none, names): (Vec<_>, Vec<_>) = places.partition(|(_, name)| name.eq_ignore_ascii_case("none"));
    let names: Vec<(&str, String)> =
        names.into_iter().map(|(index, name)| (name.as_str(), format!("agency/{index}"))).collect();
    let resolved = if names.is_empty() { Vec::new() } else { authorities::resolve(snapshot, &names)? };
    let agency: Vec<Agency> =
        none.iter().map(|_| Agency::None).chain(resolved.into_iter().map(Agency::Authority)).collect();
    Ok(StandingInputs {
        on: question.on,
        environment: set(&question.environment),
        action: set(&question.action),
        tier: set(&question.tier),
        agency: set(&agency),
    })
}

/// The vendors that a batch means.
fn identify(
    snapshot: &mut Snapshot<'_>,
    named: &[Named],
) -> Result<Vec<std::result::Result<VendorId, StandingError>>> {
    let identifiers: Vec<(IdentifierScheme, String)> = named
        .iter()
        .filter_map(|named| match named {
            Named::Identifier(scheme, Ok(value)) => Some((*scheme, value.clone())),
            Named::Identifier(_, Err(_)) | Named::Id(_) => None,
        })
        .collect();
    let bearers = if identifiers.is_empty() {
        HashMap::new()
    } else {
        vendors::by_identifiers(snapshot, &identifiers)?
    };
    let error = |code: &str, detail: String| Err(StandingError { code: code.into(), detail });
    let identified = named.iter().map(|named| match named {
        Named::Id(id) => Ok(*id),
        Named::Identifier(scheme, Err(Unfit { value, fault })) => {
            error("invalid_identifier", format!("{scheme} {fault}, and this is \"{value}\""))
        }
        Named::Identifier(scheme, Ok(value)) => {
            match bearers.get(&(*scheme, value.clone())).map(Vec::as_slice).unwrap_or_default() {
                [only] => Ok(*only),
                [] => error("not_found", format!("no vendor bears {scheme} {value}")),
                several => {
                    let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
                    let detail = format!(
                        "several retired vendors bear {scheme} {value}: {}; name one by its id",
                        ids.join(", ")
                    );
                    error("ambiguous_identifier", detail)
                }
            }
        }
    });
    Ok(identified.collect())
}
