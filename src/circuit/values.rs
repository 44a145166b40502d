//! Parameters by name, and their values: one for all states of a batch, or one for each.

use std::borrow::Cow;

use indexmap::IndexSet;

use super::script::distinct_bits;
use super::{Action, Angle, Circuit};
use crate::error::{Error, Result, shortened};
use crate::exec::Crew;
use crate::layout::{Batch, Rows};

/// The names of the parameters of a circuit, in the order of their numbers.
///
/// ```
/// use numket::circuit::{Circuit, Names, Operation};
/// use numket::gates::named;
/// let mut names = Names::default();
/// let theta = names.angle("theta");
/// let mut circuit = Circuit::new(1);
/// circuit.push(Operation::gate(&named::rx, vec![theta.times(2.0)], vec![0], vec![]))?;
/// assert_eq!(names.iter().collect::<Vec<_>>(), ["theta"]);
/// # Ok::<(), numket::error::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Names(IndexSet<String>);

impl PartialEq for Names {
    fn eq(&self, other: &Names) -> bool {
        self.0.as_slice() == other.0.as_slice()
    }
}

impl Names {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(String::as_str)
    }

    /// The name with this number.
    ///
    /// # Panics
    /// Where there is none.
    pub fn name(&self, number: usize) -> &str {
        &self.0[number]
    }

    /// The number of a name, if it is known.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.0.get_index_of(name)
    }

    /// The number of a name, which is added if it is new.
    pub fn add(&mut self, name: &str) -> usize {
        self.number(name).unwrap_or_else(|| self.0.insert_full(name.to_owned()).0)
    }

    /// The angle that is the parameter with this name, which is added if it is new.
    pub fn angle(&mut self, name: &str) -> Angle {
        Angle { offset: 0.0, terms: vec![(self.add(name), 1.0)] }
    }

    /// For each parameter, which of the names in `given` is its own.
    ///
    /// # Errors
    /// [`Error::TwoValues`], [`Error::UnknownParameter`] and [`Error::NoValue`], where not each is there
    /// once, and no other.
    pub fn places_in(&self, given: &[String]) -> Result<Vec<usize>> {
        let mut places = vec![None; self.len()];
        for (place, name) in given.iter().enumerate() {
            match self.number(name) {
                Some(number) if places[number].is_some() => {
                    return Err(Error::TwoValues { name: name.clone() });
                }
                Some(number) => places[number] = Some(place),
                None => {
                    return Err(Error::UnknownParameter { name: name.clone(), known: self.listed() });
                }
            }
        }
        let missing = |number| Error::NoValue { name: self.name(number).into(), known: self.listed() };
        let found = places.into_iter().enumerate();
        found.map(|(number, place)| place.ok_or_else(|| missing(number))).collect()
    }

    /// The names, as messages list them: all of a few, and the first of many.
    pub fn listed(&self) -> String {
        const FEW: usize = 32;
        let first = self.iter().take(FEW).map(shortened).collect::<Vec<_>>().join(", ");
        match self.len().saturating_sub(FEW) {
            0 => first,
            more => format!("{first} and {more} more"),
        }
    }

    /// Forgets all but the first names.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }
}

impl FromIterator<String> for Names {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Names {
        Names(names.into_iter().collect())
    }
}

/// The values of the parameters of a circuit, for one state or for each state of a batch.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// All numbers given.
    numbers: Vec<f64>,
    /// For each parameter, where its numbers begin, and which of `batches` says where states find theirs.
    columns: Vec<(usize, usize)>,
    /// Where each state of a batch finds its own.
    batches: Vec<Batch>,
}

impl Values {
    /// Of no parameters.
    pub const NONE: Values = Values { numbers: Vec::new(), columns: Vec::new(), batches: Vec::new() };

    /// The same values for all states, in the order of the parameters.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn new(numbers: &[f64]) -> Result<Values> {
        let mut values = Values::NONE;
        values.add(&Rows::one(numbers))?;
        Ok(values)
    }

    /// Adds the numbers of as many more parameters as a row has numbers.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn add(&mut self, rows: &Rows<'_, f64>) -> Result<()> {
        if !rows.numbers().iter().all(|value| value.is_finite()) {
            return Err(Error::NotFinite { argument: "params" });
        }
        let first = self.numbers.len();
        self.columns.extend((0..rows.size()).map(|column| (first + column, self.batches.len())));
        self.numbers.extend_from_slice(rows.numbers());
        self.batches.push(rows.batch().clone());
        Ok(())
    }

    /// Whether all states have the same.
    pub fn alike(&self) -> bool {
        self.batches.iter().all(|batch| batch.strides.iter().all(|&stride| stride == 0))
    }

    /// The values for one state, in the order of the parameters.
    pub fn of(&self, state: usize) -> Cow<'_, [f64]> {
        let at = |batch: &Batch| batch.offsets(state..state + 1, 1).next().unwrap_or_default() as usize;
        match &self.batches[..] {
            [] => Cow::Borrowed(&[]),
            // Rows of all parameters.
            [batch] => Cow::Borrowed(&self.numbers[at(batch)..][..self.columns.len()]),
            batches => {
                let offsets: Vec<usize> = batches.iter().map(at).collect();
                let columns = self.columns.iter();
                columns.map(|&(first, batch)| self.numbers[first + offsets[batch]]).collect()
            }
        }
    }

    /// Sees to it that all angles of a circuit are finite for all states.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn check(&self, circuit: &Circuit, states: usize) -> Result<()> {
        let rows = if self.alike() { states.min(1) } else { states };
        (0..rows).try_for_each(|state| circuit.check(&self.of(state)))
    }

    /// For a run that takes one thread `nanos` for each of some states, and `to_bind` to compute numbers: the
    /// crew that it is worth, and its nanoseconds in all. Numbers for all states are computed once and on one
    /// thread, others for each state.
    ///
    /// # Errors
    /// As [`Crew::new`].
    pub fn crew(
        &self,
        nanos: f64,
        to_bind: f64,
        states: usize,
        limit: Option<usize>,
    ) -> Result<(Crew, f64)> {
        let (once, each) = if self.alike() { (to_bind, 0.0) } else { (0.0, to_bind) };
        let nanos = (nanos + each) * states as f64;
        Ok((Crew::new(nanos, limit)?, once + nanos))
    }
}

impl Action {
    /// Gives parameters the numbers that `numbers` lists for theirs.
    pub(crate) fn renumber(&mut self, numbers: &[usize]) {
        let angles = match self {
            Action::If(_, action) => return action.renumber(numbers),
            Action::Gate(_, angles) => &mut angles[..],
            Action::PauliRotation(_, angle) | Action::Phase(_, angle) => std::slice::from_mut(angle),
            _ => &mut [],
        };
        for (number, _) in angles.iter_mut().flat_map(|angle| &mut angle.terms) {
            *number = numbers[*number];
        }
    }

    /// Gives classical bits the numbers that `bits` lists for theirs.
    fn move_bits(&mut self, bits: &[usize]) {
        match self {
            Action::Measure(into, _) => into.iter_mut().for_each(|bit| *bit = bits[*bit]),
            Action::If(condition, action) => {
                condition.iter_mut().for_each(|(bit, _)| *bit = bits[*bit]);
                condition.sort_unstable();
                action.move_bits(bits);
            }
            _ => {}
        }
    }
}

impl Circuit {
    /// Appends all operations of another circuit: its qubit i becomes `qubits[i]`, its classical bit i
    /// `bits[i]`, and its parameter i `parameters[i]`. Its classical bits come with it even if nothing
    /// measures into them. What is refused leaves the circuit as it was.
    ///
    /// ```
    /// use numket::circuit::{Circuit, Operation};
    /// use numket::gates::named;
    /// let mut bell = Circuit::new(2);
    /// bell.push(Operation::gate(&named::h, vec![], vec![0], vec![]))?;
    /// bell.push(Operation::gate(&named::cx, vec![], vec![0, 1], vec![]))?;
    /// let mut circuit = Circuit::new(3);
    /// circuit.compose(&bell, &[2, 0], &[], &[])?;
    /// assert_eq!(circuit.operations()[1].qubits, [2, 0]);
    /// # Ok::<(), numket::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Circuit::push`]; [`Error::OneForEach`] where `qubits` or `bits` do not list one for each, and
    /// [`Error::RepeatedBit`].
    ///
    /// # Panics
    /// Where `parameters` does not list one for each.
    pub fn compose(
        &mut self,
        other: &Circuit,
        qubits: &[usize],
        bits: &[usize],
        parameters: &[usize],
    ) -> Result<()> {
        for (argument, listed, wanted) in
            [("qubits", qubits, other.num_qubits()), ("bits", bits, other.num_bits())]
        {
            if listed.len() != wanted {
                return Err(Error::OneForEach { argument, listed: listed.len(), wanted });
            }
        }
        self.distinct(qubits, &[])?;
        distinct_bits("bits", &mut bits.iter().copied())?;
        let mut longer = self.clone();
        longer.declare_bits(bits.iter().max().map_or(0, |&bit| bit.saturating_add(1)))?;
        for operation in other.operations() {
            let mut operation = operation.clone();
            operation.qubits.iter_mut().for_each(|qubit| *qubit = qubits[*qubit]);
            operation.controls.iter_mut().for_each(|(qubit, _)| *qubit = qubits[*qubit]);
            operation.action.renumber(parameters);
            operation.action.move_bits(bits);
            longer.push(operation)?;
        }
        *self = longer;
        Ok(())
    }
}
