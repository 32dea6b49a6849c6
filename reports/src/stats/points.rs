use std::collections::BTreeMap;
use std::ops::Deref;

use serde_json::Value;

use super::Point;
use crate::record;

/// The sweep points of some results, and how to name them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    points: Vec<Point>,
    /// Whether they are of several scenarios.
    several: bool,
    /// Points by scenario, swept key and value there, so that naming some does not look at all.
    places: BTreeMap<(String, String, String), Vec<usize>>,
}

impl Deref for Points {
    type Target = [Point];

    fn deref(&self) -> &[Point] {
        &self.points
    }
}

impl Points {
    pub(crate) fn new(points: Vec<Point>) -> Self {
        let mut places: BTreeMap<(String, String, String), Vec<usize>> = BTreeMap::new();
        for (at, point) in points.iter().enumerate() {
            for (path, value) in &point.sweep {
                places.entry(place(point, path, value)).or_default().push(at);
            }
        }
        let several = points.windows(2).any(|pair| pair[0].scenario != pair[1].scenario);
        Points { points, several, places }
    }

    /// A sweep point for a reader, with its scenario where there are several; empty if nothing is
    /// swept.
    #[must_use]
    pub fn name(&self, at: usize) -> String {
        self.in_scenario(at, &self.points[at].label)
    }

    /// Names some of the sweep points, given by ascending index: `None` if they are all; by the
    /// values that set them apart, if there are such; otherwise one by one.
    #[must_use]
    pub fn name_some(&self, some: &[usize]) -> Option<String> {
        let first = *some.first().filter(|_| some.len() < self.len())?;
        let shared = |(path, value): &(&String, &Value)| {
            some.iter().all(|at| self[*at].sweep.get(*path) == Some(*value))
        };
        let shared: BTreeMap<&String, &Value> = self[first].sweep.iter().filter(shared).collect();
        if self.alike(first, &shared).eq(some.iter().copied()) {
            let values = shared.iter().map(|(path, value)| (path.as_str(), *value));
            return Some(self.in_scenario(first, &record::sweep_label(values)));
        }
        let named: Vec<String> = some.iter().take(3).map(|at| self.name(*at)).collect();
        let named = named.join("; ");
        let more = some.len() > 3;
        Some(if more { format!("{} sweep points ({named}; …)", some.len()) } else { named })
    }

    /// The points of one's scenario that have these values, ascending.
    fn alike<'a>(
        &'a self,
        first: usize,
        shared: &'a BTreeMap<&'a String, &'a Value>,
    ) -> Box<dyn Iterator<Item = usize> + 'a> {
        let point = &self[first];
        let known = shared.iter().filter_map(|(path, value)| {
            self.places.get(&place(point, path, value)).map(Vec::as_slice)
        });
        let has_all = move |at: &usize| {
            let other = &self[*at];
            other.scenario == point.scenario
                && shared.iter().all(|(path, value)| other.sweep.get(*path) == Some(*value))
        };
        match known.min_by_key(|known| known.len()) {
            Some(fewest) => Box::new(fewest.iter().copied().filter(has_all)),
            None => Box::new((0..self.len()).filter(has_all)),
        }
    }

    fn in_scenario(&self, at: usize, label: &str) -> String {
        let scenario = &self[at].scenario;
        match (self.several, label.is_empty()) {
            (true, true) => scenario.clone(),
            (true, false) => format!("{scenario}: {label}"),
            (false, _) => label.to_owned(),
        }
    }
}

fn place(point: &Point, path: &str, value: &Value) -> (String, String, String) {
    (point.scenario.clone(), path.to_owned(), value.to_string())
}
