use mpclab_protocols::program::{Inputs, Program, interpret};
use rand::RngExt;
use serde_json::{Value, json};

use super::{FUNCTIONS, Failure, about, build};

/// A script for two input parties that each bring `x`, two integers of 8 bits.
fn with_x(body: &str) -> String {
    format!("let x = input(0, \"x\", int(8), 2);\nlet y = input(1, \"x\", int(8), 2);\n{body}")
}

fn built(text: &str) -> Program {
    build(text, &Value::Null, 2).unwrap_or_else(|failure| panic!("{failure:?}\n{text}"))
}

fn outputs(text: &str, x: &[i128], y: &[i128]) -> Vec<i128> {
    let inputs = [x, y].map(|column| Inputs::from([("x".to_owned(), column.to_vec())]));
    interpret(&built(text), &inputs).expect("in range").outputs
}

fn failure(text: &str) -> Failure {
    build(text, &Value::Null, 2).expect_err(text)
}

#[test]
fn every_operator_means_what_it_says() {
    let cases: [(&str, &[i128]); 44] = [
        ("x + y", &[10, -1]),
        ("x - y", &[4, -9]),
        ("x * y", &[21, -20]),
        ("x + 1", &[8, -4]),
        ("1 - x", &[-6, 6]),
        ("2 * x", &[14, -10]),
        ("x * [1, 2]", &[7, -10]),
        ("-x", &[-7, 5]),
        ("x < y", &[0, 1]),
        ("x > y", &[1, 0]),
        ("x <= 7", &[1, 1]),
        ("x >= 7", &[1, 0]),
        ("8 > x", &[1, 1]),
        ("x == 7", &[1, 0]),
        ("x != 7", &[0, 1]),
        ("7 == x", &[1, 0]),
        ("(x > 0) & (y > 0)", &[1, 0]),
        ("(x > 0) | (y > 0)", &[1, 1]),
        ("(x > 0) ^ (y > 0)", &[0, 1]),
        ("!(x > 0)", &[0, 1]),
        ("and(x > 0, true)", &[1, 0]),
        ("x >> 1", &[3, -3]),
        ("x << 3", &[56, -40]),
        ("select(x > y, x, y)", &[7, 4]),
        ("select(x > y, 1, 0)", &[1, 0]),
        ("sum(x)", &[2]),
        ("dot(x, y)", &[1]),
        ("dot(x, [10, 1])", &[65]),
        ("product(x)", &[-35]),
        ("max(x, y)", &[7, 4]),
        ("min(x)", &[-5]),
        ("max([x[0], y[0], 9])", &[9]),
        ("argmax(concat([x, y]))", &[0]),
        ("top_two(concat([x, y])).second", &[4]),
        ("sort(concat([x, y]))", &[-5, 3, 4, 7]),
        ("sort_with(concat([x, y]), [constant([0, 1, 2, 3])])[1]", &[1, 2, 3, 0]),
        ("abs(x)", &[7, 5]),
        ("x[0] + y[-1]", &[11]),
        ("concat([x, y])[1..3]", &[-5, 3]),
        ("concat([x, y])[1..=2]", &[-5, 3]),
        ("gather(x, [1, 1, 0])", &[-5, -5, 7]),
        ("x - sum(x)", &[5, -7]),
        ("x.reverse()", &[-5, 7]),
        ("x.split()[1].repeat(2)", &[-5, -5]),
    ];
    for (expression, expected) in cases {
        let text = with_x(&format!("output(\"z\", {expression});"));
        assert_eq!(outputs(&text, &[7, -5], &[3, 4]), expected, "{expression}");
    }
    let unary =
        "fn double(v) { v + v }\nlet all = 0;\nfor i in 0..x.len { all += double(x[i]); }\n";
    let text = with_x(&format!("{unary}output(\"z\", all + parties);"));
    assert_eq!(outputs(&text, &[7, -5], &[0, 0]), [6]);
}

#[test]
fn fixed_point_keeps_its_bits_and_quotients_are_near() {
    let text =
        "let a = input(0, \"x\", fixed(20, 8));\nlet b = input(1, \"x\", uint(8).between(1, 200));
        output(\"product\", a * a); output(\"scaled\", a * 0.5); output(\"half\", b / 2);
        output(\"third\", a / 3); output(\"ratio\", a / to_fixed(b, 8)); output(\"down\", floor(a));
        output(\"sum\", a + b); output(\"less\", a < 2.5); error_bound(\"third\", 0.01);";
    let program = built(text);
    let inputs = [640, 7].map(|value| Inputs::from([("x".to_owned(), vec![value])]));
    let outputs = interpret(&program, &inputs).expect("in range").outputs;
    assert_eq!(outputs[..3], [1600, 320, 7 << 15], "2.5 squared, halved; 7 / 2");
    assert!(outputs[3].abs_diff(213) <= 1, "2.5 / 3 = 213.3 / 256: {}", outputs[3]);
    assert!(outputs[4].abs_diff(91) <= 2, "2.5 / 7 = 91.4 / 256: {}", outputs[4]);
    assert_eq!(outputs[5..], [2, 640 + 7 * 256, 0]);
    assert_eq!(
        program.error_bounds()[0].to_string(),
        "third: error at most 1.00e-2 + 0.00e0 * |third|"
    );
}

/// The first output of a program over one integer of each party, as a number.
fn quotient(program: &Program, x: i128, y: i128) -> f64 {
    let inputs = [x, y].map(|value| Inputs::from([("x".to_owned(), vec![value])]));
    let outputs = interpret(program, &inputs).expect("in range").outputs;
    outputs[0] as f64 / f64::from(1 << 16)
}

#[test]
fn divisors_may_have_either_sign() {
    let text = |expression: &str| {
        let inputs = "let x = input(0, \"x\", int(8)); let y = input(1, \"x\", int(8));";
        built(&format!("{inputs} output(\"z\", {expression});"))
    };
    let (over, within, inverse) =
        (text("x / y"), text("divide(x, y, 16, 128)"), text("reciprocal(y)"));
    let (negative, sign) = (
        built(
            "let x = input(0, \"x\", int(8)); let y = input(1, \"x\", int(8).between(-9, -2));
             output(\"z\", x / y);",
        ),
        text("to_fixed(sign(y), 16)"),
    );
    for x in [-128, -7, 0, 1, 127i128] {
        for y in [-128, -9, -2, -1, 0, 1, 3, 127i128] {
            let real = if y == 0 { 0.0 } else { x as f64 / y as f64 };
            let near = |got: f64, real: f64| (got - real).abs() < 2e-5 * (1.0 + real.abs());
            assert!(near(quotient(&over, x, y), real), "{x} / {y}");
            assert!(near(quotient(&within, x, y), real), "{x} / {y}");
            if (-9..=-2).contains(&y) {
                assert!(near(quotient(&negative, x, y), real), "{x} / {y}");
            }
            let real = if y == 0 { 0.0 } else { 1.0 / y as f64 };
            assert!(near(quotient(&inverse, x, y), real), "1 / {y}");
            assert!((quotient(&sign, x, y) - y.signum() as f64).abs() < 1e-9);
        }
    }
}

/// A script says how fractional bits are dropped; the program knows which roundings are shown.
#[test]
fn truncation_is_exact_unless_the_script_says_otherwise() {
    let body = "let x = inputs(\"x\", fixed(16, 8)); output(\"y\", x[0] * x[1] + x[0] / x[1]);";
    let shown = |first: &str| built(&format!("{first}\n{body}")).statistics().shown_roundings;
    assert_eq!(shown(""), 0);
    assert_eq!(shown("truncation(\"exact\");"), 0);
    assert!(shown("truncation(\"probabilistic\");") > 1);
    let wrong = format!("{:?}", failure("truncation(\"nearest\");"));
    assert!(wrong.contains("truncation is"), "{wrong}");
}

#[test]
fn roots_of_integers_and_of_fixed_point_are_near() {
    let root = |kind: &str| built(&format!("output(\"z\", sqrt(input(0, \"x\", {kind})));"));
    let at = |program: &Program, raw: i128, unit: u32| {
        let inputs = [Inputs::from([("x".to_owned(), vec![raw])]), Inputs::new()];
        let outputs = interpret(program, &inputs).expect("in range").outputs;
        outputs[0] as f64 / f64::from(1 << unit)
    };
    for bits in [1, 7, 16, 40] {
        let program = root(&format!("uint({bits})"));
        for raw in [0, 1, 2, 3, 50, 99, (1 << bits) - 1].map(|raw: i128| raw % (1 << bits)) {
            let real = (raw as f64).sqrt();
            let error = (at(&program, raw, 16) - real).abs();
            assert!(error < 3e-5 + 1e-8 * real, "sqrt({raw}) of {bits} bits is off by {error}");
        }
    }
    for frac in [1, 7, 8] {
        let program = root(&format!("fixed(20, {frac}).between(0, 100)"));
        for raw in [0, 1, 2, 3, 50, 99, 200i128] {
            let unit = f64::from(1 << frac);
            let error = (at(&program, raw, frac) - (raw as f64 / unit).sqrt()).abs();
            assert!(error <= 2.0 / unit, "sqrt({raw} / {unit}) is off by {error}");
        }
    }
}

#[test]
fn outputs_are_for_all_or_for_some() {
    let text = with_x(
        "output(\"all\", x); output(\"one\", y, 1); output(\"both\", x, [1, 0]);
         output_ratio(\"ratio\", x, 3, [0]);",
    );
    let program = built(&text);
    let names = |party: usize| -> Vec<&str> {
        let own = program.outputs().iter().filter(|output| output.to.include(party));
        own.map(|output| &*output.name).collect()
    };
    assert_eq!(names(0), ["all", "both", "ratio"]);
    assert_eq!(names(1), ["all", "one", "both"]);
    // A script is built for those who learn, not for those who bring.
    let parties = super::Parties { input: 2, output: 1 };
    let failure = build(&text, &Value::Null, parties).expect_err("nobody is 1");
    assert_eq!(failure.label, "there is no output party 1 among 1, from 0");
    assert_eq!(failure.place, Some((3, 19)));
}

#[test]
fn parameters_have_defaults_and_are_checked() {
    let text = "let k = param(\"k\", 2); let w = param(\"w\", 0.5); let l = params.list;
        let x = input(0, \"x\", fixed(20, 8), k); output(\"z\", dot(x, l) + w);";
    let params = json!({ "k": 3, "list": [1, 2, 0.5], "w": 1 });
    let program = build(text, &params, 1).expect("valid");
    assert_eq!(program.inputs()[0].len, 3);
    assert_eq!(build(text, &params, 1).expect("valid"), program, "the same again");
    for (params, name, label) in [
        (json!({ "k": 3 }), "list", "is missing"),
        (json!({ "k": 0.5, "list": [1] }), "k", "must be of the kind of 2"),
        (json!({ "list": [1, 2], "kk": 1 }), "kk", "is unknown; the program takes: k, list, w"),
        (json!({ "list": [u64::MAX] }), "list", "holds a number that is too large"),
    ] {
        let failure = build(text, &params, 1).expect_err("refused");
        assert_eq!((failure.param.as_deref(), &failure.label[..]), (Some(name), label));
    }
}

#[test]
fn mistakes_have_a_place_and_say_what_helps() {
    let cases = [
        ("let a = ;", "1:9: `;` has no meaning here"),
        ("let a = 1;\nlet b = a +* 2;", "2:12"),
        (
            "let x = input(0, \"x\", int(8), 2);\noutput(\"z\", x + [1, 2, 3]);",
            "2:15: add: lengths 2 and 3",
        ),
        ("let x = input(2, \"x\", int(8));", "1:9: there is no input party 2 among 2"),
        ("let x = input(0, \"x\", uint(100));\nlet y = x * x;", "2:11: node 1 (mul): operands in"),
        (
            "let x = input(0, \"x\", int(8));\nif x > 0 { output(\"z\", x); }",
            "2:6: a secret can't decide",
        ),
        ("let x = input(0, \"x\", bit());\nlet y = x && x;", "2:9: a secret can't decide"),
        (
            "let x = input(0, \"x\", bit());\noutput(\"z\", sigmoid(x));",
            "2:13: there is no function `sigmoid",
        ),
        ("output(\"z\", 1); output(\"z\", 2);", "1:17: `z` is declared twice"),
        ("throw \"k is too large\";", "1:1: k is too large"),
        (
            "fn f(x) { x + [1, 2] }\nlet v = input(0, \"v\", int(8), 3);\nf(v);",
            "1:13: add: lengths 3 and 2",
        ),
        (
            "let x = input(0, \"x\", int(8));\noutput(\"z\", x[1]);",
            "2:14: there is no element 1 among 1",
        ),
        ("let a = [1]; a[3];", "1:16: there is no element 3 among 1, counted from 0"),
        ("let big = 9223372036854775807 + 1;", "1:31: the result is no 64-bit integer"),
        ("let x = input(0, \"x\", int(8));\noutput(\"z\", x + 0.5);", "2:15: 0.5 is no integer"),
        ("let i = 0; while true { i += 1; }", "the program takes more than 1000000 steps"),
        ("fn f(n) { f(n + 1) } f(0);", "functions call each other too deeply"),
        (
            "let x = input(0, \"x\", int(8));\noutput(\"z\", x, 2);",
            "2:1: there is no output party 2 among 2, from 0",
        ),
        ("output(\"z\", 1, []);", "1:1: nobody would learn this output"),
        ("output(\"z\", 1, \"all\");", "1:1: who learns an output is a position or a list"),
        ("sqrt(input(0, \"x\", int(8)));", "1:1: square root: the radicand has to be exact"),
        (
            "truncation(\"probabilistic\"); let x = input(0, \"x\", fixed(9, 4)); 1 / (x * x);",
            "divide: the divisor has to be exact",
        ),
        ("1;", "no output"),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let failure = failure(text);
        let place =
            failure.place.map_or(String::new(), |(line, column)| format!("{line}:{column}: "));
        let shown = format!("{place}{}", failure.label);
        if !shown.contains(expected) {
            wrong.push(format!("{text}\n  is {shown}\n  not {expected}"));
        }
        // The annotated form never fails.
        assert!(failure.diagnostic("a.rhai", text).render(false).contains("a.rhai"));
    }
    let text = "let x = input(0, \"x\", bit());\nlet y = x && x;\n";
    insta::assert_snapshot!(failure(text).diagnostic("a.rhai", text).render(false));
    let text =
        "fn twice(v) {\n  v + [1, 2]\n}\noutput(\"z\", twice(input(0, \"v\", int(8), 3)));\n";
    insta::assert_snapshot!(failure(text).diagnostic("a.rhai", text).render(false));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// None of it is in the words of the library that runs scripts.
#[test]
fn typical_mistakes_are_told_in_plain_words() {
    let cases = [
        ("let a = 1\nlet b = 2;", "2:1: a `;` has to come before this"),
        ("let a = [1, 2;", "1:14: a `,` or a closing bracket has to come before this"),
        ("let a = 12x;", "1:11: a `;` has to come before this"),
        ("let a = \"open;", "this text has no closing quote"),
        ("let a = 1 # 2;", "`#` has no meaning here"),
        ("if 1 == 1 {", "a `}` has to come before this"),
        ("let a = 1 +", "the program ends in the middle of something"),
        ("let while = 1;", "the name of a variable is missing here"),
        ("const A = 1; A = 2;", "1:14: `A` is a constant and keeps its value"),
        ("1 = 2;", "1:1: this is a constant and keeps its value"),
        ("parties() = 2;", "nothing can be assigned to this"),
        ("break;", "`break` and `continue` belong into a loop"),
        ("fn f { }", "a function is written `fn name(a, b) { a + b }`"),
        ("let a = b + 1;", "1:9: there is no variable `b`"),
        ("summ([1, 2]);", "1:1: there is no function `summ` that takes a list"),
        ("sum(1);", "1:1: `sum` does not take an integer"),
        ("int(\"8\");", "1:1: `int` does not take a text"),
        ("let a = \"a\" - 1;", "`-` does not take a text and an integer"),
        ("let a = #{b: 1}; a.c;", "this map has no `c`"),
        ("let x = input(0, \"x\", int(8)); x.size;", "there is no property `size`"),
        ("let x = input(0, \"x\", int(8)); x + \"a\";", "a text is neither a secret nor a number"),
        ("let x = input(0, \"x\", int(8)); x[\"a\"];", "a secret has no element at a text"),
        (
            "let x = input(0, \"x\", int(100)); x + 99999999999999999999;",
            "100000000000000000000 may have lost digits: public integers have 64 bits",
        ),
        ("for i in 5 { }", "this is a number; needed is a list or a range such as `0..3`"),
        ("let n = 5; for i in n { }", "`for` needs a list or a range such as `0..3`"),
        ("if 1 { }", "this is a number; needed is `true` or `false`"),
        ("let n = 1; if n { n = 2; }", "this is an integer; needed is `true` or `false`"),
        ("let n = 1; let b = n && n > 0;", "this is an integer; needed is `true` or `false`"),
        ("let a = \"a\" < 3;", "1:13: `<` compares numbers, or texts, but no text with a number"),
        ("let b = 3 == [3];", "`==` compares numbers, or texts, but no list with a number"),
        ("1 / 0;", "a division by zero: 1 / 0"),
        ("let a = \"ab\"[7];", "there is no character 7 among 2"),
        ("throw;", "the program was ended by `throw`, which says no reason"),
        ("let a = []; for i in 0..9999 { a.push(i); }", "a list has at most 4096 values"),
        ("input(0, \"x\", int(8), -1);", "1:1: a length of -1: a vector has at least one"),
        ("inputs(\"x\", int(8), 0);", "1:1: a length of 0: a vector has at least one"),
        ("let x = input(0, \"x\", int(8)); x.repeat(-2);", "a length of -2: a vector has"),
        ("let x = input(0, \"x\", int(8)); x >> -1;", "a shift by 0 to 125"),
        ("int(-3);", "1:1: an input has 1 to 120 bits"),
        ("input(-1, \"x\", int(8));", "1:1: there is no input party -1 among 2, from 0"),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let failure = failure(text);
        let (line, column) = failure.place.unwrap_or_default();
        let shown = format!("{line}:{column}: {}", failure.label);
        if line == 0 || !shown.contains(expected) {
            wrong.push(format!("{text}\n  is {shown}\n  not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let shown = failure("params.size;").diagnostic("a.rhai", "params.size;").render(false);
    assert!(shown.contains("parameter `size` is missing"), "{shown}");
}

#[test]
fn what_a_script_may_not_reach_is_not_there() {
    for text in [
        "import \"x\" as y;",
        "eval(\"1\")",
        "print(1);",
        "timestamp();",
        "sleep(1);",
        "rand();",
        "open_file(\"/etc/passwd\");",
    ] {
        let failure = failure(text);
        assert!(failure.place.is_some(), "{text}: {failure:?}");
    }
}

#[test]
fn hostile_scripts_end() {
    let x = "let x = input(0, \"x\", int(2)); ";
    for body in [
        "let a = []; loop { a = [a]; }",
        "let a = []; loop { a.push(a); }",
        "let a = [1]; loop { a += a; }",
        "let a = \"a\"; loop { a += a; }",
        "let a = #{}; let i = 0; loop { a[\"k\" + i] = a; i += 1; }",
        "loop { x = concat([x, x]); }",
        "loop { x = x + 0 * x; }",
        "loop { x = (x > 0) & (x < 1); }",
        "let v = x.repeat(4000000); sort(v);",
        "let v = x.repeat(1000000); loop { max(v); }",
        "x.repeat(1000000000000);",
        "input(1, \"y\", int(8), 9000000000000);",
        "fn f(g) { f(|| f(g)) } f(1);",
        "let f = Fn(\"g\"); loop { f = f.curry(f); }",
        "for i in 0..9223372036854775807 { }",
        "let a = []; a.pad(9000000000, 1);",
        "x << 200;",
        "x >> 9223372036854775807;",
        "x[-9223372036854775808];",
        "x[0..9223372036854775807];",
        "x[5..=9223372036854775807];",
        "to_fixed(x, 9223372036854775807);",
        "switch x { 1 => 2, _ => 3 }; throw x;",
        "divide(input(1, \"z\", int(8).between(100, 101)), input(1, \"y\", uint(1)), 4, 1);",
        "x * 1e300;",
        "x * (0.0 / 0.0);",
        "throw #{a: x};",
    ] {
        let text = format!("{x}{body}");
        let failure = failure(&text);
        assert!(!failure.label.contains("panicked"), "{text}: {failure:?}");
    }
}

#[test]
fn mutated_scripts_never_panic() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/programs");
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "rhai") {
            texts.push(std::fs::read(path).unwrap());
        }
    }
    texts.sort();
    let pieces = [
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "-1",
        "9223372036854775807",
        "0",
        ";",
        "x",
        "..",
        "if ",
        "fn ",
        "loop ",
        "\"",
        "`",
        "${",
        "/*",
        "1e300",
        "sort(",
        "concat([",
        "parties",
        "#{",
        "\u{0}",
        "é",
        ".",
    ];
    let mut rng = mpclab_sim::RunSeed::new(5, 0).rng("mutants", mpclab_sim::vocabulary::PartyId(0));
    let (mut valid, mut refused) = (0, 0);
    for _ in 0..3_000 {
        let mut text = texts[rng.random_range(0..texts.len())].clone();
        for _ in 0..rng.random_range(1..4u32) {
            let (from, to) = (rng.random_range(0..text.len()), rng.random_range(0..8usize));
            let to = (from + to).min(text.len());
            let piece = pieces[rng.random_range(0..pieces.len())].bytes();
            text.splice(from..to, piece);
        }
        let text = String::from_utf8_lossy(&text);
        match build(&text, &Value::Null, 3) {
            Ok(_) => valid += 1,
            Err(failure) => {
                assert!(!failure.label.contains("panicked"), "{text}");
                assert!(!failure.diagnostic("m.rhai", &text).render(false).is_empty());
                refused += 1;
            }
        }
    }
    // Both ways are taken often.
    assert!(valid > 100 && refused > 1_000, "{valid} {refused}");
}

#[test]
fn functions_are_known_by_name_and_the_first_comment_is_the_description() {
    assert_eq!(
        about("\n// Who wins,\n//   and the price.\n\n// More.\nlet a = 1;"),
        "Who wins, and the price."
    );
    assert_eq!(about("let a = 1;"), "a program of the user's own");
    let manual = include_str!("../../docs/programs.md");
    for (name, form) in FUNCTIONS {
        assert!(form.contains(name));
        assert!(manual.contains(&format!("{name}(")), "docs/programs.md does not say `{name}`");
    }
}
