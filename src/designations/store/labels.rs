//! The table of labels: every word by which a designation can ever have been listed. A designation keeps a label for
//! good, for lists look back; what it shows at a time is asked of its version.

use std::collections::BTreeSet;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use crate::{
    db::{AnyConnection, schema::designation_labels as labels, types::DbUuid, unexpected},
    designations::model::Designation,
    error::Result,
};

/// A label as it stands in the table. No word: all of a kind.
pub(super) fn label(kind: &str, word: &str) -> String {
    format!("{kind}:{word}")
}

/// The labels of a revision.
#[must_use]
pub fn labels_of(designation: &Designation) -> BTreeSet<String> {
    let mut all = BTreeSet::from([label("origin", designation.origin.as_str())]);
    all.extend(designation.reasons.iter().map(|reason| label("reason_code", reason.code.as_str())));
    for scope in &designation.scopes {
        if scope.environments.is_empty() {
            all.insert(label("environment", ""));
        }
        if scope.actions.is_empty() {
            all.insert(label("action", ""));
        }
        all.extend(scope.environments.iter().map(|word| label("environment", word.as_str())));
        all.extend(scope.actions.iter().map(|word| label("action", word.as_str())));
    }
    all
}

/// Adds what a revision shows for the first time.
pub(super) fn write(connection: &mut AnyConnection, designation: &Designation) -> Result<()> {
    let id = DbUuid(designation.id.uuid());
    let mut new = labels_of(designation);
    if designation.revision > 1 {
        let kept: Vec<String> = labels::table
            .filter(labels::designation_id.eq(id))
            .select(labels::label)
            .load(connection)
            .map_err(unexpected("read a designation's labels"))?;
        for label in kept {
            new.remove(&label);
        }
    }
    for label in new {
        diesel::insert_into(labels::table)
            .values((labels::label.eq(label), labels::designation_id.eq(id)))
            .execute(connection)
            .map_err(unexpected("insert a designation's label"))?;
    }
    Ok(())
}
