//! What a standing is made from.

use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, dsl::sql, sql_types::Bool};

use crate::{
    db::{
        AnyConnection,
        narrow::{among_text, settled},
        schema::{designation_versions as versions, journal, regimes},
        types::DbJson,
        unexpected,
    },
    designations::{model::DesignationStatus, timeline::ScopeState},
    error::Result,
    journal::{Knowledge, column},
    values::{Date, VendorId},
};

/// The texts of the designations of these vendors that count, and of those of categories of which a scope binds on a day,
/// as known at a position; each with its regime's slug, which is fixed.
pub(in crate::designations) fn for_standing(
    connection: &mut AnyConnection,
    vendors: &[VendorId],
    (on, known): (Date, Knowledge),
) -> Result<Vec<(String, String)>> {
    let seq = column(known.seq)?;
    let of_vendors =
        among_text(connection, "designation_versions.vendor_id", vendors.iter().map(|id| id.uuid()));
    let binding_categories = format!(
        "designation_versions.vendor_id IS NULL AND EXISTS (SELECT 1 FROM designation_periods p \
         WHERE p.designation_id = designation_versions.designation_id \
         AND p.known_from_seq <= {seq} AND p.known_to_seq > {seq} \
         AND p.from_on <= '{on}' AND p.to_on > '{on}' AND {} LIMIT 1 OFFSET 0)",
        settled(&format!("p.state IN ('{}')", ScopeState::words_of(ScopeState::binds).join("', '"))),
    );
    let mut found = Vec::new();
    // Joined by OR, the two would have no index between them.
    for subjects in [of_vendors, binding_categories] {
        // The vendor is what an index is chosen by, not the rest.
        let then = settled(&format!(
            "designation_versions.status = '{}' AND known_from_seq <= {seq}",
            DesignationStatus::Active
        ));
        let texts: Vec<(DbJson, String)> = versions::table
            .inner_join(journal::table.on(journal::seq.eq(versions::known_from_seq)))
            .inner_join(regimes::table.on(regimes::id.eq(versions::regime_id)))
            .filter(versions::known_to_seq.gt(seq))
            .filter(sql::<Bool>(&then))
            .filter(sql::<Bool>(&subjects))
            .select((journal::payload, regimes::slug))
            .load(connection)
            .map_err(unexpected("read designations for a standing"))?;
        found.extend(texts.into_iter().map(|(document, slug)| (document.0, slug)));
    }
    Ok(found)
}
