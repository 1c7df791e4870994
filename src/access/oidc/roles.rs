//! Which roles a token gives.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    claims::{Claims, find},
    settings::{ClaimPath, RoleRule},
};
use crate::access::{Role, Roles};

/// The roles of a token's holder. What gives no role is passed over: an issuer says many things that are not for us.
pub(super) fn of(claims: &Claims, path: &ClaimPath, rules: &[RoleRule]) -> Roles {
    let values = find(claims, path.as_str()).map(values).unwrap_or_default();
    if rules.is_empty() {
        return values.into_iter().filter_map(Role::parse).collect();
    }
    rules.iter().filter(|rule| values.contains(rule.value.as_str())).map(|rule| rule.role).collect()
}

/// The values of a claim: the texts of a list; or a text, whole and by its words, for some issuers write a list so.
fn values(claim: &Value) -> HashSet<&str> {
    match claim {
        Value::String(text) => text.split_whitespace().chain([text.as_str()]).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => HashSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn roles(claim: &Value, rules: &[&str]) -> Vec<Role> {
        let claims = json!({ "roles": claim }).as_object().unwrap().clone();
        let rules: Vec<_> = rules.iter().map(|rule| RoleRule::parse(rule).unwrap()).collect();
        of(&claims, &ClaimPath::parse("roles").unwrap(), &rules).iter().collect()
    }

    #[test]
    fn without_rules_values_are_names_of_roles() {
        for (claim, found) in [
            (json!("viewer"), vec![Role::Viewer]),
            (json!("openid  analyst\tapprover"), vec![Role::Analyst, Role::Approver]),
            (json!(["auditor", "other", 1, "admin"]), vec![Role::Auditor, Role::Admin]),
            (json!(["viewer admin"]), vec![]),
            (json!("Viewer"), vec![]),
            (json!({"viewer": true}), vec![]),
            (json!(true), vec![]),
            (json!(null), vec![]),
        ] {
            assert_eq!(roles(&claim, &[]), found, "{claim}");
        }
    }

    #[test]
    fn with_rules_only_they_count() {
        let rules = ["registry analysts=analyst", "cn=boss,dc=x=admin", "readers=viewer", "all=viewer"];
        for (claim, found) in [
            (json!(["readers", "cn=boss,dc=x"]), vec![Role::Viewer, Role::Admin]),
            (json!("registry analysts"), vec![Role::Analyst]),
            (json!("readers others"), vec![Role::Viewer]),
            (json!(["analyst", "admin"]), vec![]),
        ] {
            assert_eq!(roles(&claim, &rules), found, "{claim}");
        }
    }
}
