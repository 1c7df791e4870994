//! What SQLite does: the plan of each statement that the watched connections ran. It has no statistics, and tells no
//! numbers of rows; what can be seen is whether an index is searched or a table walked.

use std::sync::{Mutex, PoisonError};

use diesel::connection::{Connection, InstrumentationEvent};
use risk_registry::db::{AnyConnection, Context, Db, Target};

use super::{super::support::sql, Kind, LARGE, Plan, Watch};

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
    db.read_blocking(|snapshot| {
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
            let words: Vec<&str> = step.split(' ').collect();
            let table = words.get(1).copied().unwrap_or_default();
            if words[0] == "SCAN" && LARGE.contains(&table) {
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
