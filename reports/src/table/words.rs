//! The vocabulary in words.

use std::collections::BTreeMap;

use mpclab_sim::vocabulary::{
    AbortKind, AdversaryKind, Claims, OutputGuarantee, RoleClaim, Security, Setup,
};

use crate::record::Record;

pub(crate) fn adversary(claims: &Claims) -> String {
    claims.adversary.to_string()
}

pub(crate) fn output(claims: &Claims) -> &'static str {
    match claims.output {
        OutputGuarantee::Abort => "abort",
        OutputGuarantee::IdentifiableAbort => "identifiable abort",
        OutputGuarantee::Fairness => "fairness",
        OutputGuarantee::Guaranteed => "guaranteed output",
    }
}

pub(super) fn abort(claims: &Claims) -> &'static str {
    match claims.abort {
        AbortKind::Selective => "selective",
        AbortKind::Unanimous => "unanimous",
    }
}

pub(super) fn security(claims: &Claims) -> String {
    match claims.security {
        Security::Perfect => "perfect".to_owned(),
        Security::Statistical { sigma } => format!("statistical({sigma})"),
        Security::Computational { kappa } => format!("computational({kappa})"),
        Security::Both { sigma, kappa } => format!("statistical({sigma}), computational({kappa})"),
    }
}

/// What is claimed of each role.
pub(crate) fn by_role(roles: &[RoleClaim]) -> String {
    roles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(super) fn setup(claims: &Claims) -> &'static str {
    match claims.setup {
        Setup::None => "none",
        Setup::TrustedDealer => "trusted dealer",
        Setup::Pki => "PKI",
        Setup::Crs => "CRS",
        Setup::CorrelatedRandomness => "correlated randomness",
    }
}

/// The claims that decide which protocols may be compared, with a rank to sort by: against a
/// semi-honest adversary what is promised after a deviation says nothing.
pub(crate) fn section(claims: Option<&Claims>) -> (u8, String) {
    let Some(claims) = claims else { return (u8::MAX, "claims not stated".to_owned()) };
    let promise = match claims.output {
        OutputGuarantee::Abort | OutputGuarantee::IdentifiableAbort => {
            let kind = match claims.output {
                OutputGuarantee::Abort => abort(claims).to_owned() + " abort",
                _ => output(claims).to_owned(),
            };
            format!("{}, {kind}", adversary(claims))
        }
        OutputGuarantee::Fairness | OutputGuarantee::Guaranteed => {
            format!("{}, {}", adversary(claims), output(claims))
        }
    };
    let rank = 10 * claims.output as u8 + claims.abort as u8;
    match claims.adversary {
        AdversaryKind::SemiHonest => (0, adversary(claims)),
        AdversaryKind::Covert(_) => (64 + rank, promise),
        AdversaryKind::Malicious => (128 + rank, promise),
    }
}

/// What came out in the first repetition, with the protocols that gave it: `a, b: winner = 3`.
#[must_use]
pub fn outputs(records: &[Record]) -> Vec<String> {
    let first = records.iter().filter(|record| record.repetition == 0 && record.is_correct());
    let texts: Vec<(&Record, String)> =
        first.map(|record| (record, record.outputs_text())).collect();
    protocols_by_text(texts.iter().map(|(record, text)| (*record, text.as_str())))
}

/// Texts that protocols have in common, each with the protocols it holds for: `a, b: text`.
pub(crate) fn protocols_by_text<'a>(
    texts: impl Iterator<Item = (&'a Record, &'a str)>,
) -> Vec<String> {
    let mut order: Vec<&str> = Vec::new();
    let mut protocols: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (record, text) in texts.filter(|(_, text)| !text.is_empty()) {
        let known = protocols.entry(text).or_default();
        if known.is_empty() {
            order.push(text);
        }
        if !known.contains(&record.key.protocol.as_str()) {
            known.push(&record.key.protocol);
        }
    }
    order.iter().map(|text| format!("{}: {text}", protocols[text].join(", "))).collect()
}
