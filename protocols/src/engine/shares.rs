use std::ops::Range;

use crate::algebra::{Ring, slices};

/// A party's share of a vector: linear operations are local, part by part.
pub(crate) trait Shares<R: Ring>: Clone + Send + Sync + 'static {
    /// Parts that a share consists of: how many ring operations a linear one takes.
    const PARTS: u64;

    /// Number of shared values.
    fn len(&self) -> usize;
    /// Applies a linear map to every part.
    fn map(&self, linear: impl Fn(&[R]) -> Vec<R>) -> Self;
    /// Applies a linear map of two vectors to every part.
    fn zip(&self, other: &Self, linear: impl Fn(&[R], &[R]) -> Vec<R>) -> Self;
    /// One vector after the other.
    fn concat<'a>(parts: impl IntoIterator<Item = &'a Self> + Clone) -> Self;

    /// A stretch of the vector.
    fn slice(&self, range: Range<usize>) -> Self {
        self.map(|part| part[range.clone()].to_vec())
    }
    /// `self + other`.
    fn add(&self, other: &Self) -> Self {
        self.zip(other, slices::add)
    }
    /// `self - other`.
    fn sub(&self, other: &Self) -> Self {
        self.zip(other, slices::sub)
    }
    /// `factor * self`.
    fn scale(&self, factor: R) -> Self {
        self.map(|part| slices::scale(part, factor))
    }
    /// `factors[i] * self[i]`.
    fn scale_each(&self, factors: &[R]) -> Self {
        self.map(|part| slices::mul(part, factors))
    }
}

impl<R: Ring> Shares<R> for Vec<R> {
    const PARTS: u64 = 1;

    fn len(&self) -> usize {
        Vec::len(self)
    }
    fn map(&self, linear: impl Fn(&[R]) -> Vec<R>) -> Self {
        linear(self)
    }
    fn zip(&self, other: &Self, linear: impl Fn(&[R], &[R]) -> Vec<R>) -> Self {
        linear(self, other)
    }
    fn concat<'a>(parts: impl IntoIterator<Item = &'a Self> + Clone) -> Self {
        parts.into_iter().flatten().copied().collect()
    }
}

/// Replicated sharing among three: of `x = x0 + x1 + x2`, party `i` holds `x_i` and `x_{i+1}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replicated<R>(pub(crate) [Vec<R>; 2]);

impl<R: Ring> Shares<R> for Replicated<R> {
    const PARTS: u64 = 2;

    fn len(&self) -> usize {
        self.0[0].len()
    }
    fn map(&self, linear: impl Fn(&[R]) -> Vec<R>) -> Self {
        Replicated([linear(&self.0[0]), linear(&self.0[1])])
    }
    fn zip(&self, other: &Self, linear: impl Fn(&[R], &[R]) -> Vec<R>) -> Self {
        Replicated([linear(&self.0[0], &other.0[0]), linear(&self.0[1], &other.0[1])])
    }
    fn concat<'a>(parts: impl IntoIterator<Item = &'a Self> + Clone) -> Self {
        let part = |which: usize| {
            parts.clone().into_iter().flat_map(|shares| &shares.0[which]).copied().collect()
        };
        Replicated([part(0), part(1)])
    }
}
