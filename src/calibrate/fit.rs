//! Medians, and a line through them.

/// The median; 0 of nothing.
pub(super) fn median(samples: &[f64]) -> f64 {
    let sorted = sorted(samples);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// How far the median of these may be off, over itself: half of its 95 % interval, between order
/// statistics.
pub(super) fn spread(samples: &[f64]) -> f64 {
    let sorted = sorted(samples);
    let n = sorted.len() as f64;
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return f64::INFINITY };
    let at = |place: f64| sorted.get(place.max(0.0) as usize).copied();
    let low = at(n / 2.0 - 0.98 * n.sqrt()).unwrap_or(*first);
    let high = at(n / 2.0 + 0.98 * n.sqrt()).unwrap_or(*last);
    (high - low) / (2.0 * median(samples).max(1.0))
}

/// How far the median of the first half is from that of the second, over the smaller one.
pub(super) fn drift(samples: &[f64]) -> f64 {
    let (first, second) = samples.split_at(samples.len() / 2);
    let (a, b) = (median(first), median(second));
    (a - b).abs() / a.min(b).max(1.0)
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The line `call + unit * x` through points, neither part below zero, with the least squares of
/// what it is off over what it is off from: small calls count as much as large ones.
pub(super) fn line(points: &[(f64, f64)]) -> (f64, f64) {
    // In terms of 1/y and x/y, everything should be 1.
    let (mut aa, mut ab, mut bb, mut a, mut b) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in points {
        let (p, q) = (1.0 / y, x / y);
        aa += p * p;
        ab += p * q;
        bb += q * q;
        a += p;
        b += q;
    }
    let determinant = aa * bb - ab * ab;
    let (call, unit) = ((a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant);
    if call < 0.0 || !call.is_finite() {
        return (0.0, b / bb);
    }
    if unit < 0.0 {
        return (a / aa, 0.0);
    }
    (call, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again_and_never_falls_below_zero() {
        let points = [16.0, 512.0, 16384.0].map(|x| (x, 120.0 + 3.5 * x));
        let (call, unit) = line(&points);
        assert!((call - 120.0).abs() < 1e-6 && (unit - 3.5).abs() < 1e-9, "{call} {unit}");
        // What grows faster than its size would begin below zero.
        let (call, unit) = line(&[(1.0, 1.0), (10.0, 20.0), (100.0, 300.0)]);
        assert!(call == 0.0 && (1.0..3.0).contains(&unit), "{call} {unit}");
    }

    #[test]
    fn the_spread_is_that_of_the_median_and_shrinks_with_more_samples() {
        let noisy = |count: usize| -> Vec<f64> {
            (0..count).map(|at| 100.0 + ((at * 7) % 20) as f64).collect()
        };
        assert!(spread(&noisy(9)) > spread(&noisy(400)));
        assert!(spread(&noisy(400)) < 0.02);
        assert_eq!(spread(&[5.0; 9]), 0.0);
        assert_eq!(spread(&[]), f64::INFINITY);
    }

    #[test]
    fn a_machine_that_becomes_slower_is_seen() {
        let steady: Vec<f64> = (0..20).map(|at| 100.0 + f64::from(at % 3)).collect();
        let slower: Vec<f64> = (0..20).map(|at| if at < 10 { 100.0 } else { 240.0 }).collect();
        assert!(drift(&steady) < 0.02 && (drift(&slower) - 1.4).abs() < 1e-9);
    }
}
