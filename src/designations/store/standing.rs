//! What a standing is made from.

use diesel::{
    ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Nullable, Text},
};

use crate::{
    db::{
        AnyConnection, Sight,
        narrow::{among_text, settled},
        schema::{designation_versions as versions, journal, regimes},
        types::{DbJson, DbUuid},
        unexpected, visibility_now,
    },
    designations::{
        model::{DesignationStatus, Visibility},
        timeline::ScopeState,
    },
    error::Result,
    journal::{Knowledge, column},
    values::{Date, DesignationId, VendorId},
};

/// What of a designation a standing is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::designations) struct Basis {
    pub(in crate::designations) id: DesignationId,
    pub(in crate::designations) document: String,
    /// Its regime's slug.
    pub(in crate::designations) regime: String,
    /// Whether it is restricted, now or in this version.
    pub(in crate::designations) restricted: bool,
}

/// A row of it: id, text, slug, the visibility then and now.
type BasisRow = (DbUuid, DbJson, String, (String, Option<String>));

/// The designations of these vendors that count, and of those of categories of which a scope binds on a day,
/// as known at a position, as far as they are seen; each with its regime's slug, which is fixed.
pub(in crate::designations) fn for_standing(
    connection: &mut AnyConnection,
    sight: Sight,
    vendors: &[VendorId],
    (on, known): (Date, Knowledge),
) -> Result<Vec<Basis>> {
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
        let counts = format!(
            "designation_versions.status = '{}' AND known_from_seq <= {seq}",
            DesignationStatus::Active
        );
        let now = sight.of_designation("designation_versions.designation_id");
        let seen = sight.of_versions().map(ToOwned::to_owned).into_iter().chain(now);
        let then = settled(&[counts].into_iter().chain(seen).collect::<Vec<_>>().join(" AND "));
        let now = sql::<Nullable<Text>>(&visibility_now("designation_versions.designation_id"));
        let rows: Vec<BasisRow> = versions::table
            .inner_join(journal::table.on(journal::seq.eq(versions::known_from_seq)))
            .inner_join(regimes::table.on(regimes::id.eq(versions::regime_id)))
            .filter(versions::known_to_seq.gt(seq))
            .filter(sql::<Bool>(&then))
            .filter(sql::<Bool>(&subjects))
            .select((versions::designation_id, journal::payload, regimes::slug, (versions::visibility, now)))
            .load(connection)
            .map_err(unexpected("read designations for a standing"))?;
        let public = Visibility::Public.as_str();
        found.extend(rows.into_iter().map(|(id, document, regime, (then, now))| Basis {
            id: id.0.into(),
            document: document.0,
            regime,
            restricted: then != public || now.as_deref() != Some(public),
        }));
    }
    Ok(found)
}
