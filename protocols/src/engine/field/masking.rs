//! How wide masks are, and what that leaves of a run's security.
//!
//! A mask of `m` more bits than a value hides it up to a statistical distance of `2^-m`. A run opens
//! many of them, and the distances add up: the security parameter is one of the run, so masks are
//! wider by the logarithm of their number, as far as the field has room.

use super::FieldName;
use crate::program::Program;
use crate::protocol::Job;

/// What hides the values that comparisons and truncations open, in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Masking {
    /// Bits that a mask has more than the value behind it.
    pub(crate) bits: u32,
    /// The statistical security parameter of the whole run: what is asked for, or what is left.
    pub(crate) sigma: u32,
}

impl Masking {
    /// Nothing is masked: all that is statistical is as asked for.
    pub(crate) fn none(job: &Job) -> Self {
        let sigma = job.security.statistical;
        Masking { bits: sigma, sigma }
    }

    /// Masks for a program in a field. Where parties verify, that an error passes is one event more:
    /// a field with room for masks of `m` bits is much larger than `2^m`.
    pub(crate) fn of(job: &Job, program: &Program, field: FieldName, verifies: bool) -> Self {
        let batches = program.schedule().batches.iter().filter(|batch| batch.kind.masks());
        let opened: usize = batches.map(|batch| batch.len).sum();
        if opened == 0 {
            return Masking::none(job);
        }
        let sigma = job.security.statistical;
        let events = opened + usize::from(verifies);
        let spread = events.next_power_of_two().ilog2();
        let room = field.capacity_bits().saturating_sub(beside(job, widest(program).unwrap_or(0)));
        let bits = (sigma + spread).min(room.max(sigma));
        Masking { bits, sigma: bits.saturating_sub(spread).min(sigma) }
    }
}

/// The widest value that is masked.
pub(super) fn widest(program: &Program) -> Option<u32> {
    program.schedule().batches.iter().filter_map(|batch| batch.kind.masked_bits()).max()
}

/// Bits that a masked value of so many bits takes beside those that its mask has more: the mask is a
/// sum of one from each party, and has a sign.
pub(super) fn beside(job: &Job, bits: u32) -> u32 {
    bits + (job.roles.compute.max(1) as u32).next_power_of_two().ilog2() + 1
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mpclab_sim::vocabulary::{Roles, SecurityLevel};

    use super::*;
    use crate::functions::Task;
    use crate::program::{Builder, Decoding, Type};

    /// So many comparisons of 8 bits among three.
    fn masking(count: usize, sigma: u32, field: FieldName, verifies: bool) -> Masking {
        let mut builder = Builder::new();
        let mut input = |party| builder.input("x", party, count, Type::Int { bits: 8 });
        let (x, y) = (input(0).expect("fits"), input(1).expect("fits"));
        let less = builder.less(x, y).expect("fits");
        builder.output("less", less, Decoding::Integer).expect("fits");
        let program = Arc::new(builder.finish().expect("it has an output"));
        let job = Job {
            function: "less".to_owned(),
            task: Task::Program(Arc::clone(&program)),
            roles: Roles::all(3),
            security: SecurityLevel { statistical: sigma, ..SecurityLevel::default() },
        };
        Masking::of(&job, &program, field, verifies)
    }

    #[test]
    fn masks_widen_with_their_number_as_far_as_the_field_has_room() {
        let of = |bits, sigma| Masking { bits, sigma };
        // One alone needs no more than it is asked for; beside a check each has half of it.
        assert_eq!(masking(1, 40, FieldName::P128, false), of(40, 40));
        assert_eq!(masking(1, 40, FieldName::P128, true), of(41, 40));
        assert_eq!(masking(1024, 40, FieldName::P128, false), of(50, 40));
        assert_eq!(masking(1025, 40, FieldName::P128, false), of(51, 40));
        // Below 2^60: nine bits of a difference, two for three parties, one for the sign.
        assert_eq!(masking(256, 40, FieldName::M61, false), of(48, 40));
        assert_eq!(masking(512, 40, FieldName::M61, false), of(48, 39));
        assert_eq!(masking(1 << 14, 40, FieldName::M61, false), of(48, 34));
        // What is too wide from the start is refused elsewhere, and not narrowed.
        assert_eq!(masking(1, 50, FieldName::M61, false), of(50, 50));
    }
}
