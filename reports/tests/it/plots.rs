use std::collections::BTreeMap;

use mpclab_reports::plot::{Figure, Medium, figures, soundness};
use mpclab_reports::record::{Outcome, Record};
use mpclab_reports::units::{Unit, probability, quantity};

use crate::battery_fixture::battery;
use crate::fixture;

fn names(figures: &[Figure]) -> Vec<&str> {
    figures.iter().map(|figure| figure.name.as_str()).collect()
}

/// The whole numbers of an attribute in a picture.
fn attribute(svg: &str, name: &str) -> Vec<i32> {
    let start = format!(" {name}=\"");
    svg.split(&start).skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

#[test]
fn a_sweep_gives_every_kind_of_plot() {
    let figures = figures(&fixture::auction(), &[], Medium::Screen).unwrap();
    let expected = [
        "auction-time-by-network.rtt",
        "auction-bytes-by-network.rtt",
        "auction-time-distribution",
        "auction-time-distribution-2",
        "auction-time-distribution-3",
        "auction-time-by-phase",
        "auction-bytes-by-phase",
        "auction-bytes-by-party",
        "auction-bytes-by-link",
    ];
    assert_eq!(names(&figures), expected);
}

#[test]
fn without_a_sweep_there_are_no_lines() {
    let figures = figures(&fixture::single(), &[], Medium::Screen).unwrap();
    assert!(!names(&figures).iter().any(|name| name.contains("-by-network")));
    assert_eq!(figures.len(), 5);
}

#[test]
fn figures_have_names_of_their_own() {
    let figures = figures(&fixture::grid(), &[], Medium::Screen).unwrap();
    let mut names = names(&figures);
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn nothing_is_drawn_outside_the_picture() {
    let sets = [fixture::auction(), fixture::grid(), fixture::single(), fixture::troubled()];
    let curves = soundness(&battery(), Medium::Screen).unwrap();
    for figure in
        sets.iter().flat_map(|records| figures(records, &[], Medium::Screen).unwrap()).chain(curves)
    {
        let width = attribute(&figure.svg, "width")[0];
        let height = attribute(&figure.svg, "height")[0];
        for x in ["x", "cx"].iter().flat_map(|name| attribute(&figure.svg, name)) {
            assert!((0..=width).contains(&x), "{}: x = {x}", figure.name);
        }
        for y in ["y", "cy"].iter().flat_map(|name| attribute(&figure.svg, name)) {
            assert!((0..=height).contains(&y), "{}: y = {y}", figure.name);
        }
    }
}

#[test]
fn what_is_not_priced_is_said_and_not_drawn_as_zero() {
    let figures = figures(&fixture::single(), &[], Medium::Screen).unwrap();
    let phases = figures.iter().find(|figure| figure.name.ends_with("time-by-phase")).unwrap();
    assert!(phases.svg.contains("offline not priced"));
    assert!(phases.caption.contains("has no price"));
    let mut priced = fixture::single();
    priced.retain(|record| !record.unpriced_setup);
    let figures = mpclab_reports::plot::figures(&priced, &[], Medium::Screen).unwrap();
    let phases = figures.iter().find(|figure| figure.name.ends_with("time-by-phase")).unwrap();
    assert!(!phases.svg.contains("not priced"));
}

#[test]
fn wrong_runs_are_not_drawn() {
    let (good, mut bad) = (fixture::single(), fixture::single());
    let mut wrong = bad[0].clone();
    wrong.outcome = Outcome::Wrong("off by one".to_owned());
    wrong.repetition = 99;
    wrong.metrics.values_mut().for_each(|value| *value = 1 << 60);
    bad.push(wrong);
    assert_eq!(
        figures(&good, &[], Medium::Screen).unwrap(),
        figures(&bad, &[], Medium::Screen).unwrap()
    );
}

#[test]
fn labels_are_escaped() {
    for figure in figures(&fixture::troubled(), &[], Medium::Screen).unwrap() {
        assert!(!figure.svg.contains("<script"), "{}", figure.name);
    }
}

#[test]
fn extreme_records_are_drawn_too() {
    let zero = |record: &mut Record| record.metrics.values_mut().for_each(|value| *value = 0);
    let huge = |record: &mut Record| record.metrics.values_mut().for_each(|v| *v = u64::MAX);
    let long = |record: &mut Record| record.key.protocol = "protocol ".repeat(40);
    let bare = |record: &mut Record| {
        record.metrics.clear();
        (record.links, record.parties) = (None, Vec::new());
        record.scopes.clear();
    };
    let bodiless = |record: &mut Record| record.nodes = 0;
    let changes: [&dyn Fn(&mut Record); 5] = [&zero, &huge, &long, &bare, &bodiless];
    for change in changes {
        let mut records = fixture::auction();
        records.iter_mut().for_each(change);
        for figure in figures(&records, &[], Medium::Screen).unwrap() {
            assert!(figure.svg.starts_with("<svg ") && !figure.svg.contains("NaN"));
        }
    }
    assert!(figures(&[], &[], Medium::Screen).unwrap().is_empty());
}

#[test]
fn a_matrix_that_fits_no_page_is_left_out() {
    let by_link = |nodes: u32| {
        let mut records = fixture::single();
        records.iter_mut().for_each(|record| record.nodes = nodes);
        let figures = figures(&records, &[], Medium::Screen).unwrap();
        names(&figures).iter().any(|name| name.ends_with("-by-link"))
    };
    assert!(by_link(128));
    assert!(!by_link(129));
    // As a damaged or foreign file may claim: a matrix of that many would need 2^64 entries.
    assert!(!by_link(u32::MAX));
}

#[test]
fn many_parties_and_points_are_thinned_and_the_caption_says_so() {
    let mut records = Vec::new();
    for cell in 0..40 {
        for mut record in fixture::single() {
            record.cell = cell;
            record.key.sweep = BTreeMap::from([("seed".to_owned(), cell.into())]);
            for value in record.metrics.values_mut() {
                *value += u64::from(cell);
            }
            record.parties = (0..100)
                .map(|party| {
                    let mut row = record.parties[0].clone();
                    row.party = mpclab_sim::vocabulary::PartyId(party);
                    row
                })
                .collect();
            records.push(record);
        }
    }
    let figures = figures(&records, &[], Medium::Screen).unwrap();
    let caption =
        |part: &str| &figures.iter().find(|figure| figure.name.contains(part)).unwrap().caption;
    assert!(caption("time-by-phase").contains("Drawn for 12 of 40"));
    assert!(caption("bytes-by-party").contains("84 more are not drawn"));
}

#[test]
fn swept_values_become_quantities() {
    let of = |text: &str| quantity(&text.into());
    assert_eq!(of("20ms"), Some((2e7, Unit::Time)));
    assert_eq!(of("1.5 s"), Some((1.5e9, Unit::Time)));
    assert_eq!(of("100Mbit/s"), Some((1e8, Unit::Rate)));
    assert_eq!(of("64KiB"), Some((65_536.0, Unit::Bytes)));
    assert_eq!(of("1_000"), Some((1_000.0, Unit::Count)));
    assert_eq!(quantity(&5.into()), Some((5.0, Unit::Count)));
    for word in ["lan", "", "ms", "5 parsecs", "1.2.3s"] {
        assert_eq!(of(word), None, "{word}");
    }
}

#[test]
fn figures_are_short_and_rounded() {
    let shown = |unit: Unit, values: &[u64]| -> Vec<String> {
        values.iter().map(|value| unit.show(*value)).collect()
    };
    let bytes = shown(Unit::Bytes, &[0, 870, 999, 1_000, 12_345, 999_499, 999_999, 1_234_567]);
    assert_eq!(
        bytes,
        ["0", "870 B", "999 B", "1.00 kB", "12.3 kB", "999 kB", "1.00 MB", "1.23 MB"]
    );
    let times = shown(Unit::Time, &[46_200_000, 9_996_000_000, 599_000_000_000, 3_600_000_000_000]);
    assert_eq!(times, ["46.2 ms", "10.0 s", "599 s", "1.00 h"]);
    let counts = shown(Unit::Count, &[7, 1_234, 999_999, 1_500_000]);
    assert_eq!(counts, ["7", "1,234", "999,999", "1.50 M"]);
}

#[test]
fn soundness_curves_show_what_was_measured_and_what_is_allowed() {
    let figures = soundness(&battery(), Medium::Screen).unwrap();
    assert_eq!(names(&figures), ["product-soundness-rep3_ps"]);
    let figure = &figures[0];
    for text in ["the theorem's bound", "no success: upper limit", "above the bound", "s = 12"] {
        assert!(figure.svg.contains(&text.replace('\'', "&apos;")), "{text}");
    }
    assert!(figure.svg.contains("logarithmic"));
    for text in ["Example 2026, Theorem 2", "confidence 0.999", "one wrong triple"] {
        assert!(figure.caption.contains(text), "{text}");
    }
    let mut sound = battery();
    sound.soundness[0].points.truncate(2);
    let figure = soundness(&sound, Medium::Screen).unwrap().remove(0);
    assert!(!figure.svg.contains("above the bound") && !figure.svg.contains("no success"));
}

#[test]
fn extreme_soundness_curves_are_drawn_too() {
    let changes: [&dyn Fn(&mut mpclab_reports::battery::SoundnessPoint); 6] = [
        &|point| point.bound = 0.0,
        &|point| point.bound = f64::MIN_POSITIVE,
        &|point| point.value = 7.0,
        &|point| (point.trials, point.successes) = (0, 0),
        &|point| point.label = "label ".repeat(60),
        &|point| (point.successes, point.upper, point.bound) = (point.trials, 1.0, 1.0),
    ];
    for change in changes {
        let mut battery = battery();
        battery.soundness[0].points.iter_mut().for_each(change);
        let figure = soundness(&battery, Medium::Screen).unwrap().remove(0);
        let height = attribute(&figure.svg, "height")[0];
        let places = ["y", "cy"].iter().flat_map(|name| attribute(&figure.svg, name));
        assert!(places.into_iter().all(|y| (0..=height).contains(&y)));
    }
    let mut battery = battery();
    battery.soundness[0].points.iter_mut().for_each(|point| point.value = f64::NAN);
    assert!(soundness(&battery, Medium::Screen).unwrap().is_empty(), "no number has no place");
}

#[test]
fn probabilities_are_short() {
    let shown = [0.0, 1.0, 0.5, 0.062_5, 0.031, 1e-3, 1.234e-5, 1e-6, 2f64.powi(-40), f64::NAN];
    let expected = ["0", "1", "0.5", "0.0625", "0.031", "0.001", "1.23e-5", "1e-6", "2^-40", "–"];
    assert_eq!(shown.map(probability), expected);
}
