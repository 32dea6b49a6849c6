//! What operations cost, as differences between two sizes: equal to the published formulas.

use mpclab_protocols::additive::{Additive, AdditiveParams};
use mpclab_protocols::dn07::Dn07;
use mpclab_protocols::functions::{And, AndParams, Function, Task};
use mpclab_protocols::program::Inputs;
use mpclab_protocols::protocol::Protocol;
use mpclab_protocols::rep3::{BitSharingName, Rep3, Rep3Params, RingName};
use mpclab_protocols::rep3_ps::{DomainName, Rep3Ps, Rep3PsParams};
use mpclab_protocols::shamir::{Shamir, ShamirParams, ThresholdChoice};
use mpclab_protocols::spdz::{Spdz, SpdzParams};
use mpclab_protocols::{DotTriples, FieldName, InputCheck, OpeningName};
use mpclab_sim::vocabulary::{Phase, Roles};

use super::subject;
use crate::harness::{job, measured};
use crate::slopes::{self, Body, NOTHING, PRODUCT, Spent, over_bits};

/// Runs a program over two vectors of `len` bits, both brought by the first two of `n` parties.
fn spent<P: Protocol>(params: &P::Params, n: usize, len: usize, body: Body) -> Spent {
    // What is held here does not depend on sigma, and checks modulo 251 are sound up to 2^-6.
    let (job, inputs) = over_bits(n, len, body, 6);
    slopes::spent(&subject::<P>(&job, params), &inputs)
}

/// What ten products more cost in a layer, divided by ten, without what their inputs cost.
fn per_product<P: Protocol>(params: &P::Params, n: usize) -> Spent {
    let slope = |body| {
        let [few, many] = [5, 15].map(|len| spent::<P>(params, n, len, body));
        many.beyond(few)
    };
    let Spent { online_bytes, online_rounds, ideal_bytes } = slope(PRODUCT).beyond(slope(NOTHING));
    assert_eq!((online_bytes % 10, ideal_bytes % 10), (0, 0));
    assert_eq!(online_rounds, 0, "{}: more products are no more rounds", P::NAME);
    let (online_bytes, ideal_bytes) = (online_bytes / 10, ideal_bytes / 10);
    Spent { online_bytes, online_rounds, ideal_bytes }
}

/// What one layer of one product more costs.
fn per_layer<P: Protocol>(params: &P::Params, n: usize) -> Spent {
    let two: Body = |builder, x, y| {
        let product = builder.mul(x, y)?;
        builder.mul(product, y)
    };
    let [one, two] = [PRODUCT, two].map(|body| spent::<P>(params, n, 1, body));
    two.beyond(one)
}

/// What an inner product of this length costs beyond its inputs and its output.
fn dot<P: Protocol>(params: &P::Params, n: usize, len: usize) -> Spent {
    let dot = spent::<P>(params, n, len, |builder, x, y| builder.dot(x, y, 1));
    dot.beyond(spent::<P>(params, n, len, NOTHING))
}

const FIELDS: [(FieldName, u64); 2] = [(FieldName::M61, 8), (FieldName::P128, 16)];
const RINGS: [(RingName, u64); 2] = [(RingName::Z64, 8), (RingName::Z128, 16)];

fn shamir(field: FieldName, t: u64) -> ShamirParams {
    ShamirParams { field, threshold: ThresholdChoice::Exactly(t as u32), ..Default::default() }
}

fn additive(field: FieldName, dot: DotTriples) -> AdditiveParams {
    AdditiveParams { field, dot, ..Default::default() }
}

/// Elements sent in all per multiplication of `ring` and `rep-field` at n = 3,
/// `online_elements_total` of MP-SPDZ v0.4.2, Compiler/cost.py.
const MP_SPDZ_REP3_ELEMENTS: u64 = 3;

/// One ring element from each party, one round: Araki et al., CCS 2016.
#[test]
fn a_product_of_rep3_costs_three_elements_and_one_round() {
    for (ring, l) in RINGS {
        // Products of bits are conjunctions, unless bits are numbers.
        let params = Rep3Params { ring, bits: BitSharingName::Numbers };
        let product = Spent { online_bytes: 3 * l, online_rounds: 0, ideal_bytes: 0 };
        assert_eq!(per_product::<Rep3>(&params, 3), product);
        assert_eq!(product.online_bytes, MP_SPDZ_REP3_ELEMENTS * l);
        assert_eq!(per_layer::<Rep3>(&params, 3), Spent { online_rounds: 1, ..product });
        for len in [1, 7, 100] {
            let dot = dot::<Rep3>(&params, 3, len);
            assert_eq!(dot, Spent { online_rounds: 1, ..product }, "length {len}");
        }
    }
}

/// One bit from each party and gate, one round: Araki et al., CCS 2016.
#[test]
fn an_and_of_rep3_costs_three_bits_and_one_round() {
    for (ring, _) in RINGS {
        let params = Rep3Params { ring, ..Default::default() };
        // Twice 80 inputs, 80 ANDs, and the one bit of the output from each party.
        let [few, many] = [80, 160].map(|len| spent::<Rep3>(&params, 3, len, PRODUCT));
        assert_eq!(
            few,
            Spent { online_bytes: 2 * 10 + 3 * 10 + 3, online_rounds: 3, ideal_bytes: 0 }
        );
        assert_eq!(many, Spent { online_bytes: 2 * 20 + 3 * 20 + 3, ..few });
    }
}

/// 3 * 1024 - 1 ANDs: two layers of all positions, then a tree over them, ten layers of 512, 256, ...
/// 1; each party sends whole bytes. That is 3071 * 3 / 8 = 1152 bytes, but for the last three layers
/// and the padding of those below a byte.
#[test]
fn a_wide_and_of_rep3_costs_a_bit_per_party_and_gate() {
    let Ok(task @ Task::Program(_)) = And::build(&AndParams { width: 1024 }, 3) else {
        panic!("a program")
    };
    let inputs = vec![Inputs::from([("bit".to_owned(), vec![1; 1024])]); 3];
    let subject = subject::<Rep3>(&job(task, Roles::all(3), 40), &Rep3Params::default());
    let run = subject.expect(&inputs, 1);
    let bytes_in = |scope: &str| -> u64 {
        let scopes = run.metrics.scopes.iter().filter(|s| s.path.starts_with(scope));
        scopes.map(|s| s.sum.sent_bytes).sum()
    };
    let layers = [1024, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1];
    let bytes: u64 = layers.map(|gates: u64| 3 * gates.div_ceil(8)).into_iter().sum();
    assert_eq!((layers.into_iter().sum::<u64>(), bytes), (3071, 1158));
    assert_eq!(bytes_in("online/and"), bytes);
    assert_eq!(bytes_in("online/input"), 3 * 1024 / 8);
    assert_eq!(bytes_in("online/output"), 3);
    let total = bytes + 3 * 1024 / 8 + 3;
    assert_eq!(measured(&run, Phase::Online), (total, 1 + 12 + 1));
}

/// Elements sent in all per multiplication of `ps-rep-field`, `online_elements_total` of MP-SPDZ
/// v0.4.2, Compiler/cost.py. Its `ps-rep-ring` packs rings of 64 + 40 bits into 13 bytes.
const MP_SPDZ_POST_SACRIFICE_ELEMENTS: u64 = 9;

/// Three elements each for the product, for the one that is sacrificed and for an opening; what
/// the check costs beside is the same for any number of products: Lindell and Nof, CCS 2017.
#[test]
fn a_product_of_rep3_ps_costs_nine_elements_and_one_round() {
    for (domain, l) in
        [(DomainName::M61, 8), (DomainName::P128, 16), (DomainName::Z64, 8), (DomainName::Z128, 16)]
    {
        let params = Rep3PsParams { domain, ..Default::default() };
        let product = Spent {
            online_bytes: MP_SPDZ_POST_SACRIFICE_ELEMENTS * l,
            online_rounds: 0,
            ideal_bytes: 0,
        };
        assert_eq!(per_product::<Rep3Ps>(&params, 3), product, "{domain:?}");
        assert_eq!(per_layer::<Rep3Ps>(&params, 3), Spent { online_rounds: 1, ..product });
        // An inner product has one product and one triple, and opens a value for each factor.
        let [short, long] = [10, 110].map(|len| dot::<Rep3Ps>(&params, 3, len));
        let factors = Spent { online_bytes: 3 * 100 * l, ..product };
        assert_eq!(long.beyond(short), factors, "{domain:?}");
        let check = 3 * (32 + 32) + 3 * 32 + 6 * 32;
        assert_eq!(short.online_bytes, (6 + 3 * 10) * l + check, "{domain:?}");
        assert_eq!(short.online_rounds, 1 + 3, "{domain:?}");
    }
}

/// Parties n = 2t + 1, and elements sent in all per multiplication of `shamir`,
/// `online_elements_total` of MP-SPDZ v0.4.2, Compiler/cost.py.
///
/// There t of a dealer's n - 1 foreign shares come from keys that it has in common with their holders
/// (Protocols/ShamirInput.hpp), so that only n - 1 - t are sent, at the price of computational
/// security: `compress: true`. Plain resharing sends all of them.
const MP_SPDZ_SHAMIR_ELEMENTS: [(u64, u64); 3] = [(3, 3), (5, 10), (7, 21)];

/// 2t + 1 parties send a share to each other party, one round: Gennaro, Rabin, Rabin, PODC 1998.
#[test]
fn a_product_of_shamir_costs_a_resharing_by_as_many_as_the_degree_needs() {
    for (field, l) in FIELDS {
        for (n, t) in [(3, 1), (4, 1), (5, 1), (5, 2), (6, 2), (7, 1), (7, 2), (7, 3)] {
            let (params, elements) = (shamir(field, t), (2 * t + 1) * (n - 1));
            let product = Spent { online_bytes: elements * l, online_rounds: 0, ideal_bytes: 0 };
            assert_eq!(per_product::<Shamir>(&params, n as usize), product, "n = {n}, t = {t}");
            let layer = Spent { online_rounds: 1, ..product };
            assert_eq!(per_layer::<Shamir>(&params, n as usize), layer, "n = {n}, t = {t}");
            for len in [1, 7, 100] {
                assert_eq!(dot::<Shamir>(&params, n as usize, len), layer, "length {len}");
            }
            let published = MP_SPDZ_SHAMIR_ELEMENTS.iter().find(|(parties, _)| *parties == n);
            // From seeds: 48 bytes in all among three in the larger field, 160 among five.
            let (seeded, elements) =
                (ShamirParams { compress: true, ..params }, (2 * t + 1) * (n - 1 - t));
            let product = Spent { online_bytes: elements * l, ..product };
            assert_eq!(per_product::<Shamir>(&seeded, n as usize), product, "n = {n}, t = {t}");
            assert_eq!(
                dot::<Shamir>(&seeded, n as usize, 7),
                Spent { online_rounds: 1, ..product }
            );
            if let Some((_, published)) = published.filter(|_| 2 * t + 1 == n) {
                assert_eq!(elements, *published, "n = {n}");
            }
        }
    }
}

/// Elements sent in all per multiplication of `semi` and `mascot`, `online_elements_total` of MP-SPDZ
/// v0.4.2, Compiler/cost.py: parties, elements.
const MP_SPDZ_STARS: [(u64, u64); 3] = [(2, 4), (3, 8), (5, 16)];

/// Each opening is an element to the first party from each other one, and one back: two rounds.
#[test]
fn a_product_opened_by_a_star_costs_what_is_published() {
    for (n, elements) in MP_SPDZ_STARS {
        for (field, l) in FIELDS {
            let opening = OpeningName::Star;
            let layer = |dealt: u64| {
                let (online_bytes, ideal_bytes) = (elements * l, dealt * 3 * n * l);
                Spent { online_bytes, online_rounds: 2, ideal_bytes }
            };
            let params = AdditiveParams { field, opening, ..Default::default() };
            assert_eq!(per_layer::<Additive>(&params, n as usize), layer(1), "n = {n}");
            let params = SpdzParams { field, opening, ..Default::default() };
            assert_eq!(per_layer::<Spdz>(&params, n as usize), layer(2), "n = {n}");
        }
    }
}

/// Two openings of each party to each other, one round, and a triple from the dealer to each:
/// Beaver, CRYPTO 1991.
#[test]
fn a_product_of_additive_costs_two_openings_and_a_triple() {
    for (field, l) in FIELDS {
        for n in 2..=7u64 {
            let params = additive(field, DotTriples::Triples);
            let product = Spent {
                online_bytes: 2 * n * (n - 1) * l,
                online_rounds: 0,
                ideal_bytes: 3 * n * l,
            };
            assert_eq!(per_product::<Additive>(&params, n as usize), product, "n = {n}");
            let layer = Spent { online_rounds: 1, ..product };
            assert_eq!(per_layer::<Additive>(&params, n as usize), layer, "n = {n}");
        }
    }
}

/// As additive online: the MACs of what is opened stay at home. From the dealer twice as much, each
/// element with its MAC. Damgard, Pastro, Smart, Zakarias, CRYPTO 2012.
#[test]
fn a_product_of_spdz_costs_two_openings_and_an_authenticated_triple() {
    for (field, l) in FIELDS.into_iter().chain([(FieldName::P251, 1)]) {
        for n in [2, 3, 5u64] {
            let params = SpdzParams { field, ..Default::default() };
            let product = Spent {
                online_bytes: 2 * n * (n - 1) * l,
                online_rounds: 0,
                ideal_bytes: 2 * 3 * n * l,
            };
            assert_eq!(per_product::<Spdz>(&params, n as usize), product, "n = {n}");
            let layer = Spent { online_rounds: 1, ..product };
            assert_eq!(per_layer::<Spdz>(&params, n as usize), layer, "n = {n}");
            // The first product also brings the check before the outputs: two commitments of 32
            // bytes that are opened with as many bytes of nonce and of echo, in four rounds, of
            // which the echo of the inputs takes one in any case.
            let check = (2 * 32 + 2 * 64 + 32 + l) * n * (n - 1);
            for len in [1, 7, 100u64] {
                let dot = Spent {
                    online_bytes: len * product.online_bytes + check,
                    online_rounds: 1 + 4 - 1,
                    ideal_bytes: len * product.ideal_bytes,
                };
                assert_eq!(self::dot::<Spdz>(&params, n as usize, len as usize), dot, "{len}");
            }
        }
    }
}

/// An input of `w` bits costs its owner `w` bits to each, and the dealer an authenticated bit each.
#[test]
fn an_input_of_spdz_in_range_costs_a_bit_per_bit() {
    let compare = |input_check, len| {
        let params = SpdzParams { field: FieldName::M61, input_check, ..Default::default() };
        spent::<Spdz>(&params, 3, len, |builder, x, y| builder.less(x, y))
    };
    // Sixteen more values in 0..=1 of each of two parties: what is compared costs the same with and
    // without, and so does what the dealer hands out.
    let slope = |check| compare(check, 21).beyond(compare(check, 5));
    let [range, none] = [InputCheck::Range, InputCheck::None].map(slope);
    assert_eq!(none.online_bytes - range.online_bytes, 2 * 2 * (16 * 8 - 16 / 8));
    assert_eq!(none.ideal_bytes, range.ideal_bytes);
    let [with, without] = [InputCheck::Range, InputCheck::None].map(|check| compare(check, 5));
    assert_eq!(with.online_rounds, without.online_rounds);
}

/// With multiplication triples an inner product costs a product per term; with inner-product
/// triples as much online, and from the dealer two elements a term and one more instead of three.
#[test]
fn an_inner_product_of_additive_costs_a_product_per_term() {
    for (field, l) in FIELDS {
        for n in [2, 3, 5u64] {
            for len in [1, 7, 100u64] {
                let cost =
                    |triples| dot::<Additive>(&additive(field, triples), n as usize, len as usize);
                let online = Spent {
                    online_bytes: 2 * n * (n - 1) * l * len,
                    online_rounds: 1,
                    ideal_bytes: 0,
                };
                let triples = Spent { ideal_bytes: 3 * len * n * l, ..online };
                assert_eq!(cost(DotTriples::Triples), triples, "n = {n}, length {len}");
                let inner = Spent { ideal_bytes: (2 * len + 1) * n * l, ..online };
                assert_eq!(cost(DotTriples::InnerProduct), inner, "n = {n}, length {len}");
            }
        }
    }
}

/// Everyone to the king and back, `2 (n - 1)` elements in two rounds, an inner product as well; and
/// for each `n - t` double sharings two elements from each to each: `2 n (n - 1) / (n - t)`, which is
/// `4 (n - 1) n / (n + 1)` for `n = 2t + 1`, less than the paper's `6 (n - 1)` together. Damgard,
/// Nielsen, CRYPTO 2007, section 4.
#[test]
fn a_product_of_dn07_costs_the_way_to_the_king_and_a_double_sharing() {
    for (field, l) in FIELDS {
        for (n, t) in [(3, 1), (5, 1), (5, 2), (7, 3), (20, 9)] {
            let params = shamir(field, t);
            let king = Spent { online_bytes: 2 * (n - 1) * l, online_rounds: 0, ideal_bytes: 0 };
            assert_eq!(per_product::<Dn07>(&params, n as usize), king, "n = {n}, t = {t}");
            let layer = Spent { online_rounds: 2, ..king };
            assert_eq!(per_layer::<Dn07>(&params, n as usize), layer, "n = {n}, t = {t}");
            for len in [1, 7, 100] {
                assert_eq!(dot::<Dn07>(&params, n as usize, len), layer, "n = {n}, length {len}");
            }
            let offline = |products: u64| {
                let (job, inputs) = over_bits(n as usize, products as usize, PRODUCT, 6);
                let run = subject::<Dn07>(&job, &params).expect(&inputs, 1);
                measured(&run, Phase::Offline).0
            };
            for products in [1, n - t, n - t + 1, 10 * (n - t)] {
                let dealt = products.div_ceil(n - t);
                assert_eq!(offline(products), 2 * n * (n - 1) * dealt * l, "n = {n}, t = {t}");
            }
            if n == 2 * t + 1 {
                let products = 10 * (n - t);
                let all = offline(products) + products * king.online_bytes;
                assert!(all < 6 * (n - 1) * products * l, "n = {n}: the paper's count");
            }
        }
    }
}
