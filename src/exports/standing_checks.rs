//! The export of a standing check: one row a vendor, in the order of the request.

use std::ops::Range;

use super::{
    columns::{optional, several},
    export::Found,
    format::Part,
    rows::Rows,
};
use crate::{
    db::Snapshot,
    error::{Error, Result},
    http::to_json,
    journal::Knowledge,
    standing::{
        api::{Asked, StandingCheckItem},
        model::Standing,
        service::{self, Checked, Named, Unfit},
    },
    values::VendorId,
    vendors,
};

/// Makes the check.
pub(super) fn find(snapshot: &mut Snapshot<'_>, asked: &Asked) -> Result<Found<StandingRows>> {
    let Checked { items, knowledge } =
        service::check(snapshot, &asked.named, &asked.question).map_err(Error::of_body)?;
    let named = asked.named.iter().map(|named| match named {
        Named::Id(id) => id.to_string(),
        // What can't be one is an error of its row, and can be found by it in the request.
        Named::Identifier(scheme, Ok(value) | Err(Unfit { value, .. })) => format!("{scheme}:{value}"),
    });
    let rows = StandingRows { named: named.collect(), items: items.into_iter().map(Into::into).collect() };
    Ok(Found { rows, known: knowledge })
}

/// Standings that were found.
pub(super) struct StandingRows {
    /// The vendors as the request names them.
    named: Vec<String>,
    items: Vec<StandingCheckItem>,
}

impl Rows for StandingRows {
    const NAME: &'static str = "standing-checks";

    const COLUMNS: &'static [&'static str] = &[
        "asked",
        "vendor_id",
        "vendor",
        "vendor_known",
        "verdict",
        "summary",
        "on",
        "holds_until",
        "findings",
        "finding_ids",
        "unmatched",
        "categories",
        "environment",
        "action",
        "tier",
        "agency",
        "coverage",
        "four_eyes",
        "known_seq",
        "recorded_at",
        "error_code",
        "error_detail",
    ];

    type Line = StandingCheckItem;

    fn count(&self) -> usize {
        self.items.len()
    }

    fn write(
        &self,
        snapshot: &mut Snapshot<'_>,
        (range, known): (Range<usize>, Knowledge),
        part: &mut Part,
    ) -> Result<()> {
        let items = self.items.get(range.clone()).unwrap_or_default();
        if !part.has_cells() {
            for item in items {
                part.line(&to_json(item)?);
            }
            return Ok(());
        }
        let ids: Vec<VendorId> = items
            .iter()
            .filter_map(|item| item.standing.as_ref())
            .map(|standing| standing.vendor_id)
            .collect();
        let vendors = vendors::as_known(snapshot, &ids, known)?;
        for (named, item) in self.named.get(range).unwrap_or_default().iter().zip(items) {
            let name = item.standing.as_ref().and_then(|standing| vendors.get(&standing.vendor_id));
            let name = name.and_then(|vendor| vendor.legal_name.as_deref());
            part.row(&cells(named, item, name))?;
        }
        Ok(())
    }
}

fn cells(named: &str, item: &StandingCheckItem, name: Option<&str>) -> Vec<String> {
    let mut cells = vec![named.to_owned()];
    match &item.standing {
        Some(standing) => cells.extend(of_standing(standing, name)),
        None => cells.resize(StandingRows::COLUMNS.len().saturating_sub(2), String::new()),
    }
    let error = item.error.as_ref();
    cells.push(optional(error.map(|error| &error.code)));
    cells.push(optional(error.map(|error| &error.detail)));
    cells
}

fn of_standing(standing: &Standing, name: Option<&str>) -> Vec<String> {
    let finding = |finding: &crate::standing::model::Finding| {
        let mut states: Vec<&str> = Vec::new();
        for scope in &finding.scopes {
            if !states.contains(&scope.state.as_str()) {
                states.push(scope.state.as_str());
            }
        }
        format!("{} ({}, {}: {})", finding.title, finding.regime, finding.effect, states.join(", "))
    };
    let inputs = &standing.inputs;
    vec![
        standing.vendor_id.to_string(),
        optional(name),
        standing.vendor_known.to_string(),
        standing.verdict.to_string(),
        standing.summary.clone(),
        inputs.on.to_string(),
        optional(standing.holds_until),
        several(standing.findings.iter().map(finding)),
        several(standing.findings.iter().map(|finding| finding.designation_id)),
        several(standing.unmatched.iter().map(|designation| &designation.title)),
        several(standing.categories.iter().map(|designation| &designation.title)),
        several(&inputs.environment),
        several(&inputs.action),
        several(&inputs.tier),
        several(
            inputs.agency.iter().map(|agency| agency.authority().map_or("none".into(), |id| id.to_string())),
        ),
        standing.coverage.to_string(),
        standing.four_eyes.to_string(),
        standing.known_seq.to_string(),
        optional(standing.recorded_at),
    ]
}
