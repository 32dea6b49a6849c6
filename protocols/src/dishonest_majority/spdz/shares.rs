use crate::algebra::PrimeField;
use crate::engine::RingVectors;

/// A party's share of a vector `x`: additive shares of `x` and of its MAC `alpha * x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated<F> {
    pub(super) value: Vec<F>,
    pub(super) mac: Vec<F>,
}

impl<F: PrimeField> RingVectors<F> for Authenticated<F> {
    const VECTORS: usize = 2;

    fn vector(&self, which: usize) -> &[F] {
        [&self.value, &self.mac][which]
    }
    fn from_vectors(vectors: &mut dyn FnMut(usize) -> Vec<F>) -> Self {
        Authenticated { value: vectors(0), mac: vectors(1) }
    }
}
