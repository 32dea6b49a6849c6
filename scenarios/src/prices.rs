//! What a run costs in money: machines for as long as it takes, and the traffic between them.
//!
//! All amounts are integers, nano-dollars (10^-9 USD).

use mpclab_sim::adversary::Pattern;
use mpclab_sim::vocabulary::{PartyId, Phase};
use serde_json::{Value, json};

/// A gigabyte, as providers bill it.
const GB: u128 = 1_000_000_000;

/// An hour, nanoseconds.
const HOUR_NS: u128 = 3_600_000_000_000;

/// Prices of machines and traffic, with where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// Name in records.
    pub name: String,
    /// Where the figures come from.
    pub source: String,
    /// When they held.
    pub date: String,
    /// What a node's machine costs.
    pub machine: MachinePrice,
    /// What traffic costs; the first that fits counts.
    pub egress: Vec<EgressPrice>,
}

/// What a node's machine costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachinePrice {
    /// One virtual CPU for an hour, nano-dollars.
    VcpuHour(u64),
    /// The whole machine for an hour, nano-dollars.
    PartyHour(u64),
}

/// What traffic between some nodes costs; what is `None` is arbitrary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EgressPrice {
    /// How far they are from each other.
    pub pair: Option<PairKind>,
    /// The sender's region.
    pub from: Option<Pattern>,
    /// The receiver's region.
    pub to: Option<Pattern>,
    /// What it costs.
    pub rate: Rate,
}

/// How far two nodes are from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairKind {
    /// In one region.
    SameRegion,
    /// In two regions.
    InterRegion,
    /// The network has no regions.
    Internet,
}

/// What traffic costs, and who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate {
    /// A gigabyte sent, nano-dollars.
    pub gb_nusd: u64,
    /// Whether the receiver pays as much as the sender does.
    pub both: bool,
}

/// Prices among the nodes of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// Name, source and date of the prices, for records and reports.
    pub origin: String,
    /// One node's machine for an hour, nano-dollars.
    machine_hour_nusd: u64,
    /// Region of each node, as a position.
    places: Vec<usize>,
    /// By the sender's region, then the receiver's; `None` for pairs that do not occur.
    rates: Vec<Vec<Option<Rate>>>,
}

/// What a run used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How long the phases took, in the order of [`Phase::ALL`], nanoseconds.
    pub phase_ns: [u64; 3],
    /// Who sent to whom, and bytes by phase, framing included.
    pub sent: Vec<(PartyId, PartyId, [u64; 3])>,
}

/// What one node pays, by phase in the order of [`Phase::ALL`], nano-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// For its machine.
    pub machine_nusd: [u64; 3],
    /// For traffic.
    pub egress_nusd: [u64; 3],
}

impl Prices {
    /// The price of traffic between two regions; `None` stands for a node without one.
    #[must_use]
    pub fn rate(&self, from: Option<&str>, to: Option<&str>) -> Option<Rate> {
        let pair = match (from, to) {
            (Some(from), Some(to)) if from == to => PairKind::SameRegion,
            (Some(_), Some(_)) => PairKind::InterRegion,
            _ => PairKind::Internet,
        };
        let fits = |wanted: &Option<Pattern>, region: Option<&str>| {
            wanted.as_ref().is_none_or(|pattern| region.is_some_and(|at| pattern.matches(at)))
        };
        let matches = |price: &&EgressPrice| {
            price.pair.is_none_or(|wanted| wanted == pair)
                && fits(&price.from, from)
                && fits(&price.to, to)
        };
        self.egress.iter().find(matches).map(|price| price.rate)
    }

    /// Prices among nodes with this many cores each, in these regions by node; no regions stand
    /// for a network without any.
    ///
    /// # Errors
    /// Which two regions there is no price for.
    pub fn among(
        &self,
        nodes: usize,
        regions: &[String],
        cores: u32,
    ) -> Result<Tariff, (Option<String>, Option<String>)> {
        let mut names: Vec<Option<&str>> = Vec::new();
        let mut places = Vec::with_capacity(nodes);
        for node in 0..nodes {
            let region = regions.get(node).map(String::as_str);
            let known = names.iter().position(|name| *name == region);
            places.push(known.unwrap_or(names.len()));
            if known.is_none() {
                names.push(region);
            }
        }
        let alone = |place: usize| places.iter().filter(|at| **at == place).count() < 2;
        let mut rates = Vec::new();
        for (at, from) in names.iter().enumerate() {
            let rate = |(to_at, to): (usize, &Option<&str>)| match self.rate(*from, *to) {
                None if at != to_at || !alone(at) => {
                    Err((from.map(str::to_owned), to.map(str::to_owned)))
                }
                rate => Ok(rate),
            };
            rates.push(names.iter().enumerate().map(rate).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Tariff {
            origin: format!("{} ({}): {}", self.name, self.date, self.source),
            machine_hour_nusd: match self.machine {
                MachinePrice::VcpuHour(nusd) => nusd.saturating_mul(u64::from(cores)),
                MachinePrice::PartyHour(nusd) => nusd,
            },
            places,
            rates,
        })
    }
}

impl Tariff {
    /// What each node pays for a run.
    ///
    /// Machines are held from the start to the end of the run, by every node. A node's amount is
    /// rounded to the nearest nano-dollar, and its phases add up to it.
    #[must_use]
    pub fn bill(&self, usage: &Usage) -> Vec<Bill> {
        let machine = phases(usage.phase_ns.map(u128::from), |ns| {
            ns.saturating_mul(u128::from(self.machine_hour_nusd)) / (HOUR_NS / 2)
        });
        // Nano-dollars times bytes of a gigabyte, so that nothing is rounded before the end.
        let mut owed = vec![[0u128; 3]; self.places.len()];
        for (from, to, bytes) in &usage.sent {
            let places = (self.places.get(from.index()), self.places.get(to.index()));
            let (Some(sender), Some(receiver)) = places else { continue };
            let Some(rate) = self.rates[*sender][*receiver] else { continue };
            for phase in Phase::ALL.map(Phase::index) {
                let amount = u128::from(bytes[phase]) * u128::from(rate.gb_nusd);
                owed[from.index()][phase] += amount;
                if rate.both {
                    owed[to.index()][phase] += amount;
                }
            }
        }
        let bill = |owed: [u128; 3]| Bill {
            machine_nusd: machine,
            egress_nusd: phases(owed, |amount| amount / (GB / 2)),
        };
        owed.into_iter().map(bill).collect()
    }

    /// Everything that can affect an amount.
    pub(crate) fn identity(&self) -> Value {
        let rate = |rate: &Option<Rate>| rate.map(|rate| json!([rate.gb_nusd, rate.both]));
        let rows = self.rates.iter().map(|row| row.iter().map(rate).collect::<Vec<_>>());
        json!({
            "machine_hour_nusd": self.machine_hour_nusd,
            "places": self.places,
            "rates": rows.collect::<Vec<_>>(),
        })
    }
}

/// Amounts by phase that add up to the rounded sum; `halves` gives twice an amount, rounded down.
fn phases(used: [u128; 3], halves: impl Fn(u128) -> u128) -> [u64; 3] {
    let (mut sum, mut before) = (0u128, 0u64);
    used.map(|one| {
        sum = sum.saturating_add(one);
        let rounded = u64::try_from(halves(sum).div_ceil(2)).unwrap_or(u64::MAX);
        let amount = rounded - before;
        before = rounded;
        amount
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices() -> Prices {
        let egress = |pair, from: Option<&str>, gb_nusd, both| EgressPrice {
            pair: Some(pair),
            from: from.map(|from| Pattern(from.to_owned())),
            to: None,
            rate: Rate { gb_nusd, both },
        };
        Prices {
            name: "mine".to_owned(),
            source: "made up".to_owned(),
            date: "2026".to_owned(),
            machine: MachinePrice::VcpuHour(3_600_000_000),
            egress: vec![
                egress(PairKind::SameRegion, None, 10_000_000, true),
                egress(PairKind::InterRegion, Some("us-*"), 20_000_000, false),
                egress(PairKind::InterRegion, None, 80_000_000, false),
            ],
        }
    }

    #[test]
    fn amounts_are_those_of_a_calculation_by_hand() {
        let regions = ["us-1", "us-1", "eu-1"].map(str::to_owned);
        let tariff = prices().among(3, &regions, 2).unwrap();
        let gb = 1_000_000_000;
        let (p0, p1, p2) = (PartyId(0), PartyId(1), PartyId(2));
        let bills = tariff.bill(&Usage {
            phase_ns: [0, 500_000_000, 1_500_000_000],
            sent: vec![
                (p0, p1, [0, gb, 0]),
                (p0, p2, [0, 0, gb]),
                (p2, p0, [0, 0, 2 * gb]),
                (p1, p0, [0, 0, 1]),
            ],
        });
        // Two virtual CPUs at $3.60 an hour: $0.002 a second.
        assert_eq!(bills[0].machine_nusd, [0, 1_000_000, 3_000_000]);
        assert!(bills.iter().all(|bill| bill.machine_nusd == bills[0].machine_nusd));
        // Inside the region both pay; between regions the sender, by its own region.
        assert_eq!(bills[0].egress_nusd, [0, 10_000_000, 20_000_000]);
        assert_eq!(bills[1].egress_nusd, [0, 10_000_000, 0]);
        assert_eq!(bills[2].egress_nusd, [0, 0, 160_000_000]);
    }

    #[test]
    fn phases_add_up_to_the_rounded_sum() {
        let regions = ["us-1", "eu-1"].map(str::to_owned);
        let tariff = prices().among(2, &regions, 1).unwrap();
        // 0.02 nano-dollars a byte: 0.5, 0.5 and 0.48 make 1.48.
        let sent = vec![(PartyId(0), PartyId(1), [25, 25, 24])];
        let bill = tariff.bill(&Usage { phase_ns: [0; 3], sent })[0];
        assert_eq!(bill.egress_nusd, [1, 0, 0]);
    }

    #[test]
    fn a_pair_without_a_price_is_named_and_one_that_does_not_occur_is_not() {
        let prices = prices();
        assert_eq!(prices.among(2, &[], 1), Err((None, None)));
        let mut only_between = prices.clone();
        only_between.egress.remove(0);
        let apart = ["us-1", "eu-1"].map(str::to_owned);
        let together = ["us-1", "us-1"].map(str::to_owned);
        assert!(only_between.among(2, &apart, 1).is_ok());
        let region = Some("us-1".to_owned());
        assert_eq!(only_between.among(2, &together, 1), Err((region.clone(), region)));
        assert!(prices.among(1, &[], 1).is_ok(), "who is alone sends nothing");
    }
}
