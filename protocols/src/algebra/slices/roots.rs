//! Inverses and inverse roots of many elements at once.

use mpclab_sim::work;

use crate::algebra::PrimeField;

/// The inverses of all elements for the price of one inversion and three multiplications each;
/// `None` if one of them is zero.
#[must_use]
pub fn inverses<F: PrimeField>(a: &[F]) -> Option<Vec<F>> {
    work::did(F::MUL, 3 * a.len() + 2 * F::BITS as usize);
    let mut product = F::ONE;
    let mut inverses: Vec<F> = Vec::with_capacity(a.len());
    for a in a {
        inverses.push(product);
        product *= *a;
    }
    let mut suffix = product.inv()?;
    for (inverse, a) in inverses.iter_mut().zip(a).rev() {
        *inverse *= suffix;
        suffix *= *a;
    }
    Some(inverses)
}

/// Elements that are raised to a power side by side, so that none waits for its own last product.
const LANES: usize = 8;

/// [`PrimeField::inverse_root`] of each element.
#[must_use]
pub fn inverse_roots<F: PrimeField>(a: &[F]) -> Vec<F> {
    work::did(F::MUL, a.len() * inverse_root_products::<F>() as usize);
    let exponent = root_exponent::<F>();
    let mut roots = Vec::with_capacity(a.len());
    for a in a.chunks(LANES) {
        let mut lanes = [F::ZERO; LANES];
        lanes[..a.len()].copy_from_slice(a);
        roots.extend_from_slice(&power(lanes, exponent)[..a.len()]);
    }
    roots
}

/// Products that [`inverse_roots`] takes for each element.
#[must_use]
pub fn inverse_root_products<F: PrimeField>() -> u64 {
    let exponent = root_exponent::<F>();
    if exponent == 0 {
        return 0;
    }
    let (ones, rest) = runs(exponent);
    let below = exponent & ((1 << rest) - 1);
    let grows = ones.ilog2() + ones.count_ones() - 1;
    u64::from(ones - 1 + rest + grows + below.count_ones())
}

fn root_exponent<F: PrimeField>() -> u128 {
    (F::MODULUS - 3) / 4
}

/// How many ones an exponent that is not zero begins with, and how many bits follow.
fn runs(exponent: u128) -> (u32, u32) {
    let ones = (exponent << exponent.leading_zeros()).leading_ones();
    (ones, 128 - exponent.leading_zeros() - ones)
}

/// A power of several elements. The exponents of roots begin with a long run of ones; it
/// grows by doubling, so it costs few products besides its squares.
fn power<F: PrimeField>(a: [F; LANES], exponent: u128) -> [F; LANES] {
    if exponent == 0 {
        return [F::ONE; LANES];
    }
    let times = |a: [F; LANES], b: [F; LANES]| std::array::from_fn(|at| a[at] * b[at]);
    let squared = |a: [F; LANES], times: u32| {
        (0..times).fold(a, |a: [F; LANES], _| a.map(|element| element * element))
    };
    let (ones, rest) = runs(exponent);
    // a to the power of 2^run - 1.
    let (mut power, mut run) = (a, 1);
    for bit in (0..ones.ilog2()).rev() {
        power = times(squared(power, run), power);
        run *= 2;
        if (ones >> bit) & 1 == 1 {
            power = times(squared(power, 1), a);
            run += 1;
        }
    }
    for bit in (0..rest).rev() {
        power = squared(power, 1);
        if (exponent >> bit) & 1 == 1 {
            power = times(power, a);
        }
    }
    power
}
