//! What protocols are called in results.

use serde_json::Value;

/// What a label is made from.
pub(crate) struct Labelled<'a> {
    pub(crate) name: &'a str,
    pub(crate) label: Option<&'a str>,
    /// Full parameters, defaults included.
    pub(crate) params: &'a Value,
    /// Parties in words, for example `5+3`.
    pub(crate) parties: String,
}

/// A label for each: the given one, else the name, with what sets it apart from others of that
/// name. They may still coincide.
pub(crate) fn labels(all: &[Labelled<'_>]) -> Vec<String> {
    all.iter()
        .map(|one| {
            if let Some(label) = one.label {
                return label.to_owned();
            }
            let same: Vec<_> = all
                .iter()
                .filter(|other| other.label.is_none() && other.name == one.name)
                .collect();
            let mut label = one.name.to_owned();
            let all: Vec<&Value> = same.iter().map(|other| other.params).collect();
            differences("", one.params, &all, &mut label);
            if same.iter().any(|other| other.parties != one.parties) {
                label += &format!(" n={}", one.parties);
            }
            label
        })
        .collect()
}

/// Adds the keys whose values are not the same everywhere, those of groups by their paths.
fn differences(path: &str, params: &Value, all: &[&Value], label: &mut String) {
    for (key, value) in params.as_object().into_iter().flatten() {
        let others: Vec<&Value> = all.iter().map(|other| &other[key.as_str()]).collect();
        if others.iter().all(|other| *other == value) {
            continue;
        }
        match value {
            Value::Object(_) => differences(&format!("{path}{key}."), value, &others, label),
            Value::String(text) => *label += &format!(" {path}{key}={text}"),
            _ => *label += &format!(" {path}{key}={value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_label_says_what_differs() {
        let (one, two) = (json!({"threshold": 1, "bits": 8}), json!({"threshold": 2, "bits": 8}));
        let of = |name, params, parties: &str| Labelled {
            name,
            label: None,
            params,
            parties: parties.to_owned(),
        };
        let alone = labels(&[of("shamir", &one, "5"), of("rep3", &Value::Null, "3")]);
        assert_eq!(alone, ["shamir", "rep3"]);
        let params = labels(&[of("shamir", &one, "5"), of("shamir", &two, "5")]);
        assert_eq!(params, ["shamir threshold=1", "shamir threshold=2"]);
        let wide = |width: u8| json!({"ot": {"width": width, "base": "ideal"}, "bits": 8});
        let (few, many) = (wide(2), wide(8));
        let groups = labels(&[of("gmw", &few, "2"), of("gmw", &many, "2")]);
        assert_eq!(groups, ["gmw ot.width=2", "gmw ot.width=8"]);
        let parties = labels(&[of("shamir", &one, "5"), of("shamir", &one, "3+5")]);
        assert_eq!(parties, ["shamir n=5", "shamir n=3+5"]);
    }
}
