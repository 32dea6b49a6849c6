use mpclab_reports::export::{self, Format};
use mpclab_reports::ranking::{Ranking, View, means};
use mpclab_reports::record::{Outcome, PathRow, Record};
use mpclab_sim::trace::Cause;
use mpclab_sim::vocabulary::{
    AbortKind, AdversaryKind, OutputGuarantee, PartyId, Security, SecurityLevel, Setup, Threshold,
};

use crate::fixture;

/// One record of the fixture for each (protocol, time, bytes), all with equal claims, n = 3, t = 1.
fn made(figures: &[(&str, u64, u64)]) -> Vec<Record> {
    let rep3 = fixture::single().into_iter().find(|record| record.key.protocol == "rep3").unwrap();
    let one = |(at, (protocol, time, bytes)): (usize, &(&str, u64, u64))| {
        let mut record = rep3.clone();
        (record.key.protocol, record.protocol_index) = ((*protocol).to_owned(), at as u32);
        record.metrics.insert("total.time_ns".to_owned(), *time);
        record.metrics.insert("total.bytes".to_owned(), *bytes);
        record
    };
    figures.iter().enumerate().map(one).collect()
}

/// The ranked protocols of each group with more than one entry.
fn ranked(records: &[Record]) -> Vec<(View, Vec<String>)> {
    let ranking = Ranking::of(records);
    let groups = ranking.groups.iter().filter(|group| group.entries.len() > 1);
    let labels = groups.map(|group| {
        let labels = group.ranked().map(|entry| entry.record.key.protocol.clone());
        (group.view, labels.collect())
    });
    labels.collect()
}

fn table(records: &[Record]) -> String {
    export::ranking(&Ranking::of(records), Format::Table, 100).unwrap()
}

fn both(names: &[&str]) -> Vec<(View, Vec<String>)> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    vec![(View::Corruptions(1), names.clone()), (View::Parties(3), names)]
}

#[test]
fn equal_claims_are_ranked_in_both_views() {
    let records = made(&[("slow", 200, 10), ("fast", 100, 20)]);
    assert_eq!(ranked(&records), both(&["fast", "slow"]));
    let text = table(&records);
    assert!(text.contains("semi-honest, t = 1, n = 3"), "{text}");
}

#[test]
fn different_claims_are_never_ranked_together() {
    let change: [fn(&mut Record); 4] = [
        |record| record.claims.as_mut().unwrap().adversary = AdversaryKind::Malicious,
        |record| record.claims.as_mut().unwrap().adversary = AdversaryKind::Covert(0.5),
        |record| {
            let claims = record.claims.as_mut().unwrap();
            claims.adversary = AdversaryKind::Malicious;
            claims.output = OutputGuarantee::Guaranteed;
        },
        |record| {
            let claims = record.claims.as_mut().unwrap();
            claims.adversary = AdversaryKind::Malicious;
            claims.abort = AbortKind::Unanimous;
        },
    ];
    let mut records = made(&[("semi", 1, 1), ("a", 2, 2), ("b", 3, 3), ("c", 4, 4), ("d", 5, 5)]);
    for (record, change) in records[1..].iter_mut().zip(change) {
        change(record);
    }
    assert_eq!(ranked(&records), []);
    assert!(!Ranking::of(&records).compares());
    let text = table(&records);
    assert!(text.contains("a, b, c, d, semi"), "each is named as not comparable: {text}");
}

#[test]
fn the_views_differ_where_parties_and_corruptions_do() {
    let mut records = made(&[("three", 100, 10), ("five", 200, 20), ("five_too", 300, 30)]);
    for record in &mut records[1..] {
        record.n = 5;
    }
    records[2].claims.as_mut().unwrap().threshold = Threshold::Exact(2);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let expected = vec![
        (View::Corruptions(1), names(&["three", "five"])),
        (View::Parties(5), names(&["five", "five_too"])),
    ];
    assert_eq!(ranked(&records), expected);
}

#[test]
fn what_is_not_priced_or_less_secure_is_flagged_and_not_ranked() {
    let names = ["priced", "dealer", "weak", "wrong", "attacked", "strong"];
    let mut records = made(&names.map(|name| (name, 100, 10)));
    for record in &mut records {
        record.security = Some(SecurityLevel { computational: 128, statistical: 40 });
    }
    records[1].claims.as_mut().unwrap().setup = Setup::TrustedDealer;
    records[1].unpriced_setup = true;
    records[2].claims.as_mut().unwrap().security = Security::Statistical { sigma: 20 };
    records[3].outcome = Outcome::Wrong("off by one".to_owned());
    records[4].corrupted = vec![PartyId(0)];
    records[5].claims.as_mut().unwrap().security = Security::Statistical { sigma: 60 };
    assert_eq!(ranked(&records), both(&["priced", "strong"]));
    let text = table(&records);
    for why in [
        "dealer is not ranked: setup not priced",
        "weak is not ranked: statistical security of 20 bits, asked for 40",
        "wrong is not ranked: no correct run",
        "attacked is not ranked: ran under an adversary",
    ] {
        assert!(text.contains(why), "{why}: {text}");
    }
    // Records that do not say what was asked for: the most that anyone reaches counts.
    records.iter_mut().for_each(|record| record.security = None);
    records.swap_remove(5);
    records[2].claims.as_mut().unwrap().security = Security::Statistical { sigma: 40 };
    assert_eq!(ranked(&records), both(&["priced", "weak"]));
}

#[test]
fn only_what_nothing_dominates_is_on_the_front() {
    let mut records = made(&[
        ("fast", 100, 50),
        ("small", 200, 10),
        ("dominated", 200, 50),
        ("twin", 100, 50),
        ("cheap", 300, 60),
    ]);
    let front = |records: &[Record]| {
        let ranking = Ranking::of(records);
        let group = &ranking.groups[0];
        let on_front = group.entries.iter().filter(|entry| entry.on_front);
        let mut names: Vec<_> = on_front.map(|e| e.record.key.protocol.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(front(&records), ["fast", "small", "twin"]);
    let prices = [9, 9, 9, 9, 1];
    for (record, price) in records.iter_mut().zip(prices) {
        record.metrics.insert("total.money_nusd".to_owned(), price);
    }
    assert_eq!(front(&records), ["cheap", "fast", "small", "twin"], "the cheapest one is");
    // Money counts only where all have it.
    records[0].metrics.remove("total.money_nusd");
    assert_eq!(front(&records), ["fast", "small", "twin"]);
}

#[test]
fn equal_figures_share_a_place_and_repetitions_that_overlap_are_marked() {
    let records = made(&[("a", 100, 30), ("b", 100, 20), ("c", 300, 10)]);
    let ranking = Ranking::of(&records);
    let entries = &ranking.groups[0].entries;
    assert_eq!(entries.iter().map(|e| e.places[0]).collect::<Vec<_>>(), [1, 1, 3].map(Some));
    let undecided: Vec<bool> = entries.iter().map(|entry| entry.time_undecided).collect();
    assert_eq!(undecided, [false, true, false]);
    assert!(table(&records).contains("~1"));
}

#[test]
fn geometric_means_are_those_of_a_calculation_by_hand() {
    let mut records = Vec::new();
    for (point, (a, b)) in [(100, 200), (400, 100), (100, 800)].into_iter().enumerate() {
        let mut here = made(&[("a", a, 10), ("b", b, 10), ("sometimes", 900, 10)]);
        here.truncate(if point == 1 { 2 } else { 3 });
        for record in &mut here {
            record.key.scenario = format!("scenario {point}");
        }
        records.extend(here);
    }
    let ranking = Ranking::of(&records);
    let groups = means(&ranking);
    assert_eq!(groups.len(), 2, "one for each view");
    let [best, other] = &groups[0].means[..] else { panic!("{groups:?}") };
    // Ratios 1, 4, 1 and 2, 1, 8.
    let close = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() < 1e-9;
    assert!(best.protocol == "a" && close(best.ratios[0], 4f64.cbrt()));
    assert!(other.protocol == "b" && close(other.ratios[0], 16f64.cbrt()));
    assert!(close(best.ratios[1], 1.0) && best.ratios[2].is_none());
    assert_eq!((best.wins, other.wins), (2, 1));
    assert_eq!(groups[0].left_out, [("sometimes".to_owned(), 2)]);
    let text = table(&records);
    assert!(text.contains("1.59") && text.contains("2.52"), "{text}");
    assert!(means(&Ranking::of(&records[..3])).is_empty(), "one point has no mean");
}

#[test]
fn the_explanation_names_what_dominates_the_critical_path() {
    let mut records = made(&[("a", 100, 10), ("b", 200, 10)]);
    let row = |cause, scope: &str, time_ns| PathRow {
        cause,
        party: PartyId(0),
        to: None,
        scope: scope.to_owned(),
        time_ns,
        stretches: 1,
    };
    records[0].critical_path = Some(vec![
        row(Cause::Compute, "online/less", 40),
        row(Cause::Propagation, "online/input", 25),
        row(Cause::Propagation, "online/less", 35),
    ]);
    let text = table(&records);
    assert!(text.contains("60 % propagation, most in online/less"), "{text}");
}

#[test]
fn programs_get_every_entry_of_every_group() {
    let records = made(&[("a", 100, 10), ("b", 200, 10)]);
    let ranking = Ranking::of(&records);
    let json: serde_json::Value =
        serde_json::from_str(&export::ranking(&ranking, Format::Json, 80).unwrap()).unwrap();
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4, "two protocols in two views");
    assert_eq!((&rows[0]["protocol"], &rows[0]["total.time_ns.place"]), (&"a".into(), &1.into()));
    assert!(rows[0]["total.money_nusd"].is_null(), "not priced is no number");
    assert!(json["notes"].as_array().unwrap().len() > 2);
}
