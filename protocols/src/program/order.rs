//! Extremes by tournaments: as many levels as the logarithm of the number of elements.

use super::{Builder, NodeId, ProgramError};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

/// The largest element, its label, and the second largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopTwo {
    /// Largest value.
    pub maximum: NodeId,
    /// Label of the first element that has it.
    pub label: NodeId,
    /// Largest value of the other elements.
    pub second: NodeId,
}

/// A level of a tournament: neighbours that meet, and who stays over.
struct Pairs {
    left: Vec<u32>,
    right: Vec<u32>,
    odd: Option<u32>,
}

impl Pairs {
    fn of(len: usize) -> Self {
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        Pairs {
            left: (0..len / 2).map(|pair| 2 * pair).collect(),
            right: (0..len / 2).map(|pair| 2 * pair + 1).collect(),
            odd: (len % 2 == 1).then(|| len - 1),
        }
    }

    fn split(&self, builder: &mut Builder, a: NodeId) -> Result<(NodeId, NodeId)> {
        Ok((builder.gather(a, self.left.clone())?, builder.gather(a, self.right.clone())?))
    }

    /// The winners of a level, with the one who stayed over at the end, so that order is kept.
    fn join(&self, builder: &mut Builder, won: NodeId, before: NodeId) -> Result<NodeId> {
        match self.odd {
            None => Ok(won),
            Some(odd) => {
                let odd = builder.gather(before, vec![odd])?;
                builder.concat(vec![won, odd])
            }
        }
    }
}

impl Builder {
    /// The larger of two, elementwise.
    ///
    /// # Errors
    /// Lengths or fractional bits differ; overflow.
    pub fn max(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let less = self.less(a, b)?;
        self.select(less, b, a)
    }

    /// The smaller of two, elementwise.
    ///
    /// # Errors
    /// Lengths or fractional bits differ; overflow.
    pub fn min(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let less = self.less(a, b)?;
        self.select(less, a, b)
    }

    /// The largest element of a vector.
    ///
    /// # Errors
    /// Overflow.
    pub fn maximum(&mut self, a: NodeId) -> Result<NodeId> {
        self.tournament(a, Builder::max)
    }

    /// The smallest element of a vector.
    ///
    /// # Errors
    /// Overflow.
    pub fn minimum(&mut self, a: NodeId) -> Result<NodeId> {
        self.tournament(a, Builder::min)
    }

    /// The largest element and the label of the first element that is as large; one public label
    /// per element.
    ///
    /// # Errors
    /// Not as many labels as elements; overflow.
    pub fn argmax(&mut self, a: NodeId, labels: Vec<i128>) -> Result<(NodeId, NodeId)> {
        let (mut value, mut label) = (a, self.labels(a, labels)?);
        loop {
            let len = self.node(value)?.len;
            if len == 1 {
                return Ok((value, label));
            }
            let pairs = Pairs::of(len);
            let (x, y) = pairs.split(self, value)?;
            let (p, q) = pairs.split(self, label)?;
            let less = self.less(x, y)?;
            let (won, named) = (self.select(less, y, x)?, self.select(less, q, p)?);
            value = pairs.join(self, won, value)?;
            label = pairs.join(self, named, label)?;
        }
    }

    /// The two largest elements and the label of the first largest; one public label per element.
    ///
    /// Each level compares the two winners with each other and each with the other side's second
    /// at the same time, so a level takes one comparison's rounds and two multiplications.
    ///
    /// # Errors
    /// Fewer than two elements; not as many labels as elements; overflow.
    pub fn top_two(&mut self, a: NodeId, labels: Vec<i128>) -> Result<TopTwo> {
        let node = self.node(a)?;
        let (len, lo, frac) = (node.len, node.range.lo, node.ty.frac());
        if len < 2 {
            return Err(ProgramError::Length { operation: "top_two", left: len, right: 2 });
        }
        let labels = self.labels(a, labels)?;
        let pairs = Pairs::of(len);
        let (x, y) = pairs.split(self, a)?;
        let (p, q) = pairs.split(self, labels)?;
        let less = self.less(x, y)?;
        let (won, named) = (self.select(less, y, x)?, self.select(less, q, p)?);
        let mut second = self.select(less, x, y)?;
        let mut maximum = pairs.join(self, won, a)?;
        let mut label = pairs.join(self, named, labels)?;
        if pairs.odd.is_some() {
            // Who has met nobody yet has no second; the smallest value never displaces a real one.
            let none = self.constant(vec![lo], frac)?;
            second = self.concat(vec![second, none])?;
        }
        while self.node(maximum)?.len > 1 {
            (maximum, label, second) = self.meet(maximum, label, second)?;
        }
        Ok(TopTwo { maximum, label, second })
    }

    fn meet(
        &mut self,
        maximum: NodeId,
        label: NodeId,
        second: NodeId,
    ) -> Result<(NodeId, NodeId, NodeId)> {
        let pairs = Pairs::of(self.node(maximum)?.len);
        let (x, y) = pairs.split(self, maximum)?;
        let (p, q) = pairs.split(self, label)?;
        let (u, v) = pairs.split(self, second)?;
        let right_wins = self.less(x, y)?;
        let right_second_larger = self.less(x, v)?;
        let left_second_larger = self.less(y, u)?;
        let won = self.select(right_wins, y, x)?;
        let named = self.select(right_wins, q, p)?;
        let if_right = self.select(right_second_larger, v, x)?;
        let if_left = self.select(left_second_larger, u, y)?;
        let next = self.select(right_wins, if_right, if_left)?;
        Ok((
            pairs.join(self, won, maximum)?,
            pairs.join(self, named, label)?,
            pairs.join(self, next, second)?,
        ))
    }

    fn labels(&mut self, a: NodeId, labels: Vec<i128>) -> Result<NodeId> {
        let len = self.node(a)?.len;
        if labels.len() != len {
            let right = labels.len();
            return Err(ProgramError::Length { operation: "labels", left: len, right });
        }
        self.constant(labels, 0)
    }

    fn tournament(
        &mut self,
        a: NodeId,
        better: fn(&mut Builder, NodeId, NodeId) -> Result<NodeId>,
    ) -> Result<NodeId> {
        let mut value = a;
        loop {
            let len = self.node(value)?.len;
            if len == 1 {
                return Ok(value);
            }
            let pairs = Pairs::of(len);
            let (x, y) = pairs.split(self, value)?;
            let won = better(self, x, y)?;
            value = pairs.join(self, won, value)?;
        }
    }
}
