//! Are additive masks as wide as what they hide and a security parameter ask for?
//!
//! A value below `2^k` under a uniform mask of `k + sigma` bits or more lies below `2^(k + sigma -
//! s)` with probability at most `2^-s`. If all of many do, with masks of their own, masks are `s`
//! bits too short, and an observer tells values apart with an advantage `2^s` times as large.

/// What masked values say of their masks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortfall {
    /// Bits that every mask lacks.
    pub bits: u32,
    /// Masked values.
    pub values: u64,
    /// Probability that masks of full width look so short.
    pub p_value: f64,
}

/// Judges masked values, each with the bits that its mask ought to have; `None` of none.
#[must_use]
pub fn shortfall(masked: &[(u32, u128)]) -> Option<Shortfall> {
    let lacks = |(width, value): &(u32, u128)| width.saturating_sub(128 - value.leading_zeros());
    let bits = masked.iter().map(lacks).min()?;
    let values = masked.len() as u64;
    Some(Shortfall { bits, values, p_value: (-(f64::from(bits) * values as f64)).exp2() })
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    /// Values of eight bits under masks of so many bits more.
    fn masked(sigma: u32, seed: u64) -> Vec<(u32, u128)> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut value = || {
            let (secret, mask) = (rng.next_u64() & 255, rng.next_u64() >> (56 - sigma));
            (48, u128::from(secret) + u128::from(mask))
        };
        (0..40).map(|_| value()).collect()
    }

    #[test]
    fn short_masks_are_told_from_full_ones() {
        for seed in 0..20 {
            assert_eq!(shortfall(&masked(40, seed)).unwrap().p_value, 1.0);
            for sigma in [12, 8, 4] {
                let found = shortfall(&masked(sigma, seed)).unwrap();
                assert!(found.bits >= 39 - sigma && found.p_value < 1e-100, "{found:?}");
            }
        }
        assert_eq!(shortfall(&[]), None);
        let one = shortfall(&[(10, 255)]).unwrap();
        assert_eq!((one.bits, one.p_value), (2, 0.25));
    }
}
