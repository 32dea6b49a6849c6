//! Figures beyond the picture: their numbers, on paper, as dots; and where the time went, in words.

use mpclab_reports::explain;
use mpclab_reports::export::{self, Format};
use mpclab_reports::plot::{Data, Figure, Medium, figures, pgfplots, soundness};
use mpclab_reports::record::PathRow;
use mpclab_sim::trace::Cause;
use mpclab_sim::vocabulary::PartyId;

use crate::battery_fixture::battery;
use crate::fixture;

fn all(medium: Medium) -> Vec<Figure> {
    let sets = [fixture::auction(), fixture::grid(), fixture::single(), fixture::troubled()];
    let curves = soundness(&battery(), medium).unwrap();
    sets.iter().flat_map(|set| figures(set, &[], medium).unwrap()).chain(curves).collect()
}

fn figure(name: &str) -> Figure {
    let figures = figures(&fixture::auction(), &[], Medium::Screen).unwrap();
    figures.into_iter().find(|figure| figure.name == name).unwrap()
}

#[test]
fn every_figure_comes_with_its_numbers() {
    for figure in all(Medium::Screen) {
        let csv = export::figure(&figure, Format::Csv, 80).unwrap();
        assert!(csv.lines().count() > 1, "{}", figure.name);
        let table = export::figure(&figure, Format::Latex, 80).unwrap();
        assert!(table.contains("\\toprule") && !table.contains("\\emph{}"), "{}", figure.name);
    }
    let lines = export::figure(&figure("auction-time-by-network.rtt"), Format::Csv, 80).unwrap();
    let mut lines = lines.lines();
    assert_eq!(lines.next(), Some("series,network.rtt_ns,value_ns,low_ns,high_ns"));
    // Medians of the fixture: rounds, bytes and jitter of the third repetition.
    let records = fixture::auction();
    let mut times: Vec<u64> = records
        .iter()
        .filter(|record| record.key.protocol == "additive" && record.cell == 0)
        .map(|record| record.metrics["total.time_ns"])
        .collect();
    times.sort_unstable();
    let expected = format!("additive*,1000000,{},{},{}", times[2], times[0], times[4]);
    assert_eq!(lines.next(), Some(expected.as_str()));
}

#[test]
fn what_is_not_priced_has_no_number() {
    let csv = export::figure(&figure("auction-time-by-phase"), Format::Csv, 80).unwrap();
    assert!(csv.contains("additive,offline,\n"), "{csv}");
    assert!(csv.contains("rep3,offline,0\n"), "free is not the same: {csv}");
}

#[test]
fn paper_has_its_widths_and_nothing_is_outside() {
    for (medium, width, head) in [
        (Medium::Screen, 640, "width=\"640\""),
        (Medium::OneColumn, 356, "width=\"3.3in\""),
        (Medium::TwoColumns, 756, "width=\"7in\""),
    ] {
        let figures = all(medium);
        assert_eq!(figures.len(), all(Medium::Screen).len());
        for figure in figures {
            let (name, svg) = (&figure.name, &figure.svg);
            assert!(svg.lines().next().unwrap().contains(head), "{name}");
            let document = roxmltree::Document::parse(svg).unwrap();
            let root = document.root_element();
            let size: Vec<f64> =
                root.attribute("viewBox").unwrap().split(' ').map(|n| n.parse().unwrap()).collect();
            assert_eq!(size[2], f64::from(width));
            for node in document.descendants() {
                for (attribute, most) in [("x", size[2]), ("cx", size[2]), ("y", size[3])] {
                    let Some(place) = node.attribute(attribute) else { continue };
                    let place: f64 = place.parse().unwrap();
                    assert!((0.0..=most).contains(&place), "{name}: {attribute} = {place}");
                }
            }
            assert_eq!(svg.contains("font-size=\"15"), medium == Medium::Screen, "titles");
        }
    }
}

#[test]
fn series_are_groups_that_a_page_can_find() {
    for figure in all(Medium::Screen) {
        assert!(!figure.svg.contains(['\u{E000}', '\u{E001}']), "{}", figure.name);
        let document = roxmltree::Document::parse(&figure.svg).unwrap();
        let groups: Vec<_> = document.descendants().filter(|n| n.has_tag_name("g")).collect();
        assert!(groups.iter().all(|group| group.attribute("data-series").is_some()));
        assert_eq!(
            groups.is_empty(),
            matches!(&figure.data, Data::Lines { upright, .. }
            if upright.name == "probability"),
            "{}",
            figure.name
        );
    }
}

#[test]
fn nothing_is_told_by_colour_alone() {
    // In one grey, the lines and the areas of a figure still differ.
    let lines = figure("auction-time-by-network.rtt");
    let document = roxmltree::Document::parse(&lines.svg).unwrap();
    let strokes = |series: &str| {
        let of = |node: &roxmltree::Node<'_, '_>| node.attribute("data-series") == Some(series);
        let legend = document.descendants().find(of).unwrap();
        legend.children().filter(roxmltree::Node::is_element).count()
    };
    let counts = ["additive", "shamir", "rep3"].map(strokes);
    assert!(counts[0] < counts[1] && counts[1] < counts[2], "more and shorter strokes: {counts:?}");
    let phases = figure("auction-time-by-phase").svg;
    let textured = phases.split("fill=\"#E69F00\"").nth(1).unwrap();
    let plain = phases.split("fill=\"#0072B2\"").nth(1).unwrap();
    let next = |rest: &str| rest.lines().nth(1).unwrap().contains("stroke=\"#FEFEFE\"");
    assert!(next(textured) && !next(plain));
}

#[cfg(feature = "png")]
#[test]
fn dots_are_the_same_picture_with_its_text() {
    use mpclab_reports::plot::png;
    use resvg::tiny_skia::Pixmap;

    let decode = |svg: &str, scale| Pixmap::decode_png(&png(svg, scale).unwrap()).unwrap();
    let dark = |picture: &Pixmap| {
        picture.pixels().iter().filter(|pixel| pixel.red() < 0x60 && pixel.green() < 0x40).count()
    };
    let figure = figure("auction-time-by-network.rtt");
    let whole = decode(&figure.svg, 2.0);
    assert_eq!(whole.width(), 1280);
    let mut silent = String::new();
    let mut rest = figure.svg.as_str();
    while let Some((before, text)) = rest.split_once("<text") {
        silent += before;
        rest = text.split_once("</text>").unwrap().1;
    }
    silent += rest;
    let without = decode(&silent, 2.0);
    assert!(dark(&whole) > dark(&without) + 2_000, "letters are drawn");
    let column = &figures(&fixture::auction(), &[], Medium::OneColumn).unwrap()[0];
    assert_eq!(decode(&column.svg, 300.0 / 108.0).width(), 990, "3.3 in at 300 dots per inch");
    assert!(png("no picture", 1.0).is_err());
}

#[test]
fn pgfplots_reads_columns_that_are_there() {
    for figure in all(Medium::Screen) {
        let pgf = pgfplots(&figure).unwrap();
        let head: Vec<&str> = pgf.dat.lines().next().unwrap().split(' ').collect();
        assert!(pgf.tex.contains(&format!("{{{}.dat}}", figure.name)), "{}", figure.name);
        for name in pgf.tex.split("table[").skip(1).flat_map(|rest| {
            let options = rest.split(']').next().unwrap();
            options.split(',').map(|option| option.split_once('=').unwrap().1.trim())
        }) {
            assert!(head.contains(&name), "{}: no column {name}", figure.name);
        }
        for line in pgf.dat.lines().skip(1) {
            assert_eq!(line.split(' ').count(), head.len());
            assert!(line.split(' ').all(|number| number.parse::<f64>().is_ok()), "{line}");
        }
        for (open, close) in [("{", "}"), ("\\begin{axis}", "\\end{axis}")] {
            let escaped = pgf.tex.matches(&format!("\\{open}")).count();
            let opened = pgf.tex.matches(open).count() - if open == "{" { escaped } else { 0 };
            let escaped = pgf.tex.matches(&format!("\\{close}")).count();
            let closed = pgf.tex.matches(close).count() - if close == "}" { escaped } else { 0 };
            assert_eq!(opened, closed, "{}: {open}", figure.name);
        }
    }
}

fn path(cause: Cause, ms: u64, party: u32, scope: &str, stretches: u64) -> PathRow {
    let (party, scope) = (PartyId(party), scope.to_owned());
    PathRow { cause, party, to: None, scope, time_ns: ms * 1_000_000, stretches }
}

#[test]
fn the_longest_part_is_told_with_what_would_help() {
    let rows = [
        path(Cause::Propagation, 900, 0, "online/compare", 30),
        path(Cause::Propagation, 449, 1, "online/compare", 16),
        path(Cause::Propagation, 11, 1, "online/output", 1),
        path(Cause::Compute, 540, 2, "online/less", 7),
    ];
    assert_eq!(
        explain::sentence(&rows).unwrap(),
        "71 % of 1.90 s is propagation on the 46 rounds of online/compare; halving the round-trip \
         time saves at most 680 ms"
    );
    assert_eq!(
        explain::causes(&rows),
        [(Cause::Compute, 540_000_000), (Cause::Propagation, 1_360_000_000)]
    );
    let compute = [path(Cause::Compute, 10, 2, "", 1)];
    assert_eq!(
        explain::sentence(&compute).unwrap(),
        "100 % of 10.0 ms is compute outside all scopes by party 2; machines twice as fast save at \
         most 5.00 ms"
    );
    assert_eq!(explain::sentence(&[]), None);
    assert_eq!(explain::sentence(&[path(Cause::Compute, 0, 0, "x", 1)]), None);
    for cause in Cause::ALL {
        let sentence = explain::sentence(&[path(cause, 10, 0, "online", 1)]).unwrap();
        assert!(sentence.contains("100 % of 10.0 ms is ") && sentence.contains("at most"));
    }
}

#[test]
fn shares_are_honest_at_their_ends() {
    let shown = [(0, 5), (1, 1_000), (999, 1_000), (5, 5), (1, 3), (0, 0)];
    let expected = ["0 %", "under 1 %", "over 99 %", "100 %", "33 %", "0 %"];
    assert_eq!(shown.map(|(part, whole)| explain::percent(part, whole)), expected);
}
