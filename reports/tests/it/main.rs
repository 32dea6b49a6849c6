//! The crate from outside: records in, tables, plots and pages out.

mod fixture;

use mpclab_reports::export::{self, Format};
use mpclab_reports::table::{Comparison, ScopeTable};

#[test]
fn try_tables() {
    for records in [fixture::auction(), fixture::single(), fixture::grid()] {
        let comparison = Comparison::of(&records);
        let scopes = ScopeTable::of(&records);
        for format in Format::ALL {
            println!("{}", export::comparison(&comparison, format, 80).unwrap());
        }
        println!("{}", export::comparison(&comparison, Format::Table, 140).unwrap());
        println!("{}", export::scopes(&scopes, Format::Table, 80).unwrap());
    }
}

#[test]
fn gallery() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    std::fs::create_dir_all(&dir).unwrap();
    for (name, records) in
        [("auction", fixture::auction()), ("single", fixture::single()), ("grid", fixture::grid())]
    {
        for figure in mpclab_reports::plot::figures(&records).unwrap() {
            std::fs::write(dir.join(format!("{name}-{}.svg", figure.name)), figure.svg).unwrap();
        }
        let page = mpclab_reports::html::render(&mpclab_reports::html::ReportInput { title: name, about: "Sealed-bid auction. Five bidders, three computing servers; what does malicious security cost?", records: &records, resolved_yaml: "about: x\nfunction: <b>", command: "mpclab run scenarios/smoke/auction.yaml --seed 1" }).unwrap();
        std::fs::write(dir.join(format!("{name}.html")), page).unwrap();
    }
}
