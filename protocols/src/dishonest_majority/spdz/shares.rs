use crate::algebra::PrimeField;
use crate::engine::Shares;

/// A party's share of a vector `x`: additive shares of `x` and of its MAC `alpha * x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authenticated<F> {
    pub(super) value: Vec<F>,
    pub(super) mac: Vec<F>,
}

impl<F: PrimeField> Shares<F> for Authenticated<F> {
    const PARTS: u64 = 2;

    fn len(&self) -> usize {
        self.value.len()
    }
    fn map(&self, linear: impl Fn(&[F]) -> Vec<F>) -> Self {
        Authenticated { value: linear(&self.value), mac: linear(&self.mac) }
    }
    fn zip(&self, other: &Self, linear: impl Fn(&[F], &[F]) -> Vec<F>) -> Self {
        Authenticated {
            value: linear(&self.value, &other.value),
            mac: linear(&self.mac, &other.mac),
        }
    }
    fn concat<'a>(parts: impl IntoIterator<Item = &'a Self> + Clone) -> Self {
        Authenticated {
            value: parts.clone().into_iter().flat_map(|part| &part.value).copied().collect(),
            mac: parts.into_iter().flat_map(|part| &part.mac).copied().collect(),
        }
    }
}
