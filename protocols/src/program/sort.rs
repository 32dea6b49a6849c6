//! Sorting by a network: what is compared with what does not depend on the values.

use super::{Builder, NodeId, ProgramError, Type};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

/// Pairs of positions that are compared at the same time, the lower one first.
type Layer = Vec<(u32, u32)>;

/// Batcher's merge exchange for any number of elements: `t (t + 1) / 2` layers for
/// `t = ceil(log2 len)`.
///
/// D. E. Knuth, "The Art of Computer Programming", volume 3, section 5.2.2, algorithm M.
fn merge_exchange(len: u32) -> Vec<Layer> {
    let mut layers = Vec::new();
    let top = len.next_power_of_two() / 2;
    let mut p = top;
    while p > 0 {
        let (mut q, mut r, mut d) = (top, 0, p);
        loop {
            let firsts = (0..len.saturating_sub(d)).filter(|i| i & p == r);
            layers.push(firsts.map(|i| (i, i + d)).collect());
            if q == p {
                break;
            }
            (d, q, r) = (q - p, q / 2, p);
        }
        p /= 2;
    }
    layers.retain(|layer: &Layer| !layer.is_empty());
    layers
}

/// Layers of comparisons that sorting so many elements takes.
#[must_use]
pub fn sort_layers(len: usize) -> usize {
    let t = len.max(1).next_power_of_two().trailing_zeros() as usize;
    t * (t + 1) / 2
}

impl Builder {
    /// The elements in ascending order.
    ///
    /// A comparison and a product for each of about `len t (t + 1) / 4` pairs, in
    /// [`sort_layers`] steps; `t = ceil(log2 len)`.
    ///
    /// # Errors
    /// Overflow.
    pub fn sort(&mut self, a: NodeId) -> Result<NodeId> {
        let sorted = self.sort_with(a, Vec::new())?;
        Ok(sorted.0)
    }

    /// Keys in ascending order, and other vectors in the same new order. Which of equal keys comes
    /// first is not said.
    ///
    /// # Errors
    /// Lengths differ; overflow.
    pub fn sort_with(
        &mut self,
        keys: NodeId,
        mut carried: Vec<NodeId>,
    ) -> Result<(NodeId, Vec<NodeId>)> {
        let left = self.node(keys)?.len;
        for id in &carried {
            let right = self.node(*id)?.len;
            if left != right {
                return Err(ProgramError::Length { operation: "sort", left, right });
            }
        }
        let mut keys = keys;
        for layer in merge_exchange(u32::try_from(left).unwrap_or(u32::MAX)) {
            let low = self.gather(keys, layer.iter().map(|pair| pair.0).collect())?;
            let high = self.gather(keys, layer.iter().map(|pair| pair.1).collect())?;
            let swap = self.less(high, low)?;
            for id in &mut carried {
                *id = self.exchange(*id, &layer, swap)?;
            }
            keys = self.exchange(keys, &layer, swap)?;
        }
        Ok((keys, carried))
    }

    /// Exchanges the elements of the pairs whose bit says so.
    fn exchange(&mut self, a: NodeId, layer: &Layer, swap: NodeId) -> Result<NodeId> {
        let low = self.gather(a, layer.iter().map(|pair| pair.0).collect())?;
        let high = self.gather(a, layer.iter().map(|pair| pair.1).collect())?;
        let first = self.select(swap, high, low)?;
        // The other of the two, without another product.
        let both = self.add(low, high)?;
        let second = self.sub(both, first)?;
        let (x, chosen) = (self.node(a)?, self.node(first)?);
        let (len, range, ty, error) = (x.len, x.range, x.ty, chosen.error);
        self.tighten(second, range, error);
        if ty == Type::Bit {
            self.retype(second, Type::Bit);
        }
        let pairs = layer.len();
        let mut from: Vec<u32> = (0..len as u32).collect();
        for (at, &(low, high)) in layer.iter().enumerate() {
            from[low as usize] = (len + at) as u32;
            from[high as usize] = (len + pairs + at) as u32;
        }
        let all = self.concat(vec![a, first, second])?;
        self.gather(all, from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Decoding, Inputs, Range, interpret};

    #[test]
    fn the_network_sorts_all_bits() {
        // A network that sorts all vectors of bits sorts everything (Knuth, theorem Z).
        for len in 1..=10u32 {
            let layers = merge_exchange(len);
            assert!(layers.len() <= sort_layers(len as usize), "{len}");
            for bits in 0..1u32 << len {
                let mut values: Vec<u32> = (0..len).map(|i| bits >> i & 1).collect();
                for &(low, high) in layers.iter().flatten() {
                    if values[low as usize] > values[high as usize] {
                        values.swap(low as usize, high as usize);
                    }
                }
                assert!(values.is_sorted(), "{len} {bits:b}");
            }
        }
        assert_eq!(sort_layers(1), 0);
        assert_eq!(merge_exchange(16).iter().map(Vec::len).sum::<usize>(), 63);
    }

    #[test]
    fn what_is_carried_follows_its_key() {
        let mut builder = Builder::new();
        let range = Range { lo: -50, hi: 50 };
        let ty = Type::Int { bits: 8 };
        let keys = builder.input_in("k", 0, 5, ty, range).expect("valid");
        let names = builder.constant(vec![0, 1, 2, 3, 4], 0).expect("valid");
        let bits = builder.less(keys, names).expect("valid");
        let (sorted, carried) = builder.sort_with(keys, vec![names, bits]).expect("valid");
        assert_eq!(builder.node(sorted).expect("known").range, range);
        builder.output("keys", sorted, Decoding::Integer).expect("valid");
        builder.output("names", carried[0], Decoding::Integer).expect("valid");
        builder.output("bits", carried[1], Decoding::Integer).expect("valid");
        let program = builder.finish().expect("valid");
        let inputs = Inputs::from([("k".to_owned(), vec![7, -3, 50, 0, -50])]);
        let outputs = interpret(&program, &[inputs]).expect("in range").outputs;
        assert_eq!(outputs[..5], [-50, -3, 0, 7, 50]);
        assert_eq!(outputs[5..10], [4, 1, 3, 0, 2]);
        assert_eq!(outputs[10..], [1, 1, 1, 0, 0]);
        let mut builder = Builder::new();
        let a = builder.constant(vec![1, 2], 0).expect("valid");
        let b = builder.constant(vec![1], 0).expect("valid");
        let refused = ProgramError::Length { operation: "sort", left: 2, right: 1 };
        assert_eq!(builder.sort_with(a, vec![b]), Err(refused));
    }
}
