//! What SQLite does: the plan of each statement that the watched connections ran. It has no statistics, and tells no
//! numbers of rows; what can be seen is whether an index is searched or a table walked.

use std::sync::{Mutex, PoisonError};

use diesel::{
    SqliteConnection,
    connection::{Connection, InstrumentationEvent, SimpleConnection},
};
use risk_registry::db::{AnyConnection, Context, Db, Target};

use super::{super::support::sql, Kind, Plan, Watch};

/// The statements since they were last taken.
static RAN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(event: InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { query, .. } = event {
        let text = query.to_string();
        let statement = text.split(" -- binds").next().unwrap_or_default().to_owned();
        RAN.lock().unwrap_or_else(PoisonError::into_inner).push(statement);
    }
}

/// Watches the one pooled connection for reads, and the writer's.
pub fn watch(db: &Db) {
    db.read_blocking(&Context::own(), |snapshot| {
        snapshot.connection().set_instrumentation(note);
        Ok(())
    })
    .unwrap();
    db.write_blocking(Context::new("test", "test"), |tx| {
        tx.connection().set_instrumentation(note);
        Ok(())
    })
    .unwrap();
}

pub struct Statements(AnyConnection);

impl Statements {
    pub fn new(target: &Target) -> Self {
        Self(sql::plain(target))
    }
}

impl Watch for Statements {
    fn plans(&mut self, kind: &Kind) -> Vec<Plan> {
        let ran = std::mem::take(&mut *RAN.lock().unwrap_or_else(PoisonError::into_inner));
        let planned = ran.into_iter().filter(|statement| {
            ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| statement.trim_start().starts_with(verb))
        });
        planned.map(|statement| self.plan(statement, kind)).collect()
    }
}

/// Whether a step reads all of a table. A plan calls a table by its alias, so whatever is not known to be small is large:
/// what was found before (`part_0`, subqueries), the ids of a text, tables of a row.
fn walks(step: &str) -> bool {
    let Some(what) = step.strip_prefix("SCAN ") else { return false };
    let what = what.split(' ').next().unwrap_or_default();
    let found_before =
        ["part_", "(subquery-", "cells", "counted"].iter().any(|begin| what.starts_with(begin));
    !found_before && !["json_each", "journal_head", "__diesel_schema_migrations", "CONSTANT"].contains(&what)
}

#[derive(diesel::QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

impl Statements {
    fn plan(&mut self, mut statement: String, kind: &Kind) -> Plan {
        let explain = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"));
        let steps: Vec<Step> = diesel::RunQueryDsl::load(explain, &mut self.0).unwrap();
        let steps: Vec<String> = steps.into_iter().map(|step| step.detail).collect();
        let mut faults = Vec::new();
        for step in &steps {
            let table = step.split(' ').nth(1).unwrap_or_default();
            let counted = kind.counts_everything() && ["p", "designation_versions"].contains(&table);
            if walks(step) && !counted {
                faults.push(step.clone());
            }
            // Half of all rows have one status: by it alone a table may be walked in order, but not read to be sorted.
            let walked = step.contains("(status=?)") || step.contains("(known_to_seq");
            if walked && steps.iter().any(|other| other.contains("TEMP B-TREE FOR ORDER BY")) {
                faults.push(format!("{step}, then sorted"));
            }
            // The orders of what is open, not of all that ever was.
            if matches!(kind, Kind::Page | Kind::Due) && step.contains("designation_versions_past") {
                faults.push(step.clone());
            }
        }
        if !faults.is_empty() {
            statement.truncate(3000);
            statement += &format!("\n    {}", steps.join("\n    "));
        }
        Plan { statement, touched: 0, faults }
    }
}

#[test]
fn a_walk_through_a_table_is_seen_under_an_alias_and_in_a_subquery() {
    let mut memory = SqliteConnection::establish(":memory:").unwrap();
    memory
        .batch_execute(
            "CREATE TABLE vendors (id TEXT PRIMARY KEY, name_key TEXT); CREATE TABLE journal_head (seq)",
        )
        .unwrap();
    let mut statements = Statements(AnyConnection::Sqlite(memory));
    for (statement, walks) in [
        ("SELECT v.id FROM vendors v WHERE v.name_key = 'x'", true),
        ("SELECT 1 WHERE EXISTS (SELECT 1 FROM vendors AS w WHERE w.name_key = 'x')", true),
        ("UPDATE vendors SET name_key = 'y' WHERE name_key = 'x'", true),
        ("SELECT v.id FROM vendors v WHERE v.id IN (SELECT value FROM json_each('[]'))", false),
        ("SELECT id FROM (SELECT id FROM vendors WHERE id = 'x' LIMIT 9) AS part_0 LIMIT 9", false),
        ("SELECT seq FROM journal_head", false),
    ] {
        let plan = statements.plan(statement.to_owned(), &Kind::Page);
        assert_eq!(!plan.faults.is_empty(), walks, "{statement}: {:?}", plan.faults);
    }
}
