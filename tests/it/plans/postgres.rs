//! What PostgreSQL did: each plan as it was carried out, with the rows that each step touched. auto_explain, which comes
//! with the server, writes them into the server's log; reading the log is the one way to see plans of prepared statements.

use diesel::{QueryableByName, RunQueryDsl, sql_types::Binary};
use risk_registry::db::{AnyConnection, Target};
use serde_json::Value;

use super::{
    super::support::{sql, sql::Raw},
    Kind, LARGE, Plan, Watch,
};

/// The server's log from some place on.
pub struct Log {
    connection: AnyConnection,
    path: String,
    read: i64,
}

#[derive(QueryableByName)]
struct Piece {
    #[diesel(sql_type = Binary)]
    piece: Vec<u8>,
}

impl Log {
    /// Every connection to the database that is opened from now on writes its plans.
    pub fn open(target: &Target) -> Self {
        let mut connection = sql::plain(target);
        let name = connection.lines("SELECT current_database()::text AS line").remove(0);
        for setting in [
            "session_preload_libraries = 'auto_explain'",
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_analyze = on",
            "auto_explain.log_buffers = on",
            "auto_explain.log_timing = off",
            "auto_explain.log_nested_statements = on",
            "auto_explain.log_format = json",
            "auto_explain.log_level = log",
        ] {
            connection.run(&format!("ALTER DATABASE {name} SET {setting}")).unwrap();
        }
        // scripts/postgres-for-tests lets the server write it beside its data.
        let path = connection
            .lines("SELECT current_setting('data_directory') || '/../server.log' AS line")
            .remove(0);
        let read = connection.number(&format!("SELECT size AS number FROM pg_stat_file('{path}')"));
        Self { connection, path, read }
    }

    fn new_text(&mut self) -> String {
        let piece =
            format!("SELECT pg_read_binary_file('{}', {}, 1000000000) AS piece", self.path, self.read);
        let Piece { piece } = diesel::sql_query(piece).get_result(&mut self.connection).unwrap();
        self.read += i64::try_from(piece.len()).unwrap();
        String::from_utf8_lossy(&piece).into_owned()
    }
}

impl Watch for Log {
    fn plans(&mut self, kind: &Kind) -> Vec<Plan> {
        let mut text = self.new_text();
        // The log of reads writes behind the answers: its last entry may be on its way.
        while text
            .split("  plan:\n")
            .skip(1)
            .last()
            .is_some_and(|entry| plan_of(entry).is_err_and(|e| e.is_eof()))
        {
            std::thread::sleep(std::time::Duration::from_millis(20));
            text += &self.new_text();
        }
        let entries = text.split("  plan:\n").skip(1);
        entries
            .map(|entry| {
                let plan = plan_of(entry).unwrap_or_else(|fault| panic!("{fault}: {entry}"));
                let mut found = Plan {
                    statement: plan["Query Text"].as_str().unwrap().to_owned(),
                    touched: 0,
                    faults: Vec::new(),
                };
                look(&mut found, &plan["Plan"], *kind);
                if !found.faults.is_empty() {
                    found.statement += &format!("\n{}", shape(&plan["Plan"], 2));
                }
                found.statement.truncate(4000);
                found
            })
            .collect()
    }
}

/// The plan of an entry of the server's log.
fn plan_of(entry: &str) -> serde_json::Result<Value> {
    let lines: String = entry.lines().map_while(|line| line.strip_prefix('\t')).collect();
    serde_json::from_str(&lines)
}

fn count(node: &Value, field: &str) -> u64 {
    node[field].as_f64().map_or(0, |rows| rows.round() as u64)
}

/// Looks at a step and at those below it.
fn look(found: &mut Plan, node: &Value, of_call: Kind) {
    let allowance = of_call.allowance();
    let table = node["Relation Name"].as_str().unwrap_or_default();
    let kind = node["Node Type"].as_str().unwrap_or_default();
    if LARGE.contains(&table) && kind != "ModifyTable" {
        let removed = ["Rows Removed by Filter", "Rows Removed by Index Recheck"];
        let rows = count(node, "Actual Rows") + removed.iter().map(|field| count(node, field)).sum::<u64>();
        let rows = rows * count(node, "Actual Loops").max(1);
        found.touched = found.touched.max(rows);
        let index = node["Index Name"].as_str().unwrap_or_default();
        if kind.contains("Seq Scan") && !of_call.counts_everything() {
            found.faults.push(format!("{kind} on {table}"));
        }
        if rows > allowance {
            found.faults.push(format!("{kind} {index} on {table} touched {rows} rows"));
        }
        // A condition on a later column of an index is checked on all of its entries, which counts no rows.
        let blocks = count(node, "Shared Hit Blocks") + count(node, "Shared Read Blocks");
        let loops = count(node, "Actual Loops").max(1);
        if node["Plans"].is_null() && blocks > 12 * (rows + loops) + 400 {
            found.faults.push(format!("{kind} {index} on {table} read {blocks} blocks for {rows} rows"));
        }
    }
    for below in node["Plans"].as_array().into_iter().flatten() {
        look(found, below, of_call);
    }
}

/// A plan as people read it.
fn shape(node: &Value, depth: usize) -> String {
    let text = |field: &str| {
        node[field]
            .as_str()
            .map_or(String::new(), |text| format!(" {field}: {}", &text[..text.len().min(200)]))
    };
    let own = format!(
        "{}{}{}{} rows={} (thought {}) removed={} loops={}{}{}\n",
        "  ".repeat(depth),
        node["Node Type"].as_str().unwrap_or_default(),
        text("Index Name"),
        text("Relation Name"),
        node["Actual Rows"],
        node["Plan Rows"],
        node["Rows Removed by Filter"],
        node["Actual Loops"],
        text("Index Cond"),
        text("Filter"),
    );
    let below = node["Plans"].as_array().into_iter().flatten().map(|below| shape(below, depth + 1));
    own + &below.collect::<String>()
}
