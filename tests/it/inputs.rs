//! Inputs as other tools write them, decimals, signs and division, from file to opened result.

use crate::support::{expect, records, text, write};

/// What every protocol of a scenario opens.
fn opened(function: &str, csv: &str, parties: u32, protocols: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "in.csv", csv);
    let scenario = format!(
        "about: inputs\nfunction: {function}\nparties: {parties}\nprotocols: {protocols}\n\
         network: lan\n"
    );
    let file = write(&folder, "s.yaml", &scenario);
    expect(&folder, 0, &["run", &file, "--out", "out"]);
    let records = records(&folder.path().join("out"));
    records.into_iter().map(|record| record.outputs).collect()
}

#[test]
fn tables_of_other_tools_give_the_mean() {
    let function =
        "{ name: mean_variance, params: { bits: 16, length: 1 }, inputs: { csv: in.csv } }";
    let mean = |csv| opened(function, csv, 3, "[rep3]").concat();
    let small = "mean = 2, variance = 0.666667";
    assert_eq!(mean(",party,value\n0,0,1\n1,1,2\n2,2,3\n"), small);
    assert_eq!(mean("party;value\n0;1\n1;2\n2;3\n"), small);
    assert_eq!(mean("party;value\r\n0;1,5\r\n1;2\r\n2;2,5\r\n"), "mean = 2, variance = 0.166667");
    assert_eq!(mean("party,value\n0,1e3\n1,2\n2,3\n"), "mean = 335, variance = 221112.666667");
}

#[test]
fn decimals_need_no_parameter_and_stay_exact() {
    let function = "{ name: mean_variance, params: { length: 1 }, inputs: { values: [{value: 1.5}, \
                    {value: -2.25}, {value: 5}] } }";
    let wanted = "mean = 1.416667, variance = 8.763889";
    assert_eq!(opened(function, "", 3, "[rep3, shamir, additive]"), [wanted; 3]);
    let sum = "{ name: sum, inputs: { csv: in.csv } }";
    assert_eq!(opened(sum, "value\n0.1\n0.2\n-2.5E-2\n", 3, "[rep3]"), ["sum = 0.275"]);
}

#[test]
fn division_takes_a_secret_divisor_of_either_sign() {
    let function = |more: &str| {
        format!("{{ name: divide, {more} inputs: {{ values: [{{value: 100}}, {{value: -9}}] }} }}")
    };
    let [quotient] = &opened(&function(""), "", 2, "[additive]")[..] else { panic!("one") };
    let quotient: f64 = quotient.strip_prefix("quotient = ").unwrap().parse().unwrap();
    assert!((quotient + 100.0 / 9.0).abs() < 4e-5, "{quotient}");
    let exact = function("params: { truncation: exact },");
    let protocols = "[additive, spdz]";
    assert_eq!(opened(&exact, "", 2, protocols), ["quotient = -11.11111"; 2]);
    let inverse = "{ name: reciprocal, inputs: { values: [{value: 1.5}, {value: -3.5}] } }";
    for opened in opened(inverse, "", 2, "[additive, spdz]") {
        let value: f64 = opened.strip_prefix("reciprocal = ").unwrap().parse().unwrap();
        assert!((value + 0.5).abs() < 1e-5, "{value}");
    }
    let root = "{ name: square_root, params: { truncation: exact }, inputs: { csv: in.csv } }";
    let protocols = "[rep3, shamir, additive]";
    assert_eq!(opened(root, "value\n100\n40\n4\n", 3, protocols), ["root = 12"; 3]);
}

/// In every protocol of the registry that compares at all, from decimal text to the verdict.
#[test]
fn numbers_of_128_bits_are_compared() {
    let all = "[additive, spdz, { name: gmw, params: { triples: dealer } }]";
    let most = "340282366920938463463374607431768211455";
    let (middle, below) =
        ("170141183460469231731687303715884105728", "170141183460469231731687303715884105727");
    let cases = [
        (most, most, 0),
        (below, middle, 1),
        (middle, below, 0),
        ("0", most, 1),
        ("0xffffffffffffffffffffffffffffffff", "18446744073709551615", 0),
    ];
    for (first, second, richest) in cases {
        let function = format!(
            "{{ name: millionaires, params: {{ bits: 128 }}, inputs: {{ values: [{{wealth: \
             {first}}}, {{wealth: \"{second}\"}}] }} }}"
        );
        let wanted = format!("richest = {richest}");
        assert_eq!(opened(&function, "", 2, all), [wanted.as_str(); 3]);
    }
    let auction = "{ name: second_price_auction, params: { bits: 128 }, inputs: { csv: in.csv } }";
    let csv = format!("bid\n{below}\n{most}\n{middle}\n");
    let honest = "[additive, shamir, dn07, { name: rep3, params: { ring: z128 } }, \
                  { name: rep3_ps, params: { domain: p128 } }, spdz, gmw]";
    let wanted = format!("winner = 1, price = {middle}");
    assert_eq!(opened(auction, &csv, 3, honest), [wanted.as_str(); 7]);
}

/// Numbers need no quotes: what a float would round is read as it is written.
#[test]
fn large_numbers_are_exact_or_refused_with_or_without_quotes() {
    let folder = tempfile::tempdir().unwrap();
    let checked = |value: &str, exit: i32| {
        let scenario = format!(
            "about: wide\nfunction: {{ name: millionaires, params: {{ bits: 128 }}, inputs: \
             {{ values: [{{wealth: {value}}}, {{wealth: 1}}] }} }}\nparties: 2\n\
             protocols: [additive]\nnetwork: lan\n"
        );
        let file = write(&folder, "s.yaml", &scenario);
        text(&expect(&folder, exit, &["check", &file]).stderr)
    };
    let most = "340282366920938463463374607431768211455";
    for good in ["1e38", "3.4e38", "9007199254740993", "12345678901234567.0", most] {
        assert_eq!(checked(good, 0), "");
        assert_eq!(checked(&format!("'{good}'"), 0), "");
    }
    let range = format!("is out of range; allowed: 0 to {most} (128 bits without sign)");
    let whole = "allowed: 0, as numbers of more than 64 bits are whole";
    for (bad, why) in [
        ("340282366920938463463374607431768211456", &range[..]),
        ("1e39", &range),
        ("1e60", &range),
        ("12345678901234567.5", whole),
        ("3.00000000000000000001", whole),
        ("0.5", whole),
    ] {
        for written in [bad.to_owned(), format!("'{bad}'")] {
            let said = checked(&written, 2);
            assert!(said.contains(why), "{written}: {said}");
            let place = "s.yaml:2:84\n";
            assert!(said.contains(place), "{written}: {said}");
            assert!(said.contains("inputs of party 0: column `wealth`"), "{said}");
        }
    }
}

#[test]
fn what_is_out_of_range_is_told_in_the_words_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |function: &str| {
        let scenario = format!(
            "about: signs\nfunction: {function}\nparties: 2\nprotocols: [additive]\n\
             network: lan\n"
        );
        let file = write(&folder, "s.yaml", &scenario);
        text(&expect(&folder, 2, &["check", &file]).stderr)
    };
    let said = refused(
        "{ name: millionaires, params: { bits: 32 }, inputs: { values: [{wealth: -1}, \
         {wealth: 0}] } }",
    );
    let range = "-1 is out of range; allowed: 0 to 4294967295 (32 bits without sign)";
    assert!(said.contains(range), "{said}");
    assert!(said.contains("the parameters of `millionaires` here: bits: 32"), "{said}");
    let said = refused("{ name: sum, inputs: { values: [{value: 1e10}, {value: 0}] } }");
    let range = "allowed: -2147483648 to 2147483647 (32 bits with sign)";
    assert!(said.contains(range) && said.contains("10000000000 is out of range"), "{said}");
}
