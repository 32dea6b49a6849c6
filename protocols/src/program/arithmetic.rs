//! Arithmetic and its order, each operation with its static range and error.

use super::builder::{Draft, length};
use super::{Builder, MAX_BITS, Node, NodeId, Operation, ProgramError, Range, Rounding, Type};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

impl Builder {
    /// `a + b`
    ///
    /// # Errors
    /// Lengths or fractional bits differ; overflow.
    pub fn add(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let operation = Operation::Add(a, b);
        let (x, y) = self.alike(&operation, a, b)?;
        let (range, error) = (x.range.checked_add(y.range), x.error.saturating_add(y.error));
        let (len, frac) = (x.len, x.ty.frac());
        self.push(Draft { operation, len, range, frac, error })
    }

    /// `a - b`
    ///
    /// # Errors
    /// Lengths or fractional bits differ; overflow.
    pub fn sub(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let operation = Operation::Sub(a, b);
        let (x, y) = self.alike(&operation, a, b)?;
        let (range, error) = (x.range.checked_sub(y.range), x.error.saturating_add(y.error));
        let (len, frac) = (x.len, x.ty.frac());
        self.push(Draft { operation, len, range, frac, error })
    }

    /// `a * by` for a public integer.
    ///
    /// # Errors
    /// Overflow.
    pub fn scale(&mut self, a: NodeId, by: i128) -> Result<NodeId> {
        let frac = self.node(a)?.ty.frac();
        self.scale_to(a, by, frac)
    }

    /// `a * by`, read with other fractional bits than `a`: the raw values are multiplied by `by`.
    ///
    /// # Errors
    /// Overflow.
    pub fn scale_to(&mut self, a: NodeId, by: i128, frac: u32) -> Result<NodeId> {
        let x = self.node(a)?;
        let (len, range) = (x.len, x.range.checked_mul(Range::point(by)));
        let error = x.error.saturating_mul(by.unsigned_abs());
        self.push(Draft { operation: Operation::Scale { a, by }, len, range, frac, error })
    }

    /// `a[i] * by[i]` for public integers.
    ///
    /// # Errors
    /// Lengths differ; overflow.
    pub fn scale_each(&mut self, a: NodeId, by: Vec<i128>) -> Result<NodeId> {
        let x = self.node(a)?;
        let (len, frac) = (x.len, x.ty.frac());
        let factors = match Range::of(by.iter().copied()) {
            Some(factors) if by.len() == len => factors,
            _ => return Err(length("scale_each", len, by.len())),
        };
        let range = x.range.checked_mul(factors);
        let error = x.error.saturating_mul(factors.magnitude());
        self.push(Draft { operation: Operation::ScaleEach { a, by }, len, range, frac, error })
    }

    /// Sums of contiguous groups of equal length.
    ///
    /// # Errors
    /// The number of groups does not divide the length; overflow.
    pub fn sum(&mut self, a: NodeId, groups: usize) -> Result<NodeId> {
        let x = self.node(a)?;
        let each = group_len("sum", x.len, groups)?;
        let (range, frac) = (x.range.checked_times(each), x.ty.frac());
        let error = x.error.saturating_mul(each as u128);
        self.push(Draft {
            operation: Operation::Sum { a, groups },
            len: groups,
            range,
            frac,
            error,
        })
    }

    /// The elements at these positions.
    ///
    /// # Errors
    /// A position that does not exist; no positions.
    pub fn gather(&mut self, a: NodeId, indices: Vec<u32>) -> Result<NodeId> {
        let x = self.node(a)?;
        if let Some(&bad) = indices.iter().find(|&&index| index as usize >= x.len) {
            return Err(length("gather", x.len, bad as usize));
        }
        let (range, ty, error) = (x.range, x.ty, x.error);
        let (len, frac) = (indices.len(), ty.frac());
        let operation = Operation::Gather { a, indices };
        let id = self.push(Draft { operation, len, range: Some(range), frac, error })?;
        self.retype(id, ty);
        Ok(id)
    }

    /// One vector after the other.
    ///
    /// # Errors
    /// No vectors; fractional bits differ.
    pub fn concat(&mut self, parts: Vec<NodeId>) -> Result<NodeId> {
        let Some((&first, rest)) = parts.split_first() else {
            return Err(ProgramError::Size { operation: "concat", len: 0 });
        };
        if rest.is_empty() {
            return Ok(first);
        }
        let x = self.node(first)?;
        let (mut len, mut range, mut error, ty) = (x.len, x.range, x.error, x.ty);
        let mut same = true;
        for &part in rest {
            let y = self.node(part)?;
            if y.ty.frac() != ty.frac() {
                return Err(ProgramError::Types { operation: "concat", left: ty, right: y.ty });
            }
            len = len.saturating_add(y.len);
            range = range.hull(y.range);
            error = error.max(y.error);
            same &= y.ty == ty;
        }
        let operation = Operation::Concat(parts);
        let id = self.push(Draft { operation, len, range: Some(range), frac: ty.frac(), error })?;
        if same {
            self.retype(id, ty);
        }
        Ok(id)
    }

    /// `a * b`; fractional bits add up. Of bits it is the conjunction, and a bit.
    ///
    /// # Errors
    /// Lengths differ; overflow.
    pub fn mul(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let (x, y) = (self.node(a)?, self.node(b)?);
        if x.len != y.len {
            return Err(length("mul", x.len, y.len));
        }
        let (len, frac) = (x.len, x.ty.frac() + y.ty.frac());
        let (range, error) = (x.range.checked_mul(y.range), product_error(x, y));
        let bits = x.ty == Type::Bit && y.ty == Type::Bit;
        let operation = if bits { Operation::And(a, b) } else { Operation::Mul(a, b) };
        let id = self.push(Draft { operation, len, range, frac, error })?;
        if bits {
            self.retype(id, Type::Bit);
        }
        Ok(id)
    }

    /// `a * b` as numbers, also of bits.
    pub(super) fn mul_numbers(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let (x, y) = (self.node(a)?, self.node(b)?);
        let (len, frac) = (x.len, x.ty.frac() + y.ty.frac());
        let (range, error) = (x.range.checked_mul(y.range), product_error(x, y));
        self.push(Draft { operation: Operation::Mul(a, b), len, range, frac, error })
    }

    /// Inner products of contiguous groups of equal length; fractional bits add up.
    ///
    /// # Errors
    /// Lengths differ; the number of groups does not divide them; overflow.
    pub fn dot(&mut self, a: NodeId, b: NodeId, groups: usize) -> Result<NodeId> {
        let (x, y) = (self.node(a)?, self.node(b)?);
        if x.len != y.len {
            return Err(length("dot", x.len, y.len));
        }
        let each = group_len("dot", x.len, groups)?;
        let range = x.range.checked_mul(y.range).and_then(|product| product.checked_times(each));
        let error = product_error(x, y).saturating_mul(each as u128);
        let frac = x.ty.frac() + y.ty.frac();
        let operation = Operation::Dot { a, b, groups };
        self.push(Draft { operation, len: groups, range, frac, error })
    }

    /// Bit: `a < b`.
    ///
    /// # Errors
    /// Lengths or fractional bits differ; the difference overflows.
    pub fn less(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.compare(Operation::Less(a, b), a, b)
    }

    /// Bit: `a = b`.
    ///
    /// # Errors
    /// Lengths or fractional bits differ; the difference overflows.
    pub fn equal(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        self.compare(Operation::Equal(a, b), a, b)
    }

    /// Division by `2^shift`. An integer becomes the quotient; fixed point keeps its value and
    /// loses fractional bits.
    ///
    /// # Errors
    /// The shift is 0, wider than the values, or cuts more than the fractional bits.
    pub fn truncate(&mut self, a: NodeId, shift: u32, rounding: Rounding) -> Result<NodeId> {
        let x = self.node(a)?;
        let (len, ty) = (x.len, x.ty);
        let cut_point = matches!(ty, Type::Fixed { frac, .. } if shift > frac);
        if shift == 0 || shift >= x.range.bits() || cut_point {
            return Err(ProgramError::Shift { shift, ty });
        }
        let mut range = x.range.shift_right(shift);
        let mut error = x.error.div_ceil(1 << shift);
        if rounding == Rounding::Either {
            range.hi += 1;
            error = error.saturating_add(1);
        }
        let frac = ty.frac().saturating_sub(shift);
        let operation = Operation::Truncate { a, shift, rounding };
        self.push(Draft { operation, len, range: Some(range), frac, error })
    }

    fn compare(&mut self, operation: Operation, a: NodeId, b: NodeId) -> Result<NodeId> {
        let (x, y) = self.alike(&operation, a, b)?;
        let (len, exact) = (x.len, x.error == 0 && y.error == 0);
        if x.range.checked_sub(y.range).is_none_or(|difference| difference.bits() > MAX_BITS) {
            return Err(self.overflow(&operation));
        }
        let error = u128::from(!exact);
        let id = self.push(Draft { operation, len, range: Some(Range::BIT), frac: 0, error })?;
        self.retype(id, Type::Bit);
        Ok(id)
    }
}

/// `|x y - x' y'| <= |x| |y - y'| + |y'| |x - x'|`, and both ranges hold computed values too.
fn product_error(x: &Node, y: &Node) -> u128 {
    let left = x.range.magnitude().saturating_mul(y.error);
    left.saturating_add(y.range.magnitude().saturating_mul(x.error))
}

fn group_len(operation: &'static str, len: usize, groups: usize) -> Result<usize> {
    match len.checked_rem(groups) {
        Some(0) => Ok(len / groups),
        _ => Err(length(operation, len, groups)),
    }
}
