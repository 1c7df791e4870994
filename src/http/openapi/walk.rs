//! Every operation of a document, to read or to change.

use serde_json::Value;

/// The operations, each with its path and its method in lower case.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let items = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    items.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(|(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Changes each operation; `change` gets its path and method too.
pub fn each_operation(document: &mut Value, mut change: impl FnMut((&str, &str), &mut Value)) {
    let items = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for (path, item) in items {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            change((path, method), operation);
        }
    }
}
