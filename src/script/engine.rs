//! The language: what of rhai a script may use, and what its functions do.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::rc::Rc;

use mpclab_protocols::program::Program;
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage,
    BasicStringPackage, LogicPackage, Package,
};
use rhai::{Array, Dynamic, Engine, FLOAT, INT, ImmutableString, Module, Scope};
use serde_json::Value;

use super::failure::Failure;
use super::interface::Kind;
use super::state::{Outcome, Parties, Secret, Shared, State, refuse};

/// Steps of a script.
pub(super) const MAX_OPERATIONS: u64 = 1_000_000;
/// Values of a list, those of lists in it included.
pub(super) const MAX_LIST: usize = 4_096;
pub(super) const MAX_TEXT: usize = 4_096;
pub(super) const MAX_MAP: usize = 1_024;
pub(super) const MAX_CALLS: usize = 64;
pub(super) const MAX_NESTING: usize = 64;
pub(super) const MAX_VARIABLES: usize = 1_024;
pub(super) const MAX_FUNCTIONS: usize = 256;

/// Functions of the language beside those of rhai, with their forms.
pub const FUNCTIONS: [(&str, &str); 45] = [
    ("param", "param(name), param(name, default)"),
    ("int", "int(bits)"),
    ("uint", "uint(bits)"),
    ("bit", "bit()"),
    ("fixed", "fixed(bits, frac)"),
    ("between", "kind.between(low, high)"),
    ("input", "input(party, name, kind), input(party, name, kind, length)"),
    ("inputs", "inputs(name, kind), inputs(name, kind, length)"),
    ("output", "output(name, value), output(name, value, to)"),
    ("output_ratio", "output_ratio(name, value, divisor), output_ratio(name, value, divisor, to)"),
    ("error_bound", "error_bound(name, absolute)"),
    ("len", "x.len()"),
    ("split", "x.split()"),
    ("concat", "concat([a, b, ...])"),
    ("gather", "gather(x, [positions])"),
    ("repeat", "repeat(x, times)"),
    ("reverse", "reverse(x)"),
    ("select", "select(condition, a, b)"),
    ("and", "and(a, b), a & b"),
    ("or", "or(a, b), a | b"),
    ("xor", "xor(a, b), a ^ b"),
    ("not", "not(a), !a"),
    ("sum", "sum(x)"),
    ("product", "product(x)"),
    ("dot", "dot(a, b)"),
    ("abs", "abs(x)"),
    ("sign", "sign(x)"),
    ("max", "max(x), max(a, b)"),
    ("min", "min(x), min(a, b)"),
    ("argmax", "argmax(x)"),
    ("top_two", "top_two(x)"),
    ("sort", "sort(x)"),
    ("sort_with", "sort_with(keys, [a, b, ...])"),
    ("divide", "divide(a, b, frac, largest)"),
    ("reciprocal", "reciprocal(x)"),
    ("sqrt", "sqrt(x)"),
    ("truncation", "truncation(\"exact\" or \"probabilistic\")"),
    ("to_fixed", "to_fixed(x, frac)"),
    ("floor", "floor(x)"),
    ("constant", "constant(number or list)"),
    ("to_float", "to_float(number)"),
    ("to_int", "to_int(number)"),
    ("round", "round(number)"),
    ("power", "power(base, exponent)"),
    ("root", "root(number)"),
];

/// Parameters by name, which remember that they were asked for.
#[derive(Clone, Copy)]
struct Params;

/// Runs a script on a stack that is large enough.
pub(super) fn run(text: &str, params: &Value, parties: Parties) -> Result<Program, Failure> {
    let given = match params {
        Value::Null => Default::default(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        _ => return Err(Failure::whole("parameters are a map")),
    };
    let shared: Shared = Rc::new(RefCell::new(State::new(given, parties)));
    let engine = engine(&shared, parties.input);
    let script = engine.compile(text).map_err(|error| Failure::syntax(&error))?;
    let ran = engine.run_ast_with_scope(&mut Scope::new(), &script);
    drop(engine);
    let mut state = shared.borrow_mut();
    if let Some(wrong) = state.wrong_param.take() {
        return Err(wrong);
    }
    ran.map_err(|error| Failure::run(&error))?;
    if let Some(unknown) = state.given.keys().find(|name| !state.asked.contains(*name)) {
        let known: Vec<&str> = state.asked.iter().map(String::as_str).collect();
        let message = format!("is unknown; the program takes: {}", known.join(", "));
        return Err(Failure::param(unknown, &message));
    }
    let mut builder = std::mem::take(&mut state.builder);
    for bound in state.bounds.drain(..) {
        builder.error_bound(bound);
    }
    builder.finish().map_err(|error| Failure::whole(&error.to_string()))
}

fn engine(shared: &Shared, parties: usize) -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    // Operators have a meaning for secrets only if they are looked up.
    engine.set_fast_operators(false);
    engine.set_fail_on_invalid_map_property(true);
    for symbol in ["eval", "print", "debug", "Fn", "curry", "call", "is_shared"] {
        engine.disable_symbol(symbol);
    }
    // Pointers to functions could hold each other, in sizes that nothing bounds.
    engine.set_allow_anonymous_fn(false);
    engine.set_max_operations(MAX_OPERATIONS).set_max_call_levels(MAX_CALLS);
    engine.set_max_expr_depths(MAX_NESTING, MAX_NESTING);
    engine.set_max_string_size(MAX_TEXT).set_max_array_size(MAX_LIST).set_max_map_size(MAX_MAP);
    engine.set_max_variables(MAX_VARIABLES).set_max_functions(MAX_FUNCTIONS);
    engine.register_type_with_name::<Secret>("secret");
    engine.register_type_with_name::<Kind>("kind");
    engine.register_type_with_name::<Params>("params");
    let mut globals = Module::new();
    globals.set_var("parties", parties as INT);
    globals.set_var("params", Params);
    engine.register_global_module(globals.into());
    interface(&mut engine, shared);
    operators(&mut engine, shared);
    comparisons(&mut engine);
    functions(&mut engine, shared);
    vectors(&mut engine, shared);
    numbers(&mut engine);
    engine
}

/// Registers functions of the state under their arguments.
macro_rules! state_fn {
    ($engine:expr, $shared:expr, $name:expr, |$state:ident $(, $arg:ident: $ty:ty)*| $body:expr) => {{
        let shared = Rc::clone($shared);
        $engine.register_fn($name, move |$($arg: $ty),*| {
            let mut held = shared.borrow_mut();
            let $state = &mut *held;
            $body
        });
    }};
}

fn interface(engine: &mut Engine, shared: &Shared) {
    type Name = ImmutableString;
    engine.register_fn("int", Kind::int).register_fn("uint", Kind::uint);
    engine.register_fn("bit", Kind::bit).register_fn("fixed", Kind::fixed);
    engine.register_fn("between", Kind::between);
    state_fn!(engine, shared, "param", |state, name: Name| state.param(&name, None));
    state_fn!(engine, shared, "param", |state, name: Name, default: Dynamic| {
        state.param(&name, Some(default))
    });
    let params = Rc::clone(shared);
    engine.register_indexer_get(move |_: &mut Params, name: Name| {
        params.borrow_mut().param(&name, None)
    });
    state_fn!(engine, shared, "input", |state, party: INT, name: Name, kind: Kind| {
        state.input(party, &name, kind, 1)
    });
    state_fn!(engine, shared, "input", |state, party: INT, name: Name, kind: Kind, len: INT| {
        state.input(party, &name, kind, len)
    });
    state_fn!(engine, shared, "inputs", |state, name: Name, kind: Kind| {
        state.inputs(&name, kind, 1)
    });
    state_fn!(engine, shared, "inputs", |state, name: Name, kind: Kind, len: INT| {
        state.inputs(&name, kind, len)
    });
    state_fn!(engine, shared, "output", |state, name: Name, value: Dynamic| {
        state.output(&name, value, None)
    });
    state_fn!(engine, shared, "output", |state, name: Name, value: Dynamic, to: Dynamic| {
        state.output(&name, value, Some(to))
    });
    state_fn!(engine, shared, "output_ratio", |state, name: Name, value: Dynamic, by: INT| {
        state.output_ratio(&name, value, by, None)
    });
    state_fn!(
        engine,
        shared,
        "output_ratio",
        |state, name: Name, value: Dynamic, by: INT, to: Dynamic| {
            state.output_ratio(&name, value, by, Some(to))
        }
    );
    state_fn!(engine, shared, "error_bound", |state, name: Name, absolute: FLOAT| {
        state.error_bound(&name, absolute)
    });
}

/// Without these, numbers beside texts or lists are never equal and never less, in silence.
fn comparisons(engine: &mut Engine) {
    type Text = ImmutableString;
    for name in ["<", "<=", ">", ">=", "==", "!="] {
        let refused = move |what: &str| -> Outcome<bool> {
            refuse(format!("`{name}` compares numbers, or texts, but no {what} with a number"))
        };
        engine.register_fn(name, move |_: Text, _: INT| refused("text"));
        engine.register_fn(name, move |_: INT, _: Text| refused("text"));
        engine.register_fn(name, move |_: Text, _: FLOAT| refused("text"));
        engine.register_fn(name, move |_: FLOAT, _: Text| refused("text"));
        engine.register_fn(name, move |_: Array, _: INT| refused("list"));
        engine.register_fn(name, move |_: INT, _: Array| refused("list"));
        engine.register_fn(name, move |_: Array, _: FLOAT| refused("list"));
        engine.register_fn(name, move |_: FLOAT, _: Array| refused("list"));
    }
}

type Binary = fn(&mut State, Dynamic, Dynamic) -> Outcome<Secret>;

fn operators(engine: &mut Engine, shared: &Shared) {
    let binary: [(&str, Binary); 13] = [
        ("+", State::add),
        ("-", State::sub),
        ("*", State::mul),
        ("/", State::div),
        ("<", State::less),
        (">", State::greater),
        ("<=", State::at_most),
        (">=", State::at_least),
        ("==", State::equal),
        ("!=", State::unequal),
        ("&", State::and),
        ("|", State::or),
        ("^", State::xor),
    ];
    for (name, apply) in binary {
        state_fn!(engine, shared, name, |state, a: Secret, b: Secret| {
            apply(state, Dynamic::from(a), Dynamic::from(b))
        });
        state_fn!(engine, shared, name, |state, a: Secret, b: Dynamic| {
            apply(state, Dynamic::from(a), b)
        });
        state_fn!(engine, shared, name, |state, a: Dynamic, b: Secret| {
            apply(state, a, Dynamic::from(b))
        });
    }
    state_fn!(engine, shared, "-", |state, a: Secret| state.neg(a));
    state_fn!(engine, shared, "!", |state, a: Secret| state.not(a));
    state_fn!(engine, shared, ">>", |state, a: Secret, by: INT| state.shift_right(a, by));
    state_fn!(engine, shared, "<<", |state, a: Secret, by: INT| state.shift_left(a, by));
}

fn functions(engine: &mut Engine, shared: &Shared) {
    let binary: [(&str, Binary); 6] = [
        ("and", State::and),
        ("or", State::or),
        ("xor", State::xor),
        ("max", State::larger),
        ("min", State::smaller),
        ("dot", State::dot),
    ];
    for (name, apply) in binary {
        state_fn!(engine, shared, name, |state, a: Dynamic, b: Dynamic| apply(state, a, b));
    }
    type Unary = fn(&mut State, Dynamic) -> Outcome<Secret>;
    let unary: [(&str, Unary); 7] = [
        ("sum", State::sum),
        ("product", State::product),
        ("max", State::maximum),
        ("min", State::minimum),
        ("argmax", State::argmax),
        ("sort", State::sort),
        ("constant", |state, value| state.node_of(value).map(Secret)),
    ];
    for (name, apply) in unary {
        state_fn!(engine, shared, name, |state, a: Secret| apply(state, Dynamic::from(a)));
        state_fn!(engine, shared, name, |state, a: Array| apply(state, Dynamic::from_array(a)));
    }
    state_fn!(engine, shared, "constant", |state, a: INT| {
        state.node_of(Dynamic::from_int(a)).map(Secret)
    });
    state_fn!(engine, shared, "abs", |state, a: Secret| state.abs(a));
    state_fn!(engine, shared, "sign", |state, a: Secret| state.sign(a));
    state_fn!(engine, shared, "sqrt", |state, a: Secret| state.sqrt(a));
    state_fn!(engine, shared, "reciprocal", |state, a: Secret| state.reciprocal(a));
    state_fn!(engine, shared, "floor", |state, a: Secret| state.floor(a));
    state_fn!(engine, shared, "not", |state, a: Secret| state.not(a));
    state_fn!(engine, shared, "truncation", |state, how: ImmutableString| state.truncation(&how));
    state_fn!(engine, shared, "to_fixed", |state, a: Dynamic, frac: INT| state
        .with_fraction(a, frac));
    state_fn!(engine, shared, "select", |state, bit: Dynamic, a: Dynamic, b: Dynamic| {
        state.select(bit, a, b)
    });
    state_fn!(engine, shared, "divide", |state, a: Dynamic, b: Dynamic, frac: INT, most: INT| {
        state.div_within((a, b), frac, most)
    });
    state_fn!(engine, shared, "top_two", |state, a: Dynamic| state.top_two(a));
    state_fn!(engine, shared, "sort_with", |state, keys: Dynamic, carried: Array| {
        state.sort_with(keys, carried)
    });
}

fn vectors(engine: &mut Engine, shared: &Shared) {
    state_fn!(engine, shared, "len", |state, a: Secret| state.length(a));
    state_fn!(engine, shared, "split", |state, a: Secret| state.split(a));
    state_fn!(engine, shared, "reverse", |state, a: Secret| state.reverse(a));
    state_fn!(engine, shared, "repeat", |state, a: Secret, times: INT| state.repeat(a, times));
    state_fn!(engine, shared, "concat", |state, parts: Array| state.concat(parts));
    state_fn!(engine, shared, "gather", |state, a: Dynamic, at: Array| state.gather(a, at));
    let held = Rc::clone(shared);
    engine.register_get("len", move |a: &mut Secret| held.borrow_mut().length(*a));
    let held = Rc::clone(shared);
    engine.register_indexer_get(move |a: &mut Secret, at: INT| held.borrow_mut().at(*a, at));
    let held = Rc::clone(shared);
    engine.register_indexer_get(move |a: &mut Secret, range: Range<INT>| {
        held.borrow_mut().slice(*a, range)
    });
    let held = Rc::clone(shared);
    engine.register_indexer_get(move |a: &mut Secret, range: RangeInclusive<INT>| {
        let end = range.end().saturating_add(1);
        held.borrow_mut().slice(*a, *range.start()..end)
    });
}

/// Public numbers. Nothing here depends on the machine's mathematical library.
fn numbers(engine: &mut Engine) {
    engine.register_fn("to_float", |x: INT| x as FLOAT);
    engine.register_fn("to_float", |x: FLOAT| x);
    engine.register_fn("floor", FLOAT::floor).register_fn("round", FLOAT::round);
    engine.register_fn("to_int", |x: INT| x);
    engine.register_fn("to_int", |x: FLOAT| -> Outcome<INT> {
        if x.abs() < 9e18 { Ok(x as INT) } else { refuse(format!("{x} is no 64-bit integer")) }
    });
    engine.register_fn("power", |base: INT, exponent: INT| -> Outcome<INT> {
        let exponent = u32::try_from(exponent).ok();
        let power = exponent.and_then(|exponent| base.checked_pow(exponent));
        power.map_or_else(|| refuse("the power is no 64-bit integer"), Ok)
    });
    engine.register_fn("root", |x: FLOAT| -> Outcome<FLOAT> {
        if x >= 0.0 { Ok(x.sqrt()) } else { refuse("the root of a negative number") }
    });
}
