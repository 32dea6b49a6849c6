//! The reductions of one round: revealed draws have fixed random values.

use rand::Rng;
use rand_chacha::ChaCha20Rng;

use super::super::elimination::{Echelon, Solution};
use super::super::prime::Prime;
use super::Question;

/// How a round ended.
pub(super) enum Outcome {
    /// Nothing tells the classes apart.
    Equal(Equal),
    /// This does.
    Leaks { relation: Vec<(usize, u128)>, values: [Option<u128>; 2] },
}

/// What a round without a leak went through.
#[derive(Clone, Debug)]
pub(super) struct Equal {
    pub(super) rank: usize,
    /// Reductions of the second kind.
    pub(super) couplings: usize,
    /// Reductions of both kinds.
    pub(super) stages: usize,
    /// All coefficients that reductions used, in order.
    pub(super) coefficients: Vec<u128>,
}

/// A draw that was solved for, as an affine function of others.
struct Solved {
    draw: usize,
    constant: u128,
    others: Vec<(usize, u128)>,
}

/// Derivatives of the rows (inner) by the hidden draws (outer), where they are constant.
type Jacobian = Vec<Vec<Option<u128>>>;

pub(super) struct Round<'a, V> {
    field: Prime,
    view: &'a V,
    points: usize,
    width: usize,
    rng: ChaCha20Rng,
    draws: usize,
    /// Draws with a fixed value.
    fixed: Vec<(usize, u128)>,
    /// Draws that nothing was done about yet.
    hidden: Vec<usize>,
    /// Functionals of the view that are still to be compared.
    rows: Vec<Vec<u128>>,
    /// Per class, in the order in which they were solved for.
    solved: [Vec<Solved>; 2],
    so_far: Equal,
}

impl<'a, V> Round<'a, V>
where
    V: Fn(usize, &[u128]) -> Result<Vec<u128>, String>,
{
    pub(super) fn new(
        question: &Question<'_>,
        view: &'a V,
        width: usize,
        points: usize,
        mut rng: ChaCha20Rng,
    ) -> Self {
        let unit = |at: usize| (0..width).map(|other| u128::from(other == at)).collect();
        let revealed = question.revealed.iter();
        let fixed = revealed.map(|draw| (*draw, uniform(question.field, &mut rng))).collect();
        let hidden = (0..question.draws).filter(|draw| !question.revealed.contains(draw)).collect();
        let so_far = Equal { rank: 0, couplings: 0, stages: 0, coefficients: Vec::new() };
        Round {
            field: question.field,
            view,
            points,
            width,
            rng,
            draws: question.draws,
            fixed,
            hidden,
            rows: (0..width).map(unit).collect(),
            solved: [Vec::new(), Vec::new()],
            so_far,
        }
    }

    /// Reduces until the classes are equal or not; an error says why neither shows.
    pub(super) fn reduce(mut self) -> Result<Outcome, String> {
        loop {
            let jacobians = [self.jacobian(0)?, self.jacobian(1)?];
            if self.quotient(&jacobians) {
                continue;
            }
            let Some((row, values)) = self.first_unequal()? else {
                return Ok(Outcome::Equal(self.so_far));
            };
            if self.hidden.is_empty() {
                let relation = sparse(&self.rows[row]);
                return Ok(Outcome::Leaks { relation, values: values.map(Some) });
            }
            if let Some(leak) = self.couple(&jacobians)? {
                return Ok(leak);
            }
        }
    }

    /// Values of the rows.
    fn values(&self, class: usize, point: &[u128]) -> Result<Vec<u128>, String> {
        let mut draws = point.to_vec();
        // What was solved for later may occur in what was solved for earlier.
        for solved in self.solved[class].iter().rev() {
            let terms = solved.others.iter();
            draws[solved.draw] = terms.fold(solved.constant, |sum, (other, factor)| {
                self.field.add(sum, self.field.mul(*factor, draws[*other]))
            });
        }
        let view = (self.view)(class, &draws)?;
        if view.len() != self.width {
            return Err(format!("views have {} or {} elements", self.width, view.len()));
        }
        Ok(self.rows.iter().map(|row| self.field.dot(row, &view)).collect())
    }

    /// Random values of all draws that are not fixed.
    fn point(&mut self) -> Vec<u128> {
        let mut point: Vec<u128> =
            (0..self.draws).map(|_| uniform(self.field, &mut self.rng)).collect();
        self.fixed.iter().for_each(|(draw, value)| point[*draw] = *value);
        point
    }

    /// The first row with different values in the two classes at a common point, and the values.
    fn first_unequal(&mut self) -> Result<Option<(usize, [u128; 2])>, String> {
        for _ in 0..self.points {
            let point = self.point();
            let [a, b] = [self.values(0, &point)?, self.values(1, &point)?];
            if let Some(row) = (0..a.len()).find(|row| a[*row] != b[*row]) {
                return Ok(Some((row, [a[row], b[row]])));
            }
        }
        Ok(None)
    }

    fn jacobian(&mut self, class: usize) -> Result<Jacobian, String> {
        let hidden = self.hidden.clone();
        let mut jacobian: Jacobian = Vec::new();
        for _ in 0..self.points {
            let point = self.point();
            let at = self.values(class, &point)?;
            let is_first = jacobian.is_empty();
            for (column, draw) in hidden.iter().enumerate() {
                if !is_first && jacobian[column].iter().all(Option::is_none) {
                    continue;
                }
                let step = nonzero(self.field, &mut self.rng);
                let mut moved = point.clone();
                moved[*draw] = self.field.add(moved[*draw], step);
                let (moved, inverse) = (self.values(class, &moved)?, self.field.inv(step));
                let slope =
                    |row: usize| self.field.mul(self.field.sub(moved[row], at[row]), inverse);
                let slopes = (0..at.len()).map(slope);
                if is_first {
                    jacobian.push(slopes.map(Some).collect());
                } else {
                    let entries = jacobian[column].iter_mut().zip(slopes);
                    entries.for_each(|(entry, slope)| *entry = entry.filter(|e| *e == slope));
                }
            }
        }
        Ok(jacobian)
    }

    /// The first reduction; `false` if no draw allows it.
    fn quotient(&mut self, jacobians: &[Jacobian; 2]) -> bool {
        let is_affine = |column: &usize| {
            let [a, b] = [&jacobians[0][*column], &jacobians[1][*column]];
            a == b && a.iter().all(Option::is_some)
        };
        let columns: Vec<usize> = (0..self.hidden.len()).filter(is_affine).collect();
        if columns.is_empty() {
            return false;
        }
        let coefficients = submatrix(&jacobians[0], &columns, 0..self.rows.len());
        let echelon = with_identity(self.field, coefficients.clone());
        self.rows = echelon.rest().map(|kernel| self.combine(kernel, &self.rows)).collect();
        let mut column = 0..;
        self.hidden.retain(|_| column.next().is_none_or(|column| !columns.contains(&column)));
        self.note(echelon.rank(), &coefficients);
        true
    }

    /// The second reduction, or the leak that it finds.
    fn couple(&mut self, jacobians: &[Jacobian; 2]) -> Result<Option<Outcome>, String> {
        let is_affine =
            |row: &usize| jacobians.iter().flatten().all(|column| column[*row].is_some());
        let affine: Vec<usize> = (0..self.rows.len()).filter(is_affine).collect();
        let columns: Vec<usize> = (0..self.hidden.len()).collect();
        let matrices =
            [0, 1].map(|class| submatrix(&jacobians[class], &columns, affine.iter().copied()));
        let functionals: Vec<Vec<u128>> =
            affine.iter().map(|row| self.rows[*row].clone()).collect();
        // At draws of zero the values of affine rows are their constants.
        let mut zero = self.point();
        self.hidden.iter().for_each(|draw| zero[*draw] = 0);
        let values = [self.values(0, &zero)?, self.values(1, &zero)?];
        let constants =
            values.map(|values| affine.iter().map(|row| values[*row]).collect::<Vec<u128>>());

        let echelons = matrices.clone().map(|matrix| with_identity(self.field, matrix));
        for kernel in echelons.iter().flat_map(Echelon::rest) {
            let moves = [0, 1].map(|class| {
                self.combine(kernel, &matrices[class]).iter().any(|entry| *entry != 0)
            });
            let value =
                |class: usize| (!moves[class]).then(|| self.field.dot(kernel, &constants[class]));
            let values = [value(0), value(1)];
            if values[0] != values[1] {
                let relation = sparse(&self.combine(kernel, &functionals));
                return Ok(Some(Outcome::Leaks { relation, values }));
            }
        }
        if echelons[0].rank() == 0 {
            let left = (self.rows.len(), self.hidden.len());
            return Err(format!(
                "{} functionals depend on {} draws in no affine way",
                left.0, left.1
            ));
        }
        let masked: Vec<Vec<u128>> = echelons[0].top().map(<[u128]>::to_vec).collect();
        self.solve(&masked, &matrices, &constants, echelons[0].pivots())?;
        let kept = |row: &usize| !affine.contains(row);
        self.rows = (0..self.rows.len()).filter(kept).map(|row| self.rows[row].clone()).collect();
        matrices.iter().for_each(|matrix| self.so_far.coefficients.extend(matrix.iter().flatten()));
        self.note(masked.len(), &[]);
        self.so_far.couplings += 1;
        Ok(None)
    }

    /// Holds combinations of affine rows at random values, in both classes the same, by solving for
    /// the hidden draws at `pivots`.
    fn solve(
        &mut self,
        masked: &[Vec<u128>],
        matrices: &[Vec<Vec<u128>>; 2],
        constants: &[Vec<u128>; 2],
        pivots: &[usize],
    ) -> Result<(), String> {
        let field = self.field;
        let held: Vec<u128> = masked.iter().map(|_| uniform(field, &mut self.rng)).collect();
        let others: Vec<usize> = (0..self.hidden.len()).filter(|c| !pivots.contains(c)).collect();
        for class in [0, 1] {
            // pivots * solved = held - constant - others * their draws
            let equation = |(row, held): (&Vec<u128>, &u128)| {
                let entries = self.combine(row, &matrices[class]);
                let constant = field.sub(*held, field.dot(row, &constants[class]));
                let others = others.iter().map(|column| field.sub(0, entries[*column]));
                let pivots = pivots.iter().map(|column| entries[*column]);
                pivots.chain([constant]).chain(others).collect()
            };
            let equations = masked.iter().zip(&held).map(equation).collect();
            let echelon = Echelon::of(field, equations, pivots.len());
            let solutions: Option<Vec<_>> =
                (0..=others.len()).map(|target| echelon.solve(target)).collect();
            let Some(solutions) = solutions.filter(|_| echelon.rank() == pivots.len()) else {
                return Err("the two inputs are masked by different draws".to_owned());
            };
            for (at, column) in pivots.iter().enumerate() {
                let factor = |(solution, other): (&Solution, &usize)| {
                    (self.hidden[*other], solution.coefficients[at])
                };
                self.solved[class].push(Solved {
                    draw: self.hidden[*column],
                    constant: solutions[0].coefficients[at],
                    others: solutions[1..].iter().zip(&others).map(factor).collect(),
                });
            }
        }
        self.hidden = others.iter().map(|column| self.hidden[*column]).collect();
        Ok(())
    }

    /// A combination of rows.
    fn combine(&self, factors: &[u128], rows: &[Vec<u128>]) -> Vec<u128> {
        let width = rows.first().map_or(0, Vec::len);
        let mut sum = vec![0; width];
        for (factor, row) in factors.iter().zip(rows).filter(|(factor, _)| **factor != 0) {
            for (sum, entry) in sum.iter_mut().zip(row) {
                *sum = self.field.add(*sum, self.field.mul(*factor, *entry));
            }
        }
        sum
    }

    fn note(&mut self, rank: usize, coefficients: &[Vec<u128>]) {
        self.so_far.rank += rank;
        self.so_far.stages += 1;
        self.so_far.coefficients.extend(coefficients.iter().flatten());
    }
}

/// Rows by columns, from entries that are all constant.
fn submatrix(
    jacobian: &Jacobian,
    columns: &[usize],
    rows: impl IntoIterator<Item = usize>,
) -> Vec<Vec<u128>> {
    let row = |row: usize| columns.iter().filter_map(|column| jacobian[*column][row]).collect();
    rows.into_iter().map(row).collect()
}

fn with_identity(field: Prime, mut matrix: Vec<Vec<u128>>) -> Echelon<Prime> {
    let (height, width) = (matrix.len(), matrix.first().map_or(0, Vec::len));
    for (at, row) in matrix.iter_mut().enumerate() {
        row.extend((0..height).map(|other| u128::from(other == at)));
    }
    Echelon::of(field, matrix, width)
}

fn sparse(row: &[u128]) -> Vec<(usize, u128)> {
    let entries = row.iter().enumerate();
    entries.filter(|(_, value)| **value != 0).map(|(at, value)| (at, *value)).collect()
}

pub(super) fn uniform(field: Prime, rng: &mut ChaCha20Rng) -> u128 {
    let mask = u128::MAX >> field.modulus().leading_zeros();
    loop {
        let drawn = (u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())) & mask;
        if drawn < field.modulus() {
            return drawn;
        }
    }
}

fn nonzero(field: Prime, rng: &mut ChaCha20Rng) -> u128 {
    loop {
        match uniform(field, rng) {
            0 => {}
            drawn => return drawn,
        }
    }
}
