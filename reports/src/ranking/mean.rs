//! One figure over many functions and conditions: the geometric mean of ratios to the best.

use statrs::statistics::Statistics;

use super::{CRITERIA, Entry, RankGroup, Ranking, View};
use crate::distinct::distinct;

/// Protocols that claim the same, over all sweep points at which they can be compared.
#[derive(Clone, Debug)]
pub struct MeanGroup {
    /// What all of them claim.
    pub claims: String,
    /// What else is equal.
    pub view: View,
    /// Indices of the sweep points.
    pub points: Vec<usize>,
    /// The protocols, the fastest first.
    pub means: Vec<Mean>,
    /// Protocols that are not ranked at all of the points, with the number at which they are.
    pub left_out: Vec<(String, usize)>,
}

/// One protocol over several points.
#[derive(Clone, Debug, PartialEq)]
pub struct Mean {
    /// Its label.
    pub protocol: String,
    /// Geometric means of its figure over the smallest one at the same point, in the order of
    /// [`CRITERIA`]; 1 is the best at every point. `None` where a point has no such figure.
    pub ratios: [Option<f64>; 3],
    /// At how many points it is the fastest.
    pub wins: usize,
    /// What dominates its time where it takes longest compared to the fastest.
    pub dominated_by: Option<String>,
}

/// Geometric means in each group that can be compared at two points or more.
#[must_use]
pub fn means(ranking: &Ranking<'_>) -> Vec<MeanGroup> {
    ranking.alike(|_| true).iter().filter_map(|groups| mean_group(groups)).collect()
}

/// Means over groups of equal claims in one view.
fn mean_group(groups: &[&RankGroup<'_>]) -> Option<MeanGroup> {
    let RankGroup { claims, view, .. } = groups.first()?;
    let comparing = || groups.iter().filter(|group| group.ranked().count() > 1);
    let points: Vec<usize> = comparing().map(|group| group.point).collect();
    if points.len() < 2 {
        return None;
    }
    let ranked = comparing().flat_map(|group| group.ranked());
    let protocols = distinct(ranked.map(|entry| entry.record.key.protocol.as_str()));
    let (mut means, mut left_out) = (Vec::new(), Vec::new());
    for protocol in protocols {
        let own = |entry: &&Entry<'_>| entry.record.key.protocol == protocol;
        let found: Vec<(&Entry<'_>, [Option<u64>; 3])> = comparing()
            .filter_map(|group| {
                let best = [0, 1, 2].map(|at| group.ranked().filter_map(|e| e.medians()[at]).min());
                Some((group.ranked().find(own)?, best))
            })
            .collect();
        if found.len() < points.len() {
            left_out.push((protocol.to_owned(), found.len()));
            continue;
        }
        means.push(mean(protocol, &found));
    }
    means.sort_by(|a, b| {
        a.ratios[0].unwrap_or(f64::MAX).total_cmp(&b.ratios[0].unwrap_or(f64::MAX))
    });
    Some(MeanGroup { claims: claims.clone(), view: *view, points, means, left_out })
}

/// One protocol's mean over points, each with the best figures there.
fn mean(protocol: &str, found: &[(&Entry<'_>, [Option<u64>; 3])]) -> Mean {
    // A figure of 0, such as the bytes of one party alone, would make every ratio infinite.
    let ratio = |own: u64, best: u64| own.max(1) as f64 / best.max(1) as f64;
    let ratios = std::array::from_fn::<_, { CRITERIA.len() }, _>(|at| {
        let of = |(entry, best): &(&Entry<'_>, [Option<u64>; 3])| {
            Some(ratio(entry.medians()[at].filter(|_| entry.places[at].is_some())?, best[at]?))
        };
        let ratios: Option<Vec<f64>> = found.iter().map(of).collect();
        ratios.map(|ratios| ratios.iter().geometric_mean())
    });
    let behind = |(entry, best): &&(&Entry<'_>, [Option<u64>; 3])| {
        ratio(entry.medians()[0].unwrap_or(0), best[0].unwrap_or(0))
    };
    let slowest = found.iter().max_by(|a, b| behind(a).total_cmp(&behind(b)));
    Mean {
        protocol: protocol.to_owned(),
        ratios,
        wins: found.iter().filter(|(entry, _)| entry.places[0] == Some(1)).count(),
        dominated_by: slowest.and_then(|(entry, _)| entry.dominated_by()),
    }
}
