//! What holds whatever bytes come in.
//!
//! Each check takes bytes, makes an input out of them, and panics if something does not hold. The
//! tests beside this module drive them with a few thousand inputs; the folder `fuzz` drives the
//! same functions with coverage-guided ones.

pub(crate) mod record;
pub(crate) mod scenario;
pub(crate) mod wire;

/// Takes bytes and panics if something does not hold of them.
pub(crate) type Check = fn(&[u8]);

/// All checks by the name of their fuzz target.
pub(crate) const CHECKS: [(&str, Check); 6] = [
    ("wire", wire::check),
    ("scenario", scenario::check),
    ("overrides", scenario::check_overrides),
    ("csv", scenario::check_csv),
    ("record", record::check),
    ("report", record::check_report),
];
