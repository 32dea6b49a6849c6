//! The regression gate: what trips it, what does not, and what it says.

use mpclab_reports::compare::{
    Case, CaseError, Class, Gate, Options, WallTest, bencher, benchmark_action, cases, junit,
    read_baseline, wall_test, write_baseline,
};
use mpclab_reports::export::{self, Format};
use mpclab_reports::plot::{self, Medium};
use mpclab_reports::record::{Outcome, Record};
use mpclab_sim::vocabulary::{Observed, Setup};

use crate::fixture;

/// The same results with one record of `shamir` at 20 ms changed.
fn changed(change: impl Fn(&mut Record)) -> Vec<Record> {
    let mut records = fixture::auction();
    for record in &mut records {
        record.seed = 9;
        record.parts = [("network".to_owned(), "1".to_owned())].into();
        record.ops = [("field.mul".to_owned(), 1_000)].into();
    }
    for record in records.iter_mut().filter(|r| r.key.protocol == "shamir" && r.cell == 1) {
        change(record);
    }
    records
}

fn kept() -> Vec<Record> {
    changed(|_| ())
}

fn gate(base: &[Record], new: &[Record], options: Options) -> Gate {
    Gate::of(&cases(base).unwrap(), &cases(new).unwrap(), options)
}

/// Figures, classes and reasons that a change leads to.
fn found(change: impl Fn(&mut Record)) -> Vec<(String, Class, String)> {
    let gate = gate(&kept(), &changed(change), Options::default());
    let other = |class: Class| gate.cases.iter().filter(|case| case.class() == class).count();
    assert!(other(Class::Unchanged) >= gate.cases.len() - 1, "one case alone was changed");
    let findings = gate.cases.into_iter().flat_map(|case| case.findings);
    findings.map(|finding| (finding.figure, finding.class, finding.reason)).collect()
}

fn classes(change: impl Fn(&mut Record)) -> Vec<(String, Class)> {
    found(change).into_iter().map(|(figure, class, _)| (figure, class)).collect()
}

fn set(metric: &'static str, to: impl Fn(u64) -> u64) -> impl Fn(&mut Record) {
    move |record| {
        let value = record.metrics[metric];
        record.metrics.insert(metric.to_owned(), to(value));
    }
}

#[test]
fn equal_results_are_unchanged() {
    let gate = gate(&kept(), &kept(), Options::default());
    assert_eq!(gate.summary(), "12 unchanged");
    assert_eq!(gate.failures().count(), 0);
}

#[test]
fn one_byte_more_is_a_regression_and_one_less_an_improvement() {
    let bytes = "online.bytes";
    assert_eq!(classes(set(bytes, |n| n + 1)), [(bytes.to_owned(), Class::Regression)]);
    assert_eq!(classes(set(bytes, |n| n - 1)), [(bytes.to_owned(), Class::Improvement)]);
    let rounds = "total.rounds";
    assert_eq!(classes(set(rounds, |n| n + 1)), [(rounds.to_owned(), Class::Regression)]);
    let op = |record: &mut Record| {
        *record.ops.get_mut("field.mul").unwrap() += 1;
    };
    assert_eq!(classes(op), [("op.field.mul".to_owned(), Class::Regression)]);
}

/// A dealer that hands out a tenth more is a worse protocol, in all and in its phase.
#[test]
fn ideal_bytes_are_held_to_the_baseline_though_they_have_no_price() {
    let with = |offline: u64| {
        changed(move |record| {
            record.unpriced_setup = true;
            for (name, value) in [
                ("offline.bytes", 0),
                ("offline.ideal_bytes", offline),
                ("total.ideal_bytes", offline),
            ] {
                record.metrics.insert(name.to_owned(), value);
            }
        })
    };
    let gate = gate(&with(1000), &with(1100), Options::default());
    let found: Vec<(&str, Class)> =
        gate.failures().map(|(_, finding)| (finding.figure.as_str(), finding.class)).collect();
    let worse = Class::Regression;
    assert_eq!(found, [("offline.ideal_bytes", worse), ("total.ideal_bytes", worse)]);
    let equal = gate_of_equal(&with(1000));
    assert_eq!(equal.failures().count(), 0);
}

fn gate_of_equal(records: &[Record]) -> Gate {
    gate(records, records, Options::default())
}

#[test]
fn one_repetition_is_enough() {
    let change = |record: &mut Record| {
        if record.repetition == 3 {
            set("online.bytes", |n| n + 7)(record);
        }
    };
    let gate = gate(&kept(), &changed(change), Options::default());
    let [only] = &gate.reasons()[..] else { panic!("{:?}", gate.reasons()) };
    assert!(only.starts_with("regression: auction: shamir, network.rtt = 20ms: online.bytes: "));
    let finding = gate.failures().next().unwrap().1;
    assert_eq!(finding.differing, 1);
    assert_eq!(finding.new.as_u64().unwrap() - finding.old.as_u64().unwrap(), 7);
}

#[test]
fn virtual_time_has_a_band_and_counts_have_none() {
    let time = "total.time_ns";
    assert_eq!(classes(set(time, |n| n + n / 200)), []);
    assert_eq!(classes(set(time, |n| n - n / 200)), []);
    assert_eq!(classes(set(time, |n| n + n / 50)), [(time.to_owned(), Class::Regression)]);
    assert_eq!(classes(set(time, |n| n - n / 50)), [(time.to_owned(), Class::Improvement)]);
}

#[test]
fn a_verdict_that_breaks_or_vanishes_is_a_regression() {
    let name = "verdict.correctness".to_owned();
    let broken = |record: &mut Record| record.verdicts[0].observed = Observed::Broken;
    assert_eq!(classes(broken), [(name.clone(), Class::Regression)]);
    let unclear = |record: &mut Record| record.verdicts[0].observed = Observed::Inconclusive;
    assert_eq!(classes(unclear), [(name.clone(), Class::Regression)]);
    let unchecked = |record: &mut Record| drop(record.verdicts.remove(0));
    assert_eq!(classes(unchecked), [(name.clone(), Class::Regression)]);
    // The other way round.
    let better = gate(&changed(broken), &kept(), Options::default());
    assert_eq!(better.count(Class::Improvement), 1);
}

#[test]
fn whatever_is_not_ok_any_more_is_a_regression() {
    let why = String::new;
    let outcomes = [
        Outcome::Wrong(why()),
        Outcome::Aborted(why()),
        Outcome::Stalled(why()),
        Outcome::Error(why()),
        Outcome::Skipped(why()),
    ];
    for outcome in outcomes {
        let change = |record: &mut Record| record.outcome = outcome.clone();
        assert_eq!(classes(change), [("outcome".to_owned(), Class::Regression)]);
        let back = gate(&changed(change), &kept(), Options::default());
        assert_eq!(back.count(Class::Improvement), 1, "{outcome:?}");
    }
}

#[test]
fn other_messages_of_the_same_size_are_told_apart() {
    let other = |record: &mut Record| record.digests.transcript = "0".repeat(64);
    assert_eq!(classes(other), [("digest.transcript".to_owned(), Class::Digest)]);
    let gate_with = |allow| {
        let options = Options { allow, ..Options::default() };
        gate(&kept(), &changed(other), options).failures().count()
    };
    assert_eq!((gate_with(vec![]), gate_with(vec![Class::Digest])), (1, 0));
    // The digest of events has times in it, so it moves with them.
    let later = |record: &mut Record| {
        set("total.time_ns", |n| n + 1)(record);
        record.digests.event = "0".repeat(64);
    };
    assert_eq!(classes(later), []);
    let reordered = |record: &mut Record| record.digests.event = "0".repeat(64);
    assert_eq!(classes(reordered), [("digest.event".to_owned(), Class::Digest)]);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let reasons = |change: &dyn Fn(&mut Record)| {
        let found = found(change);
        assert!(found.iter().all(|(_, class, _)| *class == Class::NotComparable), "{found:?}");
        found.into_iter().map(|(.., reason)| reason).collect::<Vec<_>>().join("; ")
    };
    let part = |record: &mut Record| {
        record.fingerprint = "other".to_owned();
        record.parts.insert("network".to_owned(), "2".to_owned());
        record.metrics.insert("online.bytes".to_owned(), 1);
    };
    assert_eq!(reasons(&part), "what runs has changed: network");
    let unknown = |record: &mut Record| {
        record.fingerprint = "other".to_owned();
        record.parts.clear();
    };
    assert!(reasons(&unknown).contains("which part of it, these results do not tell"));
    assert_eq!(reasons(&|record| record.seed = 7), "seed 9, now 7");
    let unpriced = |record: &mut Record| record.unpriced_setup = true;
    assert_eq!(reasons(&unpriced), "the setup was priced, and is not priced now");
    let claims = |record: &mut Record| {
        record.claims.as_mut().unwrap().setup = Setup::Pki;
    };
    assert!(reasons(&claims).starts_with("the claims changed: "));
    // Another profile or model: counts compare, times do not.
    let profile = |record: &mut Record| {
        record.fingerprint = "other".to_owned();
        record.parts.insert("compute".to_owned(), "2".to_owned());
        record.profile = "slow".to_owned();
        set("total.time_ns", |n| 3 * n)(record);
    };
    assert_eq!(reasons(&profile), "times: profile reference, now slow");
    // Other prices of machines and traffic: all but money compares.
    let priced = |sum: u64, prices: &'static str| {
        changed(move |record| {
            record.fingerprint = prices.to_owned();
            record.parts.insert("prices".to_owned(), prices.to_owned());
            record.metrics.insert("total.money_nusd".to_owned(), sum);
        })
    };
    let reasons_of =
        |base: &[Record], new: &[Record]| gate(base, new, Options::default()).reasons();
    let repriced = reasons_of(&priced(10, "old"), &priced(20, "new"));
    assert_eq!(repriced.len(), 1);
    assert!(repriced[0].ends_with(": money: the prices have changed"), "{repriced:?}");
    let dearer = reasons_of(&priced(10, "old"), &priced(20, "old"));
    assert!(dearer[0].contains("total.money_nusd: "), "{dearer:?}");
    let model = |record: &mut Record| {
        record.fingerprint = "other".to_owned();
        record.model = 2;
        record.digests.transcript = "0".repeat(64);
        set("total.time_ns", |n| 3 * n)(record);
    };
    assert_eq!(reasons(&model), "times and digests: model 1, now 2");
    let worse_model = |record: &mut Record| {
        model(record);
        set("online.bytes", |n| n + 1)(record);
    };
    let found = classes(worse_model);
    assert!(found.contains(&("online.bytes".to_owned(), Class::Regression)), "{found:?}");
}

#[test]
fn what_is_gone_fails_and_what_is_new_does_not() {
    let fewer: Vec<Record> =
        kept().into_iter().filter(|record| record.key.protocol != "rep3").collect();
    let gone = gate(&kept(), &fewer, Options::default());
    assert_eq!((gone.count(Class::Gone), gone.failures().count()), (3, 3));
    let new = gate(&fewer, &kept(), Options::default());
    assert_eq!((new.count(Class::New), new.failures().count()), (3, 0));
    let shorter: Vec<Record> = kept().into_iter().filter(|record| record.repetition < 4).collect();
    let gate = gate(&kept(), &shorter, Options::default());
    assert_eq!(gate.count(Class::NotComparable), 12);
}

#[test]
fn records_that_do_not_belong_together_are_refused() {
    let twice = [kept(), kept()].concat();
    assert!(matches!(cases(&twice), Err(CaseError::Twice { repetition: 0, .. })));
    let mixed = changed(|record| record.model = 1 + record.repetition);
    assert!(matches!(cases(&mixed), Err(CaseError::Mixed { .. })));
}

/// A set of cases as their baseline gives them back.
fn through_text(cases: &[Case]) -> Vec<Case> {
    read_baseline(write_baseline(cases).unwrap().as_bytes()).unwrap()
}

#[test]
fn a_baseline_comes_back_and_changes_one_line_for_one_figure() {
    let records = changed(|record| record.seed = u64::MAX);
    let records: Vec<Record> = records.into_iter().filter(|r| r.cell == 1).collect();
    let cases = cases(&records).unwrap();
    assert_eq!(through_text(&cases), cases);
    let text = write_baseline(&cases).unwrap();
    let mut reversed = cases.clone();
    reversed.reverse();
    assert_eq!(write_baseline(&reversed).unwrap(), text, "sorted");
    let mut moved = cases.clone();
    moved[0].figures.get_mut("online.bytes").unwrap()[2] = 12_345.into();
    let other = write_baseline(&moved).unwrap();
    let differing = text.lines().zip(other.lines()).filter(|(a, b)| a != b);
    let differing: Vec<&str> = differing.map(|(_, line)| line.trim()).collect();
    assert!(matches!(differing[..], [line] if line.starts_with("\"online.bytes\": [")));
    assert_eq!(text.lines().count(), other.lines().count());
    assert!(!text.contains("0.1.0") && !text.contains("wall"), "{text}");
}

#[test]
fn what_is_no_baseline_is_refused() {
    let cases = cases(&kept()).unwrap();
    let text = write_baseline(&cases).unwrap();
    let newer = text.replacen("\"baseline\": 1", "\"baseline\": 2", 1);
    assert!(read_baseline(newer.as_bytes()).unwrap_err().to_string().contains("schema 2"));
    let short = text.replacen("\"outcome\": \"ok\"", "\"outcome\": [\"ok\"]", 1);
    let error = read_baseline(short.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("outcome") && error.contains("1 values for 5"), "{error}");
    assert!(read_baseline(b"{}").is_err());
    let mut measured = cases;
    measured[0].profile = "measured".to_owned();
    assert!(write_baseline(&measured).is_err());
}

/// Splitmix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Wall-clock times as they are: a base, noise, and now and then a hiccup.
fn times(state: &mut u64, count: usize, base: u64) -> Vec<u64> {
    let time = |_| {
        let hiccup = if random(state).is_multiple_of(100) { base } else { 0 };
        base + random(state) % (base / 5) + hiccup
    };
    (0..count).map(time).collect()
}

#[test]
fn a_clear_slowdown_shows_and_noise_does_not() {
    let mut state = 1;
    for _ in 0..500 {
        let (old, new) = (times(&mut state, 20, 1_000_000), times(&mut state, 20, 1_000_000));
        assert_eq!(wall_test(&old, &new, 0.05, 1), WallTest::Equal);
        let slower = times(&mut state, 20, 1_500_000);
        assert!(matches!(wall_test(&old, &slower, 0.05, 1), WallTest::Slower(_)));
        assert!(matches!(wall_test(&slower, &old, 0.05, 1), WallTest::Faster(_)));
        // Within what is tolerated.
        let little = times(&mut state, 20, 1_030_000);
        assert_eq!(wall_test(&old, &little, 0.05, 1), WallTest::Equal);
    }
    // Either side may be the smaller.
    let (few, many) = (times(&mut state, 12, 1_000_000), times(&mut state, 30, 2_000_000));
    assert!(matches!(wall_test(&few, &many, 0.05, 1), WallTest::Slower(_)));
    assert!(matches!(wall_test(&many, &few, 0.05, 1), WallTest::Faster(_)));
    let few = wall_test(&[1, 2, 3], &[7, 8, 9], 0.05, 1);
    assert!(matches!(few, WallTest::TooFew(reason) if reason.starts_with("3 and 3 wall-clock")));
    assert!(matches!(wall_test(&[], &[7; 20], 0.05, 1), WallTest::TooFew(_)));
}

#[test]
fn wall_clock_times_are_tested_on_request_alone() {
    let timed = |base: u64| {
        let mut cases = cases(&kept()).unwrap();
        let mut state = base;
        cases.iter_mut().for_each(|case| case.wall_ns = times(&mut state, 20, base));
        cases
    };
    let (old, new) = (timed(1_000_000), timed(2_000_000));
    assert_eq!(Gate::of(&old, &new, Options::default()).failures().count(), 0);
    let options = Options { wall: Some(0.05), ..Options::default() };
    let gate = Gate::of(&old, &new, options.clone());
    assert_eq!(gate.count(Class::Regression), 12);
    assert!(gate.reasons()[0].contains("wall_ns: "), "{:?}", gate.reasons());
    let unknown = Gate::of(&through_text(&old), &new, options);
    assert_eq!(unknown.count(Class::NotComparable), 12, "a baseline has no such times");
}

#[test]
fn comparisons_for_readers() {
    let worse = |record: &mut Record| {
        for metric in ["online.bytes", "total.bytes", "total.bytes.max_party"] {
            set(metric, |n| n + 96)(record);
        }
    };
    let mut new = changed(worse);
    for record in new.iter_mut().filter(|record| record.key.protocol == "rep3") {
        match record.cell {
            0 => set("total.time_ns", |n| n / 2)(record),
            1 => record.seed = 5,
            _ => record.key.protocol = "rep4".to_owned(),
        }
    }
    let gate = gate(&kept(), &new, Options::default());
    let text = |format| export::gate(&gate, format, 100).unwrap();
    insta::assert_snapshot!("gate_in_a_terminal", text(Format::Table));
    insta::assert_snapshot!("gate_in_markdown", text(Format::Markdown));
    insta::assert_snapshot!("gate_in_csv", text(Format::Csv));
    let xml = junit(&gate).unwrap();
    let parsed = roxmltree::Document::parse(&xml).unwrap();
    let count = |tag: &str| parsed.descendants().filter(|node| node.has_tag_name(tag)).count();
    assert_eq!((count("testsuite"), count("testcase")), (1, 13));
    assert_eq!((count("failure"), count("skipped")), (3, 1));
    let failure = parsed.descendants().find(|node| node.has_tag_name("failure"));
    assert!(failure.unwrap().attribute("message").unwrap().starts_with("gone: it is "));
}

#[test]
fn services_get_medians_and_nothing_that_has_no_price() {
    let mut records = kept();
    for record in records.iter_mut().filter(|record| record.key.protocol == "rep3") {
        record.outcome = Outcome::Wrong("1".to_owned());
    }
    let cases = cases(&records).unwrap();
    let bencher = bencher(&cases);
    let shamir = &bencher["auction: shamir, network.rtt = 20ms"];
    assert_eq!(shamir["total.rounds"]["value"], 61);
    assert_eq!(shamir["total.rounds"]["lower_value"], 61);
    assert!(shamir.get("total.bytes.max_party").is_none());
    let additive = bencher["auction: additive, network.rtt = 20ms"].as_object().unwrap();
    assert!(!additive.is_empty() && additive.keys().all(|name| name.starts_with("online.")));
    assert!(bencher.get("auction: rep3, network.rtt = 20ms").is_none(), "its runs are wrong");
    let entries = benchmark_action(&cases);
    let rounds = |entry: &&serde_json::Value| {
        entry["name"] == "auction: shamir, network.rtt = 20ms total.rounds"
    };
    let entry = entries.as_array().unwrap().iter().find(rounds).unwrap();
    assert_eq!((&entry["unit"], &entry["value"]), (&"rounds".into(), &61.into()));
    assert_eq!(entry["range"], "± 0");
}

fn named(of: [&Vec<Case>; 3]) -> Vec<(String, &[Case])> {
    let names = ["first", "second", "third"].map(str::to_owned);
    names.into_iter().zip(of.map(Vec::as_slice)).collect()
}

#[test]
fn a_history_has_a_point_for_each_result_and_breaks_where_the_scenario_changed() {
    let first = cases(&kept()).unwrap();
    let second = cases(&changed(set("total.bytes", |n| 2 * n))).unwrap();
    let mut third = second.clone();
    third.iter_mut().for_each(|case| case.fingerprint.push('x'));
    let draw = |results: &[(String, &[Case])]| plot::history(results, Medium::Screen).unwrap();
    let dated = named([&first, &second, &third]);
    let figures = draw(&dated);
    let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names, ["history-auction-time", "history-auction-bytes", "history-auction-rounds"]);
    let strokes = |results: &[(String, &[Case])]| {
        let svg = draw(results).swap_remove(1).svg;
        let parsed = roxmltree::Document::parse(&svg).unwrap();
        assert!(svg.contains("second"));
        let is_stroke = |node: &roxmltree::Node<'_, '_>| {
            node.has_tag_name("polyline") && node.attribute("stroke-width") == Some("2")
        };
        parsed.descendants().filter(is_stroke).count()
    };
    let going_on = strokes(&named([&first, &second, &second]));
    let broken = strokes(&named([&first, &second, &third]));
    let legend = strokes(&named([&first, &third, &first]));
    assert!(going_on > broken && broken > legend, "{going_on}, {broken}, {legend}");
    assert!(draw(&dated[..1]).is_empty(), "one result is no history");
}
