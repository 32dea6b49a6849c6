/// Which values are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The smallest, at least 1.
    pub from: u64,
    /// The largest.
    pub to: u64,
    /// How often the range is halved, on a logarithmic scale, for the coarse grid.
    pub halvings: u32,
    /// How far the ends of an interval may be apart, in thousandths of the lower one.
    pub tolerance_permille: u32,
}

/// Which of two protocols has the lower figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The first.
    First,
    /// The second.
    Second,
    /// The repetitions do not tell.
    Undecided,
}

/// Somewhere in an interval the order changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The largest value looked at with the order from below.
    pub low: u64,
    /// The smallest value looked at with the other order.
    pub high: u64,
    /// Which one is lower at `low`; the other one is at `high`.
    pub below: Order,
    /// Whether the repetitions do not tell the order at a value in between.
    pub has_undecided: bool,
}

/// The order along a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The values of the coarse grid with the order at each.
    pub grid: Vec<(u64, Order)>,
    /// Where it changes, ascending; nothing if it does not.
    pub crossings: Vec<Crossing>,
}

/// Looks for changes of an order along a range.
///
/// # Errors
/// The first error of `order`.
pub fn search<E>(range: Range, mut order: impl FnMut(u64) -> Result<Order, E>) -> Result<Found, E> {
    let mut grid = Vec::new();
    for value in values(range) {
        grid.push((value, order(value)?));
    }
    let mut crossings = Vec::new();
    let mut last: Option<(u64, Order)> = None;
    // Undecided values between two decided ones belong to the crossing, if there is one.
    let mut middle: Option<(u64, u64)> = None;
    for (value, found) in grid.iter().copied() {
        if found == Order::Undecided {
            middle = Some((middle.map_or(value, |(first, _)| first), value));
            continue;
        }
        if let Some((before, below)) = last.filter(|(_, below)| *below != found) {
            let bracket = Bracket { low: before, high: value, middle, below };
            crossings.push(bracket.narrow(range.tolerance_permille, &mut order)?);
        }
        (last, middle) = (Some((value, found)), None);
    }
    Ok(Found { grid, crossings })
}

/// The coarse grid, ascending: each value is the geometric mean of its neighbours, rounded.
fn values(range: Range) -> Vec<u64> {
    let mut values = vec![range.from, range.to];
    for _ in 0..range.halvings {
        let means: Vec<u64> = values.windows(2).map(|ends| mean(ends[0], ends[1])).collect();
        values.extend(means);
        values.sort_unstable();
        values.dedup();
    }
    values.dedup();
    values
}

/// Geometric mean, rounded down.
fn mean(low: u64, high: u64) -> u64 {
    u64::try_from((u128::from(low) * u128::from(high)).isqrt()).unwrap_or(u64::MAX)
}

/// Two values with different orders, and the undecided ones in between.
struct Bracket {
    low: u64,
    high: u64,
    middle: Option<(u64, u64)>,
    below: Order,
}

impl Bracket {
    fn narrow<E>(
        mut self,
        tolerance_permille: u32,
        order: &mut impl FnMut(u64) -> Result<Order, E>,
    ) -> Result<Crossing, E> {
        let between = |low, high| between(low, high, tolerance_permille);
        loop {
            let next = match self.middle {
                None => between(self.low, self.high),
                // Both edges of what the repetitions do not decide.
                Some((first, last)) => {
                    between(self.low, first).or_else(|| between(last, self.high))
                }
            };
            let Some(value) = next else { break };
            self.place(value, order(value)?);
        }
        let Bracket { low, high, middle, below } = self;
        Ok(Crossing { low, high, below, has_undecided: middle.is_some() })
    }

    fn place(&mut self, value: u64, found: Order) {
        if found == Order::Undecided {
            let (first, last) = self.middle.unwrap_or((value, value));
            self.middle = Some((first.min(value), last.max(value)));
        } else if found == self.below {
            self.low = value;
            self.middle = self.middle.filter(|(_, last)| *last > value);
            self.middle = self.middle.map(|(first, last)| (first.max(value + 1).min(last), last));
        } else {
            self.high = value;
            self.middle = self.middle.filter(|(first, _)| *first < value);
            self.middle = self.middle.map(|(first, last)| (first, last.min(value - 1).max(first)));
        }
    }
}

/// A value strictly between two that are further apart than the tolerance.
fn between(low: u64, high: u64, tolerance_permille: u32) -> Option<u64> {
    let apart = u128::from(high.saturating_sub(low)) * 1000;
    let is_close = apart <= u128::from(low) * u128::from(tolerance_permille);
    let value = mean(low, high).max(low + 1);
    (!is_close && value < high).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: Range = Range { from: 1_000, to: 1_000_000, halvings: 3, tolerance_permille: 20 };

    fn found(range: Range, order: impl Fn(u64) -> Order) -> Found {
        search(range, |value| Ok::<_, ()>(order(value))).unwrap()
    }

    fn below(limit: u64) -> impl Fn(u64) -> Order {
        move |value| if value < limit { Order::First } else { Order::Second }
    }

    #[test]
    fn one_crossover_lies_in_its_interval() {
        for limit in [1_001, 2_000, 31_623, 77_777, 999_999] {
            let found = found(RANGE, below(limit));
            let [crossing] = found.crossings[..] else { panic!("{found:?}") };
            assert!(crossing.low < limit && limit <= crossing.high, "{limit}: {crossing:?}");
            assert!((crossing.high - crossing.low) * 50 <= crossing.low, "{crossing:?}");
            assert!(crossing.below == Order::First && !crossing.has_undecided);
        }
    }

    #[test]
    fn no_crossover_in_range_is_none() {
        for limit in [1, 1_000, 1_000_001] {
            assert_eq!(found(RANGE, below(limit)).crossings, []);
        }
        assert_eq!(found(RANGE, |_| Order::Undecided).crossings, []);
    }

    #[test]
    fn several_crossovers_are_found_one_by_one() {
        let order = |value| match value {
            0..5_000 => Order::First,
            5_000..100_000 => Order::Second,
            _ => Order::First,
        };
        let found = found(RANGE, order);
        let holds = |crossing: &Crossing, limit| crossing.low < limit && limit <= crossing.high;
        let [one, other] = &found.crossings[..] else { panic!("{found:?}") };
        assert!(holds(one, 5_000) && holds(other, 100_000));
        assert_eq!((one.below, other.below), (Order::First, Order::Second));
    }

    #[test]
    fn what_the_repetitions_do_not_decide_belongs_to_the_interval() {
        let order = |value| match value {
            0..20_000 => Order::Second,
            20_000..60_000 => Order::Undecided,
            _ => Order::First,
        };
        for halvings in [0, 1, 3, 6] {
            let found = found(Range { halvings, ..RANGE }, order);
            let [crossing] = found.crossings[..] else { panic!("{found:?}") };
            assert!(crossing.has_undecided);
            assert!((19_600..20_000).contains(&crossing.low), "{crossing:?}");
            assert!((60_000..61_200).contains(&crossing.high), "{crossing:?}");
        }
    }

    #[test]
    fn whole_numbers_end_next_to_each_other() {
        let range = Range { from: 2, to: 64, halvings: 2, tolerance_permille: 1 };
        let found = found(range, below(17));
        assert_eq!((found.crossings[0].low, found.crossings[0].high), (16, 17));
    }
}
