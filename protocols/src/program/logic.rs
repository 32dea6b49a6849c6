//! Bits, selection, products of many and public constants, made of core operations.

use super::builder::{Draft, length};
use super::{Builder, NodeId, Operation, ProgramError, Range, Rounding, Type};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

impl Builder {
    /// Public bits.
    ///
    /// # Errors
    /// No bits, or too many.
    pub fn constant_bits(&mut self, bits: &[bool]) -> Result<NodeId> {
        let id = self.constant(bits.iter().map(|&bit| i128::from(bit)).collect(), 0)?;
        self.retype(id, Type::Bit);
        Ok(id)
    }

    /// Uniform bits that nobody knows. No output may depend on them.
    ///
    /// # Errors
    /// No bits, or too many.
    pub fn random_bits(&mut self, len: usize) -> Result<NodeId> {
        let range = Some(Range::BIT);
        let draft = Draft { operation: Operation::RandomBits, len, range, frac: 0, error: 0 };
        let id = self.push(draft)?;
        self.retype(id, Type::Bit);
        Ok(id)
    }

    /// `a + c` for one public raw value.
    ///
    /// # Errors
    /// Overflow.
    pub fn add_constant(&mut self, a: NodeId, c: i128) -> Result<NodeId> {
        let like = self.constant_like(a, c)?;
        self.add(a, like)
    }

    /// `c - a` for one public raw value.
    ///
    /// # Errors
    /// Overflow.
    pub fn sub_from(&mut self, c: i128, a: NodeId) -> Result<NodeId> {
        let like = self.constant_like(a, c)?;
        self.sub(like, a)
    }

    /// The whole vector so many times, one after the other.
    ///
    /// # Errors
    /// The result is empty or too long.
    pub fn repeat(&mut self, a: NodeId, times: usize) -> Result<NodeId> {
        let len = self.node(a)?.len;
        let total = len.saturating_mul(times);
        if times == 0 || total > super::MAX_LEN {
            return Err(ProgramError::Size { operation: "repeat", len: total });
        }
        let positions = u32::try_from(len).unwrap_or(u32::MAX);
        self.gather(a, (0..times).flat_map(|_| 0..positions).collect())
    }

    /// A bit that comes of bits: certain if they are.
    pub(super) fn logical(&mut self, operation: Operation) -> Result<NodeId> {
        let operands = operation.operands();
        let (mut len, mut is_exact) = (None, true);
        for id in &operands {
            let node = self.node(*id)?;
            if node.ty != Type::Bit {
                let (operation, left) = (operation.name(), node.ty);
                return Err(ProgramError::Types { operation, left, right: Type::Bit });
            }
            if *len.get_or_insert(node.len) != node.len {
                return Err(length(operation.name(), len.unwrap_or(0), node.len));
            }
            is_exact &= node.error == 0;
        }
        let (len, error) = (len.unwrap_or(0), u128::from(!is_exact));
        let id = self.push(Draft { operation, len, range: Some(Range::BIT), frac: 0, error })?;
        self.retype(id, Type::Bit);
        Ok(id)
    }

    /// `a` where the bit is 1, else `b`.
    ///
    /// # Errors
    /// The condition is no bit; lengths or fractional bits differ.
    pub fn select(&mut self, condition: NodeId, a: NodeId, b: NodeId) -> Result<NodeId> {
        let operation = Operation::Select { condition, a, b };
        let (x, y) = self.alike(&operation, a, b)?;
        let c = self.node(condition)?;
        if c.ty != Type::Bit {
            let (operation, left) = (operation.name(), c.ty);
            return Err(ProgramError::Types { operation, left, right: Type::Bit });
        }
        if c.len != x.len {
            return Err(length(operation.name(), c.len, x.len));
        }
        let range = x.range.hull(y.range);
        let error = if c.error == 0 { x.error.max(y.error) } else { range.width() };
        let both_bits = x.ty == Type::Bit && y.ty == Type::Bit;
        let (len, frac) = (x.len, x.ty.frac());
        let id = self.push(Draft { operation, len, range: Some(range), frac, error })?;
        if both_bits {
            self.retype(id, Type::Bit);
        }
        Ok(id)
    }

    /// `not a` for bits.
    ///
    /// # Errors
    /// Not a bit.
    pub fn not(&mut self, a: NodeId) -> Result<NodeId> {
        self.logical(Operation::Not(a))
    }

    /// `a and b` for bits.
    ///
    /// # Errors
    /// Not bits; lengths differ.
    pub fn and(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.logical(Operation::And(a, b))
    }

    /// `a or b` for bits.
    ///
    /// # Errors
    /// Not bits; lengths differ.
    pub fn or(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let (a, b) = (self.not(a)?, self.not(b)?);
        let neither = self.and(a, b)?;
        self.not(neither)
    }

    /// `a xor b` for bits.
    ///
    /// # Errors
    /// Not bits; lengths differ.
    pub fn xor(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.logical(Operation::Xor(a, b))
    }

    /// Elementwise product of all factors, as a balanced tree: as many levels of multiplications as
    /// the logarithm of their number. Of bits it is the conjunction, and a bit.
    ///
    /// # Errors
    /// No factors; lengths differ; overflow.
    pub fn product(&mut self, mut factors: Vec<NodeId>) -> Result<NodeId> {
        loop {
            match factors[..] {
                [] => return Err(ProgramError::Size { operation: "product", len: 0 }),
                [product] => return Ok(product),
                _ => {}
            }
            // One who stays over comes last, so that neighbours stay neighbours.
            let level: Result<Vec<NodeId>> = factors
                .chunks(2)
                .map(|pair| match *pair {
                    [a, b] => self.mul(a, b),
                    _ => Ok(pair[0]),
                })
                .collect();
            factors = level?;
        }
    }

    /// `a * b` cut to so many fractional bits.
    ///
    /// # Errors
    /// Lengths differ; overflow; the product has fewer fractional bits.
    pub fn mul_fixed(
        &mut self,
        a: NodeId,
        b: NodeId,
        frac: u32,
        rounding: Rounding,
    ) -> Result<NodeId> {
        let product = self.mul(a, b)?;
        self.cut_to(product, frac, rounding)
    }

    /// The same values with exactly so many fractional bits: cut if there are more, else exact.
    ///
    /// # Errors
    /// Overflow.
    pub fn cut_to(&mut self, a: NodeId, frac: u32, rounding: Rounding) -> Result<NodeId> {
        let has = self.node(a)?.ty.frac();
        match has.cmp(&frac) {
            std::cmp::Ordering::Equal => Ok(a),
            std::cmp::Ordering::Greater => self.truncate(a, has - frac, rounding),
            std::cmp::Ordering::Less => {
                let shift = frac - has;
                let ty = self.node(a)?.ty;
                let by = (shift < 127).then(|| 1i128 << shift);
                self.scale_to(a, by.ok_or(ProgramError::Shift { shift, ty })?, frac)
            }
        }
    }

    /// A public value as often as `a` has elements, with its fractional bits.
    fn constant_like(&mut self, a: NodeId, value: i128) -> Result<NodeId> {
        let node = self.node(a)?;
        let (len, frac) = (node.len, node.ty.frac());
        self.constant(vec![value; len], frac)
    }
}
