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
