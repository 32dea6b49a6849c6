//! The checks of `tests/it/fuzz`, for the fuzzer.

#[path = "../../tests/it/fuzz/checks/mod.rs"]
mod checks;

/// Runs the check of a fuzz target on an input; panics if something does not hold.
pub fn check(target: &str, data: &[u8]) {
    let found = checks::CHECKS.iter().find(|(name, _)| *name == target);
    let (_, check) = found.unwrap_or_else(|| panic!("there is no check {target}"));
    check(data);
}
