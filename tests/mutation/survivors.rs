//! Why some mutants survive.

/// Protocol, mutant, reason.
const REASONS: [(&str, &str, &str); 0] = [];

/// Why a mutant is not noticed, if it is known.
pub(crate) fn reason(protocol: &str, mutant: &str) -> Option<&'static str> {
    let mut reasons = REASONS.iter();
    reasons.find(|(of, name, _)| (*of, *name) == (protocol, mutant)).map(|(.., reason)| *reason)
}
