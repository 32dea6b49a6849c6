use super::*;
use crate::network::spec::LinkTable;

const SEED: [u8; 32] = [7; 32];

fn with_link(latency: Delay, loss_ppm: u32) -> Latency {
    let link = Link { latency, capacity_bps: None, loss_ppm };
    let network = Network { links: LinkTable::uniform(4, link), ..Network::constant(4, 1) };
    Latency::new(Arc::new(network), SEED)
}

fn random(distribution: Distribution) -> Latency {
    with_link(Delay { floor_ns: 1_000_000, random: vec![distribution] }, 0)
}

fn samples(latency: &Latency, count: u64) -> Vec<u64> {
    (0..count).map(|k| latency.draw(PartyId(1), PartyId(2), k)).collect()
}

/// Every distribution, and each branch of its algorithm: a name, and its mean above the floor if
/// it has one.
fn every_distribution() -> Vec<(&'static str, Distribution, Option<f64>)> {
    let ms = 1_000_000;
    vec![
        ("uniform", Distribution::Uniform { width_ns: 10 * ms }, Some(5e6)),
        ("exponential", Distribution::Exponential { mean_ns: 5 * ms }, Some(5e6)),
        ("normal", Distribution::Normal { mean_ns: 20 * ms, std_ns: 2 * ms }, Some(20e6)),
        // Half of the draws are cut off: the mean is std / sqrt(2 pi).
        ("half normal", Distribution::Normal { mean_ns: 0, std_ns: 10 * ms }, Some(3.989_42e6)),
        // exp(sigma^2 / 2) = 1.133_15.
        ("log-normal", Distribution::LogNormal { median_ns: 8 * ms, sigma: 0.5 }, Some(9.065_2e6)),
        ("pareto", Distribution::Pareto { scale_ns: 2 * ms, shape: 3.0 }, Some(1e6)),
        ("pareto without mean", Distribution::Pareto { scale_ns: ms, shape: 0.9 }, None),
        ("gamma", Distribution::Gamma { shape: 2.5, scale_ns: 2 * ms }, Some(5e6)),
        ("small gamma", Distribution::Gamma { shape: 0.5, scale_ns: 2 * ms }, Some(1e6)),
        ("gamma of shape 1", Distribution::Gamma { shape: 1.0, scale_ns: 2 * ms }, Some(2e6)),
        // Gamma(1.5) = 0.886_227.
        ("weibull", Distribution::Weibull { scale_ns: 3 * ms, shape: 2.0 }, Some(2.658_68e6)),
        (
            "empirical",
            Distribution::Empirical { samples_ns: vec![1, 5, 9, 4_000_005] },
            Some(1_000_005.0),
        ),
    ]
}

#[test]
fn a_thousand_samples_of_each_distribution_are_pinned() {
    let mut seen = String::new();
    for (name, distribution, _) in every_distribution() {
        let samples = samples(&random(distribution), 1000);
        let mut bytes = Vec::new();
        samples.iter().for_each(|ns| bytes.extend_from_slice(&ns.to_le_bytes()));
        let digest = &blake3::hash(&bytes).to_hex()[..16];
        seen += &format!("{name}: {digest} {:?}\n", &samples[..3]);
    }
    assert_eq!(seen, GOLDEN);
}

const GOLDEN: &str = "\
uniform: dda23fa96099f082 [8377988, 7753238, 1517875]
exponential: 9d64f32d05103d28 [16066041, 5114657, 1131854]
normal: 24d2400660495e8f [23443654, 21892878, 19657054]
half normal: 93b0837e994d1000 [13218272, 5464392, 1000000]
log-normal: 84355274efb15a4f [15736908, 11000761, 6718491]
pareto: f19a985d160fdb0f [1213353, 1279604, 4365641]
pareto without mean: 28348a5793b2fa39 [1401960, 1546789, 26831114]
gamma: 44329b997b028e93 [10017327, 6784964, 3641919]
small gamma: 3af241ba36934251 [4548848, 1923633, 1727001]
gamma of shape 1: 69c4d7f1934078a9 [7026416, 2645863, 1052742]
weibull: d9ec3be3f509d619 [6207579, 3721467, 1487173]
empirical: eaead8e7562b19bf [1000009, 1000009, 1000001]
";

#[test]
fn means_are_those_of_the_distributions() {
    for (name, distribution, mean) in every_distribution() {
        let Some(mean) = mean else { continue };
        let count = 200_000;
        let sum: f64 = samples(&random(distribution), count).iter().map(|ns| *ns as f64).sum();
        let measured = sum / count as f64 - 1e6;
        assert!((measured / mean - 1.0).abs() < 0.01, "{name}: {measured} instead of {mean}");
    }
}

#[test]
fn uniform_draws_fill_their_range_evenly() {
    let latency = random(Distribution::Uniform { width_ns: 9 });
    let mut counts = [0u64; 10];
    samples(&latency, 100_000).iter().for_each(|ns| counts[(ns - 1_000_000) as usize] += 1);
    let chi2: f64 = counts.iter().map(|c| (*c as f64 - 1e4).powi(2) / 1e4).sum();
    assert!(chi2 < 33.7, "chi-square of {chi2} with 9 degrees of freedom, alpha 1e-4");
}

#[test]
fn neighbouring_departures_are_unrelated() {
    let latency = random(Distribution::Uniform { width_ns: 1 << 40 });
    let at = |from, to, k| latency.draw(PartyId(from), PartyId(to), k) as f64;
    let centre = 1e6 + (1u64 << 39) as f64;
    let variance = (1u64 << 40) as f64 * (1u64 << 40) as f64 / 12.0;
    type Neighbour<'a> = (&'a str, &'a dyn Fn(u64) -> (f64, f64));
    let neighbours: [Neighbour<'_>; 3] = [
        ("next departure", &|k| (at(0, 1, k), at(0, 1, k + 1))),
        ("way back", &|k| (at(0, 1, k), at(1, 0, k))),
        ("next receiver", &|k| (at(0, 1, k), at(0, 2, k))),
    ];
    for (name, pair) in neighbours {
        let count = 100_000;
        let product = |(a, b): (f64, f64)| (a - centre) * (b - centre);
        let sum: f64 = (0..count).map(|k| product(pair(k))).sum();
        let correlation = sum / count as f64 / variance;
        // Five standard deviations of an estimate from independent draws.
        assert!(correlation.abs() < 5.0 / (count as f64).sqrt(), "{name}: {correlation}");
    }
}

#[test]
fn a_draw_depends_on_its_departure_and_the_seed_alone() {
    let latency = random(Distribution::Exponential { mean_ns: 1_000_000 });
    let forwards = samples(&latency, 50);
    let backwards: Vec<u64> =
        (0..50).rev().map(|k| latency.draw(PartyId(1), PartyId(2), k)).collect();
    assert!(forwards.iter().eq(backwards.iter().rev()));
    let other = Latency::new(Arc::clone(&latency.network), [8; 32]);
    assert_ne!(samples(&other, 50), forwards);
}

#[test]
fn parts_add_up_above_the_floor() {
    let uniform = Distribution::Uniform { width_ns: 100 };
    let latency = with_link(Delay { floor_ns: 500, random: vec![uniform.clone(), uniform] }, 0);
    let drawn = samples(&latency, 20_000);
    assert!(drawn.iter().all(|ns| (500..=700).contains(ns)));
    assert!(drawn.iter().any(|ns| *ns > 680), "two parts, drawn apart");
    let constant = with_link(Delay { floor_ns: 500, random: Vec::new() }, 0);
    assert!(samples(&constant, 10).iter().all(|ns| *ns == 500));
}

#[test]
fn extreme_tails_are_cut_and_bad_parameters_draw_nothing() {
    let heavy = random(Distribution::Pareto { scale_ns: u64::MAX, shape: 0.01 });
    assert!(samples(&heavy, 1000).iter().all(|ns| *ns <= MAX_LATENCY_NS));
    let bad = Distribution::Weibull { scale_ns: 1000, shape: f64::NAN };
    assert!(bad.validate().is_err());
    assert!(samples(&random(bad), 100).iter().all(|ns| *ns == 1_000_000));
}

#[test]
fn losses_come_at_their_rate() {
    let lost = |ppm| {
        let latency = with_link(Delay { floor_ns: 1, random: Vec::new() }, ppm);
        (0..1_000_000).filter(|k| latency.lost(PartyId(0), PartyId(3), *k)).count()
    };
    assert_eq!(lost(0), 0);
    assert_eq!(lost(1_000_000), 1_000_000);
    // Five standard deviations.
    assert!(lost(10_000).abs_diff(10_000) < 500, "{}", lost(10_000));
}
