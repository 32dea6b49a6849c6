use std::ops::Range;

use mpclab_sim::work;

use crate::algebra::{Ring, slices};

/// A party's share of a vector: linear operations are local.
///
/// They are named, so that shares need not be vectors of ring elements: packed bits are no ring.
/// Shares that are get all of them from [`RingVectors`].
pub trait Shares<R>: Clone + Send + Sync + 'static {
    /// Parts that a share consists of: how many ring operations a linear one takes.
    const PARTS: u64;

    /// Number of shared values.
    fn len(&self) -> usize;
    /// Whether nothing is shared.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// One vector after the other.
    fn concat<'a>(parts: impl IntoIterator<Item = &'a Self> + Clone) -> Self;
    /// A stretch of the vector.
    fn slice(&self, range: Range<usize>) -> Self;
    /// `self[indices[i]]`.
    fn gather(&self, indices: &[u32]) -> Self;
    /// `self + other`.
    fn add(&self, other: &Self) -> Self;
    /// `self - other`.
    fn sub(&self, other: &Self) -> Self;
    /// `-self`.
    fn negate(&self) -> Self;
    /// `factor * self`.
    fn scale(&self, factor: R) -> Self;
    /// `factors[i] * self[i]`.
    fn scale_each(&self, factors: &[R]) -> Self;
    /// The sum of each run of `group` values.
    fn sum_groups(&self, group: usize) -> Self;
    /// `sum 2^i self[i]` of each run of `width` values, for a width from 1 to 128.
    fn compose(&self, width: u32) -> Self;
}

/// A linear map of two vectors.
pub type OfTwo<R> = dyn Fn(&[R], &[R]) -> Vec<R>;

/// Shares that are vectors of ring elements, one or several: whatever is linear is done to each.
pub trait RingVectors<R: Ring>: Clone + Send + Sync + 'static {
    /// How many vectors a share consists of.
    const VECTORS: usize;

    /// One of the vectors; all are of the same length.
    fn vector(&self, which: usize) -> &[R];
    /// A share of these vectors, asked for in their order.
    fn from_vectors(vectors: &mut dyn FnMut(usize) -> Vec<R>) -> Self;

    /// Applies a linear map to every vector.
    ///
    /// Maps are called once a vector: they are no types, so that this is compiled once a share.
    #[must_use]
    fn map(&self, linear: &dyn Fn(&[R]) -> Vec<R>) -> Self {
        Self::from_vectors(&mut |which| linear(self.vector(which)))
    }
    /// Applies a linear map of two vectors to every pair of them.
    #[must_use]
    fn zip(&self, other: &Self, linear: &OfTwo<R>) -> Self {
        Self::from_vectors(&mut |which| linear(self.vector(which), other.vector(which)))
    }
}

impl<R: Ring, V: RingVectors<R>> Shares<R> for V {
    const PARTS: u64 = V::VECTORS as u64;

    fn len(&self) -> usize {
        self.vector(0).len()
    }
    fn concat<'a>(parts: impl IntoIterator<Item = &'a Self> + Clone) -> Self {
        let parts = || parts.clone().into_iter();
        let len = parts().map(Shares::len).sum();
        work::did_calls(R::PLACE, V::VECTORS, V::VECTORS * len);
        Self::from_vectors(&mut |which| {
            let mut all = Vec::with_capacity(len);
            parts().for_each(|part| all.extend_from_slice(part.vector(which)));
            all
        })
    }
    fn slice(&self, range: Range<usize>) -> Self {
        work::did_calls(R::PLACE, V::VECTORS, V::VECTORS * range.len());
        self.map(&|vector| vector[range.clone()].to_vec())
    }
    fn gather(&self, indices: &[u32]) -> Self {
        self.map(&|vector| slices::gather(vector, indices))
    }
    fn add(&self, other: &Self) -> Self {
        self.zip(other, &slices::add)
    }
    fn sub(&self, other: &Self) -> Self {
        self.zip(other, &slices::sub)
    }
    fn negate(&self) -> Self {
        self.map(&slices::neg)
    }
    fn scale(&self, factor: R) -> Self {
        self.map(&|vector| slices::scale(vector, factor))
    }
    fn scale_each(&self, factors: &[R]) -> Self {
        self.map(&|vector| slices::mul(vector, factors))
    }
    fn sum_groups(&self, group: usize) -> Self {
        self.map(&|vector| slices::sum_groups(vector, group))
    }
    fn compose(&self, width: u32) -> Self {
        self.map(&|vector| slices::compose(vector, width))
    }
}

impl<R: Ring> RingVectors<R> for Vec<R> {
    const VECTORS: usize = 1;

    fn vector(&self, _: usize) -> &[R] {
        self
    }
    fn from_vectors(vectors: &mut dyn FnMut(usize) -> Vec<R>) -> Self {
        vectors(0)
    }
}

/// Replicated sharing among three: of `x = x0 + x1 + x2`, party `i` holds `x_i` and `x_{i+1}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replicated<R>(pub [Vec<R>; 2]);

impl<R: Ring> RingVectors<R> for Replicated<R> {
    const VECTORS: usize = 2;

    fn vector(&self, which: usize) -> &[R] {
        &self.0[which]
    }
    fn from_vectors(vectors: &mut dyn FnMut(usize) -> Vec<R>) -> Self {
        Replicated([vectors(0), vectors(1)])
    }
}
