//! The tables as src/db/schema.rs declares them, read from its text.

use std::collections::BTreeMap;

/// A column: its name, its type's name in the declaration, and whether it may be null.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    pub name: String,
    pub kind: String,
    pub nullable: bool,
}

/// Every declared table with its columns, in order.
pub fn tables() -> BTreeMap<String, Vec<Column>> {
    let (mut tables, mut table) = (BTreeMap::new(), None::<String>);
    for line in include_str!("../../../src/db/schema.rs").lines().map(str::trim) {
        if let Some((name, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let inner = kind.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>'));
            let column = Column {
                name: name.to_owned(),
                kind: inner.unwrap_or(kind).to_owned(),
                nullable: inner.is_some(),
            };
            let table = table.clone().expect("a column stands in a table");
            tables.entry(table).or_insert_with(Vec::new).push(column);
        } else if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            table = Some(name.to_owned());
        }
    }
    assert_eq!(tables.len(), 23, "{:?}", tables.keys());
    tables
}
