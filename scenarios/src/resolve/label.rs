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
            for (key, value) in one.params.as_object().into_iter().flatten() {
                if same.iter().any(|other| other.params.get(key) != Some(value)) {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    label += &format!(" {key}={text}");
                }
            }
            if same.iter().any(|other| other.parties != one.parties) {
                label += &format!(" n={}", one.parties);
            }
            label
        })
        .collect()
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
        let parties = labels(&[of("shamir", &one, "5"), of("shamir", &one, "3+5")]);
        assert_eq!(parties, ["shamir n=5", "shamir n=3+5"]);
    }
}
