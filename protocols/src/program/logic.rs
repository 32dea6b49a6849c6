//! Bits, selection, products of many and public constants, made of core operations.

use super::{Builder, NodeId, ProgramError, Range, Rounding, Type};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

impl Builder {
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

    /// `a` where the bit is 1, else `b`.
    ///
    /// # Errors
    /// The condition is no bit; lengths or fractional bits differ; overflow.
    pub fn select(&mut self, condition: NodeId, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.need_bit("select", condition)?;
        let difference = self.sub(a, b)?;
        let scaled = self.mul(condition, difference)?;
        let result = self.add(b, scaled)?;
        let (x, y, c) = (self.node(a)?, self.node(b)?, self.node(condition)?);
        let range = x.range.hull(y.range);
        let either = x.error.max(y.error);
        let error = if c.error == 0 { either } else { range.width() };
        let both_bits = x.ty == Type::Bit && y.ty == Type::Bit;
        self.tighten(result, range, error);
        if both_bits {
            self.retype(result, Type::Bit);
        }
        Ok(result)
    }

    /// `not a` for bits.
    ///
    /// # Errors
    /// Not a bit.
    pub fn not(&mut self, a: NodeId) -> Result<NodeId> {
        self.need_bit("not", a)?;
        let result = self.sub_from(1, a)?;
        self.retype(result, Type::Bit);
        Ok(result)
    }

    /// `a and b` for bits.
    ///
    /// # Errors
    /// Not bits; lengths differ.
    pub fn and(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.need_bit("and", a)?;
        self.need_bit("and", b)?;
        self.mul(a, b)
    }

    /// `a or b = a + b - a b` for bits.
    ///
    /// # Errors
    /// Not bits; lengths differ.
    pub fn or(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.sum_less_product("or", a, b, 1)
    }

    /// `a xor b = a + b - 2 a b` for bits.
    ///
    /// # Errors
    /// Not bits; lengths differ.
    pub fn xor(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.sum_less_product("xor", a, b, 2)
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

    fn sum_less_product(
        &mut self,
        name: &'static str,
        a: NodeId,
        b: NodeId,
        products: i128,
    ) -> Result<NodeId> {
        self.need_bit(name, a)?;
        self.need_bit(name, b)?;
        let sum = self.add(a, b)?;
        let product = self.mul(a, b)?;
        let product = if products == 1 { product } else { self.scale(product, products)? };
        let result = self.sub(sum, product)?;
        self.tighten(result, Range::BIT, 1);
        self.retype(result, Type::Bit);
        Ok(result)
    }

    /// A public value as often as `a` has elements, with its fractional bits.
    fn constant_like(&mut self, a: NodeId, value: i128) -> Result<NodeId> {
        let node = self.node(a)?;
        let (len, frac) = (node.len, node.ty.frac());
        self.constant(vec![value; len], frac)
    }

    fn need_bit(&self, operation: &'static str, id: NodeId) -> Result<()> {
        match self.node(id)?.ty {
            Type::Bit => Ok(()),
            ty => Err(ProgramError::Types { operation, left: ty, right: Type::Bit }),
        }
    }
}
