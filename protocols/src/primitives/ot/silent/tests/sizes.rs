//! Which size is taken, what it costs, and what scenarios say of it.

use super::super::*;
use super::{BaseOt, Width, extension};
use crate::primitives::ot::{Extension, OtParams, Scheme};

#[test]
fn the_size_is_the_cheapest_for_what_is_needed() {
    for is_malicious in [false, true] {
        let any = Extension { width: Width::Eight, ..extension(LARGE, is_malicious) };
        let name = |transfers| any.for_demand(transfers).silent.map(|set| set.name);
        assert_eq!([0, 1, 5_000, 20_000].map(name), [Some("small"); 4]);
        assert_eq!([50_000, 600_000].map(name), [Some("middle"); 2]);
        assert_eq!([2_000_000, 100_000_000].map(name), [Some("large"); 2]);
    }
    let soft = Extension { silent: None, ..extension(LARGE, false) };
    assert_eq!(soft.for_demand(1 << 30), soft);
}

/// The paper's count of an iteration of the large set, whose noise here is twice as much.
#[test]
fn ten_million_transfers_take_1_059_kilobytes() {
    // 2,638 trees of 12 levels: two blocks each and one for all, and a bit each from the receiver.
    let sender = 2_638 * (2 * 12 + 1) * 16;
    let receiver = (2_638_u64 * 12).div_ceil(8);
    assert_eq!(LARGE.bytes(false), [sender, receiver]);
    assert_eq!(LARGE.rows(), 10_805_248);
    assert_eq!(LARGE.yields(false), 10_805_248 - 557_056 - 2_638 * 12);
    let bits = 8.0 * (sender + receiver) as f64 / LARGE.yields(false) as f64;
    assert!((0.82..0.84).contains(&bits), "{bits} bits a transfer");
    for set in SETS {
        for is_malicious in [false, true] {
            let before = set.before.map_or(usize::MAX, |before| before.rows());
            assert!(before >= set.needs(is_malicious), "{}", set.name);
            assert!(set.rows() > 2 * set.needs(is_malicious), "{}", set.name);
        }
    }
}

/// What is left of an iteration serves the next batch.
#[test]
fn a_batch_begins_with_what_the_last_one_left() {
    let mut bill = extension(SMALL, false).bill();
    let yields = SMALL.yields(false);
    assert_eq!(yields, 9_216 - 2_816 - 1_440);
    assert_eq!(bill.batch(yields - 10, Choices::Random).iterations, 1);
    assert_eq!((bill.left(), bill.batch(10, Choices::Random).bytes), (10, [0, 0]));
    let batch = bill.batch(2 * yields + 1, Choices::Chosen);
    assert_eq!((batch.iterations, batch.rounds, bill.left()), (3, 7, yields - 1));
    let large = extension(LARGE, true).bill();
    assert_eq!(large.left(), 649_728 - 557_056 - 2_638 * 12 - 128);
}

#[test]
fn scenarios_name_the_extension() {
    let silent: OtParams = serde_json::from_str(r#"{ "extension": "silent" }"#).expect("known");
    assert_eq!(silent, OtParams { extension: Scheme::Silent, ..OtParams::DEFAULT });
    assert_eq!(OtParams::default(), OtParams::DEFAULT);
    let soft: OtParams = serde_json::from_str(r#"{ "extension": "softspoken" }"#).expect("known");
    assert_eq!(soft, OtParams::DEFAULT);
    assert!(serde_json::from_str::<OtParams>(r#"{ "extension": "silver" }"#).is_err());
    // What scenarios did not say before is not written: their cells stay the same.
    assert_eq!(serde_json::to_string(&soft).expect("plain"), r#"{"width":2,"base":"endemic"}"#);
    assert_eq!(
        silent.to_string(),
        "silent OT extension, which starts from transfers over fields of 2^2, endemic base transfers"
    );
    let simplest = OtParams { base: BaseOt::Simplest, ..silent };
    assert!(simplest.malicious().is_err() && silent.malicious().is_ok_and(|it| it.is_malicious));
}
