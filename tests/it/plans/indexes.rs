//! What the catalogues say: each foreign key and each filter of a list has an index that begins with its columns.

use std::collections::BTreeSet;

use risk_registry::db::AnyConnection;
use serde_json::Value;

use super::super::support::{
    App, Backend,
    sql::{self, Raw},
};

/// Table and columns of each index, in order, as `table(a,b,c)`; partial ones as well if they are wanted.
fn indexes(connection: &mut AnyConnection, backend: Backend, partial: bool) -> BTreeSet<String> {
    let all = backend.says(
        "SELECT m.name || '(' || (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) \
         || ')' || CASE i.partial WHEN 1 THEN '?' ELSE '' END AS line \
         FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' \
         UNION ALL SELECT m.name || '(' || c.name || ')' FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER'",
        "SELECT indrelid::regclass || '(' || (SELECT string_agg(attname, ',' ORDER BY place) \
         FROM unnest(indkey::int2[]) WITH ORDINALITY AS k(number, place) \
         JOIN pg_attribute ON attrelid = indrelid AND attnum = number) || ')' \
         || CASE WHEN indpred IS NULL THEN '' ELSE '?' END AS line \
         FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace",
    );
    let found = connection.lines(all).into_iter().filter(|index| partial || !index.ends_with('?'));
    found.map(|index| index.trim_end_matches('?').to_owned()).collect()
}

fn begins(indexes: &BTreeSet<String>, wanted: &str) -> bool {
    let wanted = wanted.trim_end_matches(')');
    indexes.iter().any(|index| {
        index.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(',') || rest.starts_with(')'))
    })
}

#[test]
fn every_foreign_key_has_an_index_that_begins_with_it() {
    let app = App::empty();
    let (backend, mut connection) = (app.database().backend, sql::plain(app.target()));
    let keys = connection.lines(backend.says(
        "SELECT m.name || '(' || group_concat(f.\"from\") || ')' AS line FROM sqlite_master m, pragma_foreign_key_list(m.name) f \
         WHERE m.type = 'table' GROUP BY m.name, f.id",
        "SELECT conrelid::regclass || '(' || (SELECT string_agg(attname, ',' ORDER BY place) \
         FROM unnest(conkey) WITH ORDINALITY AS k(number, place) \
         JOIN pg_attribute ON attrelid = conrelid AND attnum = number) || ')' AS line \
         FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace",
    ));
    let indexes = indexes(&mut connection, backend, false);
    let bare: Vec<&String> = keys.iter().filter(|key| !begins(&indexes, key)).collect();
    assert!(bare.is_empty(), "no index begins with {bare:?}");
    assert!(keys.len() >= 18, "{keys:?}");
    println!("{} foreign keys, {} indexes", keys.len(), indexes.len());
}

/// The index that serves each filter, and `sort`, of each list.
const FILTERS: [(&str, &[(&str, &[&str])]); 8] = [
    (
        "/v1/vendors",
        &[
            ("name", &["vendor_words(word)", "vendor_words(vendor_id,word)"]),
            ("identifier", &["vendor_identifiers(value,scheme)"]),
            ("country", &["vendors(country)"]),
            ("role", &["vendor_labels(kind,label)"]),
            ("tag", &["vendor_labels(kind,label)"]),
            (
                "designated",
                &["designation_periods(state,to_on)", "designation_periods(vendor_id,known_to_seq,state)"],
            ),
            ("status", &["vendors(status)"]),
            ("sort", &["vendors(status,name_key,id)", "vendors(status,updated_at,id)"]),
        ],
    ),
    (
        "/v1/authorities",
        &[
            ("name", &["authority_names(name_key)"]),
            ("kind", &["authorities(kind)"]),
            ("country", &["authorities(country)"]),
            ("status", &["authorities(status)"]),
            ("sort", &["authorities(status,name_key,id)", "authorities(status,updated_at,id)"]),
        ],
    ),
    (
        "/v1/regimes",
        &[
            ("name", &["regimes(slug)", "regimes(status,name_key)"]),
            ("authority_id", &["regimes(authority_id)"]),
            ("jurisdiction", &["regimes(jurisdiction)"]),
            ("effect", &["regimes(effect)"]),
            ("status", &["regimes(status)"]),
            ("sort", &["regimes(status,name_key,id)", "regimes(status,updated_at,id)"]),
        ],
    ),
    (
        "/v1/reviews",
        &[
            ("status", &["reviews(status,id)"]),
            ("designation_id", &["reviews(designation_id,status,id)"]),
            ("vendor_id", &["reviews(vendor_id,status,id)"]),
            ("proposed_by", &["reviews(proposed_by,status,id)"]),
            ("change", &["reviews(change,status,id)"]),
        ],
    ),
    ("/v1/designations", DESIGNATIONS),
    ("/v1/vendors/{id}/designations", DESIGNATIONS),
    (
        "/v1/access-log",
        &[
            ("actor", &["access_log(actor,at,id)"]),
            ("operation", &["access_log(operation,at,id)"]),
            ("subject_id", &["access_log_subjects(subject_id,at,entry_id)"]),
            ("from", &["access_log(at,id)"]),
            ("to", &["access_log(at,id)"]),
        ],
    ),
    ("/v1/journal", &[("after", &["journal(seq)"]), ("subject_kind", &["journal(subject_kind,seq)"])]),
];

const DESIGNATIONS: &[(&str, &[&str])] = &[
    ("vendor_id", &["designations(vendor_id)", "designation_versions(vendor_id,known_to_seq)"]),
    ("regime", &["designations(regime_id)"]),
    ("authority_id", &["designations(authority_id)"]),
    ("state", &["designation_periods(state,to_on)", "designation_periods(state,known_to_seq)"]),
    ("in_force_on", &["designation_periods(state,to_on)", "designation_periods(state,from_on)"]),
    ("reason_code", &["designation_labels(label)"]),
    ("environment", &["designation_labels(label)"]),
    ("action", &["designation_labels(label)"]),
    ("origin", &["designation_labels(label)"]),
    ("review_due_before", &["designation_versions(next_review_on)"]),
    ("status", &["designation_versions(status)"]),
    ("known_at", &["journal(recorded_at)"]),
    (
        "known_seq",
        &["designation_versions(known_from_seq)", "designation_versions(designation_id,known_to_seq)"],
    ),
    (
        "sort",
        &[
            "designation_versions(status,name_key,designation_id)",
            "designation_versions(status,updated_at,designation_id)",
            "designation_versions(status,latest_event_on,designation_id)",
        ],
    ),
];

#[test]
fn every_filter_of_every_list_has_an_index() {
    let app = App::empty();
    let indexes = indexes(&mut sql::plain(app.target()), app.database().backend, true);
    let document = app.client.get("/openapi.json").expect(200).json();
    let mut filters = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let operation = &item["get"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let parameters: Vec<String> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| text(&parameter["name"]))
            .filter(|name| !["limit", "cursor", "wait"].contains(&name.as_str()))
            .collect();
        if !text(&operation["operationId"]).starts_with("list_") || parameters.is_empty() {
            continue;
        }
        let served = FILTERS.iter().find(|(list, _)| list == path);
        let (_, served) = served.unwrap_or_else(|| panic!("which indexes serve the filters of {path}?"));
        for parameter in parameters {
            let found = served.iter().find(|(filter, _)| **filter == parameter);
            let (_, wanted) = found.unwrap_or_else(|| panic!("which index serves {parameter} of {path}?"));
            for index in *wanted {
                assert!(
                    begins(&indexes, index),
                    "{path}, {parameter}: no index begins with {index}: {indexes:?}"
                );
            }
            filters += 1;
        }
    }
    assert!(filters > 40, "{filters}");
    println!("{filters} filters");
}
