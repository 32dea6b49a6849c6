//! Places in trees, counted from the top, parents before what is in them.

use serde_json::Value;

/// Values in a tree.
pub(crate) fn count(tree: &Value) -> usize {
    match tree {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

/// The value that so many others come before.
pub(crate) fn nth(tree: &mut Value, mut before: usize) -> Option<&mut Value> {
    fn find<'a>(tree: &'a mut Value, before: &mut usize) -> Option<&'a mut Value> {
        if *before == 0 {
            return Some(tree);
        }
        *before -= 1;
        match tree {
            Value::Array(items) => items.iter_mut().find_map(|item| find(item, before)),
            Value::Object(fields) => fields.values_mut().find_map(|field| find(field, before)),
            _ => None,
        }
    }
    find(tree, &mut before)
}
