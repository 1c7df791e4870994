//! The export of statistics: one row a group. The rows are few, so they are counted once, when they are asked for, and kept.

use std::ops::Range;

use super::{
    columns::optional,
    export::{ExportQuery, Found},
    format::{ExportFormat, Part},
    rows::Rows,
};
use crate::{
    db::{Sight, Snapshot},
    designations::{model::Origin, timeline::ScopeState},
    error::Result,
    http::to_json,
    journal::{Knowledge, KnownAt},
    statistics::{
        api::day_query,
        model::{DesignationStatisticsItem, Dimensions},
        service::{self, Question},
    },
    values::{AuthorityId, Date, Line, List, Seq, VendorId},
};

day_query!(StatisticsExportQuery {
    /// The form of the file; `csv` unless asked. `Accept` is not looked at.
    format: Option<ExportFormat>,
});

impl ExportQuery for StatisticsExportQuery {
    type Rows = StatisticsRows;

    fn format(&self) -> ExportFormat {
        self.format.unwrap_or_default()
    }

    fn may_be_evidence(sight: Sight) -> bool {
        sight.sees_restricted()
    }

    fn find(self, snapshot: &mut Snapshot<'_>) -> Result<Found<StatisticsRows>> {
        let question = self.question(snapshot)?;
        let known = service::take_up(snapshot, &question, self.known())?;
        let counted = question.count(snapshot, known)?;
        let items = question.answer(&counted, known).items;
        Ok(Found { rows: StatisticsRows { items }, known })
    }
}

/// Groups that were counted.
pub(super) struct StatisticsRows {
    items: Vec<DesignationStatisticsItem>,
}

impl Rows for StatisticsRows {
    const NAME: &'static str = "statistics";

    const COLUMNS: &'static [&'static str] = &[
        "regime",
        "authority",
        "authority_name",
        "state",
        "reason_code",
        "origin",
        "environment",
        "month",
        "designations",
        "in_force",
        "vendors",
    ];

    type Line = DesignationStatisticsItem;

    fn count(&self) -> usize {
        self.items.len()
    }

    fn write(
        &self,
        _: &mut Snapshot<'_>,
        (range, _): (Range<usize>, Knowledge),
        part: &mut Part,
    ) -> Result<()> {
        for item in self.items.get(range).unwrap_or_default() {
            if part.has_cells() {
                part.row(&cells(item))?;
            } else {
                part.line(&to_json(item)?);
            }
        }
        Ok(())
    }
}

fn cells(item: &DesignationStatisticsItem) -> Vec<String> {
    vec![
        optional(item.regime.as_ref()),
        optional(item.authority),
        optional(item.authority_name.as_ref()),
        optional(item.state),
        optional(item.reason_code),
        optional(item.origin),
        optional(item.environment),
        optional(item.month.as_ref()),
        item.designations.to_string(),
        item.in_force.to_string(),
        item.vendors.to_string(),
    ]
}
