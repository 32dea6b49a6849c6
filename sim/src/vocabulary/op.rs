use std::fmt;

/// A primitive whose cost a compute profile prices.
///
/// Declared as a constant where the primitive lives, charged with [`crate::Ctx::charge`], and
/// timed at its own work, which is a call of the code that protocols call. A price has a part for
/// each call and one for each unit.
#[derive(Clone, Copy)]
pub struct Op {
    /// Name in profiles, for example `field.m61.mul`.
    pub key: &'static str,
    /// What is counted, for example `multiplication`.
    pub unit: &'static str,
    /// Whether several cores of one party can share it.
    pub parallel: bool,
    /// Does the primitive in so many calls of so many units each, so that a clock can be held
    /// against it; `None` where it takes what the crate lacks that declares it.
    pub work: Option<fn(calls: u64, units: usize)>,
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Op({})", self.key)
    }
}

impl PartialEq for Op {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Op {}
