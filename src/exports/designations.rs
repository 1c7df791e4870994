//! The export of designations: one row a designation, as known at a time, with the names of what it refers to.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use super::{
    columns::{ended, optional, record, several},
    export::{ExportQuery, Found},
    format::{ExportFormat, Part},
    rows::Rows,
};
use crate::{
    authorities,
    db::{Sight, Snapshot},
    designations::{
        api::{self, DesignationSort, designation_query},
        model::{
            Action, CurrentState, Designation, DesignationStatus, Environment, Origin, ReasonCode, Scope,
        },
        service::{self, Version},
        timeline::ScopeState,
    },
    error::Result,
    journal::{self, Knowledge, KnownAt},
    regimes,
    values::{AuthorityId, Date, Line, List, RegimeId, Seq, VendorId},
    vendors,
};

designation_query!(DesignationExportQuery {
    /// Only designations of these vendors.
    #[serde(default)]
    #[param(inline)]
    vendor_id: List<VendorId, 100>,
} {
    /// The form of the file; `csv` unless asked. `Accept` is not looked at.
    format: Option<ExportFormat>,
});

impl ExportQuery for DesignationExportQuery {
    type Rows = DesignationRows;

    fn format(&self) -> ExportFormat {
        self.format.unwrap_or_default()
    }

    fn may_be_evidence(sight: Sight) -> bool {
        sight.sees_restricted()
    }

    fn find(self, snapshot: &mut Snapshot<'_>) -> Result<Found<DesignationRows>> {
        let vendors = self.vendor_id.clone();
        let wanted = self.wanted(vendors);
        let (order, today) = (wanted.order(), Date::today());
        let known = journal::resolve(snapshot, wanted.known)?;
        let filter = api::filter(snapshot, wanted, today)?;
        let versions = service::all(snapshot, &filter, known, order)?;
        Ok(Found { rows: DesignationRows { versions, today }, known })
    }
}

/// Designations that were found, and the day that `current` is of.
pub(super) struct DesignationRows {
    versions: Vec<Version>,
    today: Date,
}

impl Rows for DesignationRows {
    const NAME: &'static str = "designations";

    const COLUMNS: &'static [&'static str] = &[
        "id",
        "title",
        "reference",
        "vendor_id",
        "vendor",
        "category",
        "regime_id",
        "regime",
        "authority_id",
        "authority",
        "effect",
        "instrument",
        "origin",
        "basis_disclosure",
        "visibility",
        "status",
        "state",
        "in_force",
        "state_on",
        "reason_codes",
        "scopes",
        "environments",
        "actions",
        "tiers",
        "agencies",
        "events",
        "latest_event_on",
        "next_review_on",
        "summary",
        "revision",
        "created_at",
        "updated_at",
        "ended_at",
        "ended_by",
        "ended_comment",
    ];

    type Line = Designation;

    fn count(&self) -> usize {
        self.versions.len()
    }

    fn write(
        &self,
        snapshot: &mut Snapshot<'_>,
        (range, known): (Range<usize>, Knowledge),
        part: &mut Part,
    ) -> Result<()> {
        let versions = self.versions.get(range).unwrap_or_default();
        let mut found = Vec::new();
        for (text, current) in service::texts(snapshot, versions, (self.today, known))? {
            let designation = part.has_cells().then(|| record::<Designation>(&text)).transpose()?;
            found.push((text, current, designation));
        }
        let names = Names::of(snapshot, found.iter().filter_map(|(.., read)| read.as_ref()), known)?;
        for (text, current, designation) in found {
            match designation {
                Some(designation) => part.row(&cells(&designation, &current, &names))?,
                None => part.line(&api::with_current(text, &current)?),
            }
        }
        Ok(())
    }
}

/// What records that designations refer to were called then.
struct Names {
    vendors: HashMap<VendorId, String>,
    regimes: HashMap<RegimeId, String>,
    authorities: HashMap<AuthorityId, String>,
}

impl Names {
    fn of<'d>(
        snapshot: &mut Snapshot<'_>,
        designations: impl Iterator<Item = &'d Designation>,
        known: Knowledge,
    ) -> Result<Self> {
        let (mut vendors, mut regimes, mut authorities) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for designation in designations {
            vendors.extend(designation.vendor_id);
            regimes.insert(designation.regime_id);
            authorities.insert(designation.authority_id);
        }
        let called = vendors::as_known(snapshot, &Vec::from_iter(vendors), known)?;
        Ok(Self {
            vendors: called.into_iter().filter_map(|(id, vendor)| Some((id, vendor.legal_name?))).collect(),
            regimes: regimes::slugs(snapshot, &Vec::from_iter(regimes))?,
            authorities: authorities::names_at(snapshot, &Vec::from_iter(authorities), known)?,
        })
    }
}

/// What scopes cover together: all, where one of them states nothing.
fn covered<T: std::fmt::Display>(scopes: &[Scope], listed: impl Fn(&Scope) -> &[T]) -> String {
    if scopes.iter().any(|scope| listed(scope).is_empty()) {
        return "all".to_owned();
    }
    let mut words = Vec::new();
    for word in scopes.iter().flat_map(|scope| listed(scope).iter().map(ToString::to_string)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    several(words)
}

fn cells(designation: &Designation, current: &CurrentState, names: &Names) -> Vec<String> {
    let mut codes: Vec<&str> = Vec::new();
    for reason in &designation.reasons {
        if !codes.contains(&reason.code.as_str()) {
            codes.push(reason.code.as_str());
        }
    }
    let scopes = &designation.scopes;
    let mut cells = vec![
        designation.id.to_string(),
        designation.title.to_string(),
        optional(designation.reference.as_ref()),
        optional(designation.vendor_id),
        optional(designation.vendor_id.and_then(|id| names.vendors.get(&id))),
        optional(designation.category.as_ref()),
        designation.regime_id.to_string(),
        optional(names.regimes.get(&designation.regime_id)),
        designation.authority_id.to_string(),
        optional(names.authorities.get(&designation.authority_id)),
        designation.effect.to_string(),
        designation.instrument.to_string(),
        designation.origin.to_string(),
        designation.basis_disclosure.to_string(),
        designation.visibility.to_string(),
        designation.status.to_string(),
        current.state.to_string(),
        current.in_force.to_string(),
        current.on.to_string(),
        several(codes),
        scopes.len().to_string(),
        covered(scopes, |scope| &scope.environments),
        covered(scopes, |scope| &scope.actions),
        covered(scopes, |scope| &scope.tiers),
        covered(scopes, |scope| &scope.agencies),
        designation.events.len().to_string(),
        optional(designation.latest_event_on()),
        optional(designation.next_review_on),
        optional(designation.summary.as_ref()),
        designation.revision.to_string(),
        designation.created_at.to_string(),
        designation.updated_at.to_string(),
    ];
    cells.extend(ended(designation.ended.as_ref()));
    cells
}
