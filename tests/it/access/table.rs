//! The table of docs/access.md, which people read and write by hand, as the tests' second word on who may do what.

use std::collections::BTreeMap;

use risk_registry::access::{Operation, Role, Roles};

const DOCUMENT: &str = include_str!("../../../docs/access.md");

/// What stands in a cell of who may.
const MAY: &str = "yes";

/// The roles of each operation, by its id.
pub fn documented() -> BTreeMap<String, Roles> {
    let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let id = cells[0].strip_suffix('`')?;
        let roles = Role::ALL.iter().zip(&cells[1..]).filter(|(_, cell)| **cell == MAY);
        Some((id.to_owned(), roles.map(|(role, _)| *role).collect()))
    })
    .collect()
}

/// A row as the document must have it.
fn row(operation: Operation) -> String {
    let cells = Role::ALL.iter().map(|role| if operation.roles().contains(*role) { MAY } else { "" });
    format!("| `{}` | {} |", operation.id(), cells.collect::<Vec<_>>().join(" | "))
}

#[test]
fn the_table_in_the_documentation_is_the_one_in_the_code() {
    let documented = documented();
    let wrong: Vec<String> = Operation::ALL
        .iter()
        .filter(|operation| documented.get(operation.id()) != Some(&operation.roles()))
        .map(|operation| row(*operation))
        .collect();
    assert!(wrong.is_empty(), "docs/access.md must say, if that is what is meant:\n{}", wrong.join("\n"));
    let known = |id: &str| Operation::of_id(id).is_some();
    let gone: Vec<&String> = documented.keys().filter(|id| !known(id)).collect();
    assert!(gone.is_empty(), "docs/access.md has rows of operations that are not there: {gone:?}");
    let head = DOCUMENT.lines().find(|line| line.starts_with("| operation")).unwrap();
    let heads: Vec<&str> = head.split('|').map(str::trim).skip(2).filter(|cell| !cell.is_empty()).collect();
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    assert_eq!(heads, roles, "the columns stand in the order of the roles");
}
