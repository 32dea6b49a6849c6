//! Extremes by tournaments: as many levels as the logarithm of the number of elements.

use super::{Builder, NodeId, ProgramError, Wide};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

/// The largest element, its label, and the second largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopTwo<V = NodeId> {
    /// Largest value.
    pub maximum: V,
    /// Label of the first element that has it.
    pub label: NodeId,
    /// Largest value of the other elements.
    pub second: V,
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

    fn split_wide(&self, builder: &mut Builder, a: &Wide) -> Result<(Wide, Wide)> {
        let left = a.map(|limb| builder.gather(limb, self.left.clone()))?;
        Ok((left, a.map(|limb| builder.gather(limb, self.right.clone()))?))
    }

    fn join_wide(&self, builder: &mut Builder, won: &Wide, before: &Wide) -> Result<Wide> {
        match self.odd {
            None => Ok(won.clone()),
            Some(odd) => {
                let odd = before.map(|limb| builder.gather(limb, vec![odd]))?;
                builder.concat_wide(&[won.clone(), odd])
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
        only(&self.max_wide(&a.into(), &b.into())?)
    }

    /// The smaller of two, elementwise.
    ///
    /// # Errors
    /// Lengths or fractional bits differ; overflow.
    pub fn min(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        only(&self.min_wide(&a.into(), &b.into())?)
    }

    fn max_wide(&mut self, a: &Wide, b: &Wide) -> Result<Wide> {
        let less = self.less_wide(a, b)?;
        self.select_wide(less, b, a)
    }

    fn min_wide(&mut self, a: &Wide, b: &Wide) -> Result<Wide> {
        let less = self.less_wide(a, b)?;
        self.select_wide(less, a, b)
    }

    /// The largest element of a vector.
    ///
    /// # Errors
    /// Overflow.
    pub fn maximum(&mut self, a: NodeId) -> Result<NodeId> {
        only(&self.maximum_wide(&a.into())?)
    }

    /// The largest of a vector of wide numbers.
    ///
    /// # Errors
    /// Overflow.
    pub fn maximum_wide(&mut self, a: &Wide) -> Result<Wide> {
        self.tournament(a, Builder::max_wide)
    }

    /// The smallest element of a vector.
    ///
    /// # Errors
    /// Overflow.
    pub fn minimum(&mut self, a: NodeId) -> Result<NodeId> {
        only(&self.tournament(&a.into(), Builder::min_wide)?)
    }

    /// The largest element and the label of the first element that is as large; one public label
    /// per element.
    ///
    /// # Errors
    /// Not as many labels as elements; overflow.
    pub fn argmax(&mut self, a: NodeId, labels: Vec<i128>) -> Result<(NodeId, NodeId)> {
        let (value, label) = self.argmax_wide(&a.into(), labels)?;
        Ok((only(&value)?, label))
    }

    /// The same of wide numbers.
    ///
    /// # Errors
    /// Not as many labels as elements; overflow.
    pub fn argmax_wide(&mut self, a: &Wide, labels: Vec<i128>) -> Result<(Wide, NodeId)> {
        let (mut value, mut label) = (a.clone(), self.labels(a, labels)?);
        while self.len(&value)? > 1 {
            let pairs = Pairs::of(self.len(&value)?);
            let (x, y) = pairs.split_wide(self, &value)?;
            let (p, q) = pairs.split(self, label)?;
            let less = self.less_wide(&x, &y)?;
            let (won, named) = (self.select_wide(less, &y, &x)?, self.select(less, q, p)?);
            value = pairs.join_wide(self, &won, &value)?;
            label = pairs.join(self, named, label)?;
        }
        Ok((value, label))
    }

    /// The two largest elements and the label of the first largest; one public label per element.
    ///
    /// Each level compares the two winners with each other and each with the other side's second
    /// at the same time, so a level takes one comparison's rounds and two multiplications.
    ///
    /// # Errors
    /// Fewer than two elements; not as many labels as elements; overflow.
    pub fn top_two(&mut self, a: NodeId, labels: Vec<i128>) -> Result<TopTwo> {
        let TopTwo { maximum, label, second } = self.top_two_wide(&a.into(), labels)?;
        Ok(TopTwo { maximum: only(&maximum)?, label, second: only(&second)? })
    }

    /// The same of wide numbers.
    ///
    /// # Errors
    /// Fewer than two elements; not as many labels as elements; overflow.
    pub fn top_two_wide(&mut self, a: &Wide, labels: Vec<i128>) -> Result<TopTwo<Wide>> {
        let len = self.len(a)?;
        if len < 2 {
            return Err(ProgramError::Length { operation: "top_two", left: len, right: 2 });
        }
        let labels = self.labels(a, labels)?;
        let pairs = Pairs::of(len);
        let (x, y) = pairs.split_wide(self, a)?;
        let (p, q) = pairs.split(self, labels)?;
        let less = self.less_wide(&x, &y)?;
        let (won, named) = (self.select_wide(less, &y, &x)?, self.select(less, q, p)?);
        let mut second = self.select_wide(less, &x, &y)?;
        let maximum = pairs.join_wide(self, &won, a)?;
        let label = pairs.join(self, named, labels)?;
        if pairs.odd.is_some() {
            // Who has met nobody yet has no second; the smallest value never displaces a real one.
            let none = a.map(|limb| {
                let node = self.node(limb)?;
                let (lo, frac) = (node.range.lo, node.ty.frac());
                self.constant(vec![lo], frac)
            })?;
            second = self.concat_wide(&[second, none])?;
        }
        let mut top = TopTwo { maximum, label, second };
        while self.len(&top.maximum)? > 1 {
            top = self.meet(&top)?;
        }
        Ok(top)
    }

    fn meet(&mut self, top: &TopTwo<Wide>) -> Result<TopTwo<Wide>> {
        let pairs = Pairs::of(self.len(&top.maximum)?);
        let (x, y) = pairs.split_wide(self, &top.maximum)?;
        let (p, q) = pairs.split(self, top.label)?;
        let (u, v) = pairs.split_wide(self, &top.second)?;
        let right_wins = self.less_wide(&x, &y)?;
        let right_second_larger = self.less_wide(&x, &v)?;
        let left_second_larger = self.less_wide(&y, &u)?;
        let won = self.select_wide(right_wins, &y, &x)?;
        let named = self.select(right_wins, q, p)?;
        let if_right = self.select_wide(right_second_larger, &v, &x)?;
        let if_left = self.select_wide(left_second_larger, &u, &y)?;
        let next = self.select_wide(right_wins, &if_right, &if_left)?;
        Ok(TopTwo {
            maximum: pairs.join_wide(self, &won, &top.maximum)?,
            label: pairs.join(self, named, top.label)?,
            second: pairs.join_wide(self, &next, &top.second)?,
        })
    }

    fn labels(&mut self, a: &Wide, labels: Vec<i128>) -> Result<NodeId> {
        let len = self.len(a)?;
        if labels.len() != len {
            let right = labels.len();
            return Err(ProgramError::Length { operation: "labels", left: len, right });
        }
        self.constant(labels, 0)
    }

    /// Numbers in a vector.
    fn len(&self, a: &Wide) -> Result<usize> {
        match a.limbs().first() {
            Some(limb) => Ok(self.node(*limb)?.len),
            None => Ok(0),
        }
    }

    fn tournament(
        &mut self,
        a: &Wide,
        better: fn(&mut Builder, &Wide, &Wide) -> Result<Wide>,
    ) -> Result<Wide> {
        let mut value = a.clone();
        while self.len(&value)? > 1 {
            let pairs = Pairs::of(self.len(&value)?);
            let (x, y) = pairs.split_wide(self, &value)?;
            let won = better(self, &x, &y)?;
            value = pairs.join_wide(self, &won, &value)?;
        }
        Ok(value)
    }
}

/// The vector of numbers that have a single limb.
fn only(a: &Wide) -> Result<NodeId> {
    match a.limbs() {
        [limb] => Ok(*limb),
        limbs => Err(ProgramError::Length { operation: "limbs", left: limbs.len(), right: 1 }),
    }
}
