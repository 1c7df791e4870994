//! The export of vendors: one row a vendor.

use std::ops::Range;

use super::{
    columns::{ended, optional, record, several},
    export::{ExportQuery, Found},
    format::{ExportFormat, Part},
    rows::Rows,
};
use crate::{
    db::{Sight, Snapshot},
    error::Result,
    journal::{self, Knowledge, Known},
    values::{Country, Line, List, RecordStatus, VendorId},
    vendors::{
        self,
        api::{VendorSort, vendor_query},
        model::Vendor,
    },
};

vendor_query!(VendorExportQuery {
    /// The form of the file; `csv` unless asked. `Accept` is not looked at.
    format: Option<ExportFormat>,
});

impl ExportQuery for VendorExportQuery {
    type Rows = VendorRows;

    fn format(&self) -> ExportFormat {
        self.format.unwrap_or_default()
    }

    fn may_be_evidence(_: Sight) -> bool {
        // Vendors are public, and what they are found by is not shown.
        false
    }

    fn find(self, snapshot: &mut Snapshot<'_>) -> Result<Found<VendorRows>> {
        let filter = self.filter()?;
        let known = journal::resolve(snapshot, Known { known_at: None, known_seq: None })?;
        let ids = vendors::all(snapshot, &filter, VendorSort::order(self.sort))?;
        Ok(Found { rows: VendorRows { ids }, known })
    }
}

/// Vendors that were found.
pub(super) struct VendorRows {
    ids: Vec<VendorId>,
}

impl Rows for VendorRows {
    const NAME: &'static str = "vendors";

    const COLUMNS: &'static [&'static str] = &[
        "id",
        "legal_name",
        "kind",
        "status",
        "country",
        "criticality",
        "roles",
        "tags",
        "names",
        "identifiers",
        "website",
        "description",
        "revision",
        "created_at",
        "updated_at",
        "ended_at",
        "ended_by",
        "ended_comment",
    ];

    type Line = Vendor;

    fn count(&self) -> usize {
        self.ids.len()
    }

    fn write(
        &self,
        snapshot: &mut Snapshot<'_>,
        (range, known): (Range<usize>, Knowledge),
        part: &mut Part,
    ) -> Result<()> {
        let ids = self.ids.get(range).unwrap_or_default();
        for text in vendors::texts(snapshot, ids, known)? {
            if part.has_cells() {
                part.row(&cells(&record(&text)?))?;
            } else {
                part.line(&text);
            }
        }
        Ok(())
    }
}

fn cells(vendor: &Vendor) -> Vec<String> {
    let names = vendor.names.iter().map(|name| format!("{}:{}", name.kind, name.name));
    let identifiers = vendor.identifiers.iter().map(|identifier| {
        let of =
            identifier.jurisdiction.map(|country| format!(" ({})", country.as_str())).unwrap_or_default();
        format!("{}:{}{of}", identifier.scheme, identifier.value)
    });
    let mut cells = vec![
        vendor.id.to_string(),
        vendor.legal_name.to_string(),
        vendor.kind.to_string(),
        vendor.status.to_string(),
        optional(vendor.country.map(|country| country.as_str().to_owned())),
        optional(vendor.criticality),
        several(&vendor.roles),
        several(&vendor.tags),
        several(names),
        several(identifiers),
        optional(vendor.website.as_deref()),
        optional(vendor.description.as_ref()),
        vendor.revision.to_string(),
        vendor.created_at.to_string(),
        vendor.updated_at.to_string(),
    ];
    cells.extend(ended(vendor.ended.as_ref()));
    cells
}
