//! Scales: from figures to pixels, and where the ticks stand.

use crate::units::Unit;

/// One axis, from `low` at pixel `from` to `high` at pixel `to`.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) log: bool,
    /// Of a logarithmic axis: factors of the powers of ten that get a tick, ascending.
    factors: &'static [f64],
    pub(super) unit: Unit,
    pub(super) from: i32,
    pub(super) to: i32,
}

impl Axis {
    /// An axis for measured figures: logarithmic if they are positive and span a decade or more,
    /// otherwise linear from zero. Ends at ticks.
    pub(super) fn of_figures(values: &[f64], unit: Unit, from: i32, to: i32) -> Self {
        let (min, max) = extremes(values);
        if spans_decade(min, max) {
            // Room on both sides, so that no line runs along the frame.
            let (min, max) = (min * 0.93, max * 1.07);
            let factors = factors(max / min);
            let (low, high) = (rounded_down(min, factors), rounded_up(max, factors));
            return Axis { low, high, log: true, factors, unit, from, to };
        }
        let mut axis =
            Axis { low: 0.0, high: max.max(1.0), log: false, factors: &[], unit, from, to };
        let step = axis.step();
        axis.high = (axis.high / step).ceil() * step;
        axis
    }

    /// A logarithmic axis for probabilities, up to one; zeros stand at its lower end.
    pub(super) fn of_probabilities(values: &[f64], from: i32, to: i32) -> Self {
        let positive = values.iter().copied().filter(|value| *value > 0.0);
        let least = positive.fold(0.2, f64::min);
        // Room below the least.
        let low = rounded_down(least * 0.7, &[1.0]).max(f64::MIN_POSITIVE);
        let factors = factors(1.0 / low);
        Axis { low, high: 1.0, log: true, factors, unit: Unit::Probability, from, to }
    }

    /// An axis for bars, which have to start at zero; it leaves room for a label behind the
    /// longest bar.
    pub(super) fn of_bars(max: f64, unit: Unit, from: i32, to: i32) -> Self {
        Axis { low: 0.0, high: max.max(1.0), log: false, factors: &[], unit, from, to }
    }

    /// An axis for rates, from zero; ends at a tick.
    pub(super) fn of_rates(max: f64, from: i32, to: i32) -> Self {
        let (low, high, unit) = (0.0, max.max(f64::MIN_POSITIVE), Unit::PerSecond);
        let mut axis = Axis { low, high, log: false, factors: &[], unit, from, to };
        let step = axis.step();
        axis.high = (axis.high / step).ceil() * step;
        axis
    }

    /// An axis for swept values: logarithmic under the same condition, with a margin at both ends.
    pub(super) fn of_swept(values: &[f64], unit: Unit, from: i32, to: i32) -> Self {
        let (min, max) = extremes(values);
        if spans_decade(min, max) {
            let (margin, factors) = ((max / min).powf(0.04), factors(max / min));
            return Axis {
                low: min / margin,
                high: max * margin,
                log: true,
                factors,
                unit,
                from,
                to,
            };
        }
        let margin = if max > min { (max - min) * 0.04 } else { max.abs().max(1.0) * 0.5 };
        Axis { low: min - margin, high: max + margin, log: false, factors: &[], unit, from, to }
    }

    /// Where a value stands, pixels.
    pub(super) fn place(&self, value: f64) -> i32 {
        let share = if self.log {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + (share * f64::from(self.to - self.from)).round() as i32
    }

    /// Values that get a tick, ascending.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if !self.log {
            let step = self.step();
            let first = (self.low / step - 1e-9).ceil() * step;
            let count = ((self.high - first) / step + 1e-9) as usize;
            return (0..=count).map(|at| first + at as f64 * step).collect();
        }
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        let values = (first..=last)
            .flat_map(|decade| self.factors.iter().map(move |factor| factor * 10f64.powi(decade)));
        let inside =
            |value: &f64| *value >= self.low * (1.0 - 1e-9) && *value <= self.high * (1.0 + 1e-9);
        values.filter(inside).collect()
    }

    /// The label of a tick.
    pub(super) fn label(&self, tick: f64) -> String {
        self.unit.tick(tick)
    }

    /// A step of 1, 2 or 5 times a power of ten that gives about one tick per 65 pixels.
    fn step(&self) -> f64 {
        let wanted = (f64::from((self.to - self.from).abs()) / 65.0).clamp(3.0, 8.0);
        let raw = (self.high - self.low) / wanted;
        let power = 10f64.powf(raw.log10().floor());
        let nice = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * power >= raw * 0.8);
        let step = nice.unwrap_or(10.0) * power;
        // Things and bytes have no fractions.
        if matches!(self.unit, Unit::Count | Unit::Bytes | Unit::Time) {
            step.max(1.0)
        } else {
            step
        }
    }
}

fn extremes(values: &[f64]) -> (f64, f64) {
    let fold = |(min, max): (f64, f64), value: &f64| (min.min(*value), max.max(*value));
    match values.first() {
        Some(first) => values.iter().fold((*first, *first), fold),
        None => (0.0, 1.0),
    }
}

fn spans_decade(min: f64, max: f64) -> bool {
    min > 0.0 && max / min >= 10.0
}

/// Denser ticks for a shorter range; `ratio` is the largest value over the smallest.
fn factors(ratio: f64) -> &'static [f64] {
    match ratio.log10() {
        decades if decades <= 2.4 => &[1.0, 2.0, 5.0],
        decades if decades <= 4.4 => &[1.0, 3.0],
        _ => &[1.0],
    }
}

/// The largest tick that is no larger.
fn rounded_down(value: f64, factors: &[f64]) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let fits = |factor: &&f64| **factor * power <= value * 1.0001;
    factors.iter().rev().find(fits).unwrap_or(&1.0) * power
}

/// The smallest tick that is no smaller.
fn rounded_up(value: f64, factors: &[f64]) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let fits = |factor: &&f64| **factor * power >= value * 0.9999;
    factors.iter().find(fits).unwrap_or(&10.0) * power
}
