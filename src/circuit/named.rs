//! A circuit whose parameters have names, and what was planned for it.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::zeros::effective;
use super::{Action, Adjoint, Angle, Circuit, Compiled, Cost, Names, Operation, Start, trotter};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::pauli_sum::PauliSum;
use crate::progress::Progress;
use crate::simd::{Isa, Real};

/// A circuit whose parameters have names. It is cheap to copy, and keeps what was planned for its last run and its
/// last gradient of each precision; copies share that until one of them changes.
///
/// ```
/// use numket::circuit::{Action, Named, Names};
/// use numket::gates::named;
/// let mut circuit = Named::sized(1, 0)?;
/// let mut names = Names::default();
/// let action = Action::Gate(&named::rx, vec![names.angle("theta")]);
/// circuit.push(action, &names, vec![0], vec![])?;
/// circuit.compose(&circuit.inverse()?, &[0], &[])?;
/// assert_eq!(circuit.operations().len(), 2);
/// assert_eq!(circuit.names().iter().collect::<Vec<_>>(), ["theta"]);
/// # Ok::<(), numket::error::Error>(())
/// ```
#[derive(Clone)]
pub struct Named(Arc<Content>);

#[derive(Clone)]
struct Content {
    circuit: Circuit,
    names: Names,
    plans: Plans,
}

/// What is planned for one of the precisions.
type Planned = Arc<dyn Any + Send + Sync>;

/// What is planned for states of a layout.
type ForLayout = (Layout, Planned);

/// What is planned for the operations when it is first needed.
#[derive(Default)]
struct Plans {
    /// For each precision, and for runs from what is given and from |0...0>, a [`Compiled`], and the layout that it is
    /// for.
    runs: Mutex<[[Option<ForLayout>; 2]; 2]>,
    /// For each precision an [`Adjoint`].
    gradients: Mutex<[Option<Planned>; 2]>,
}

impl Clone for Plans {
    /// None yet: a circuit is copied in earnest when it is about to change.
    fn clone(&self) -> Plans {
        Plans::default()
    }
}

/// Where the plans of a precision are kept.
const fn place_of<T>() -> usize {
    (size_of::<T>() == 4) as usize
}

fn lock<K>(kept: &Mutex<K>) -> MutexGuard<'_, K> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Deref for Named {
    type Target = Circuit;

    fn deref(&self) -> &Circuit {
        &self.0.circuit
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Named) -> bool {
        self.0.circuit == other.0.circuit && self.0.names == other.0.names
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Named").field("circuit", &self.0.circuit).field("names", &self.0.names).finish()
    }
}

impl Named {
    /// A circuit whose parameters have these names, in the order of their numbers.
    pub fn new(circuit: Circuit, names: Names) -> Named {
        Named(Arc::new(Content { circuit, names, plans: Plans::default() }))
    }

    /// No operations yet.
    ///
    /// # Errors
    /// As [`Circuit::sized`].
    pub fn sized(num_qubits: i64, num_bits: i64) -> Result<Named> {
        Ok(Named::new(Circuit::sized(num_qubits, num_bits)?, Names::default()))
    }

    /// The names of the parameters, in the order of their numbers: those declared, then that of their first use.
    pub fn names(&self) -> &Names {
        &self.0.names
    }

    /// Appends an operation, whose angles have the parameters that `names` lists; a gate on one qubit once for each
    /// of several. What is refused leaves the circuit as it was.
    ///
    /// # Errors
    /// As [`Circuit::push`].
    pub fn push(
        &mut self,
        mut action: Action,
        names: &Names,
        qubits: Vec<usize>,
        controls: Vec<(usize, bool)>,
    ) -> Result<()> {
        let each = matches!(action.split_condition().1, Action::Gate(gate, _) if gate.qubits.len() == 1);
        let each = each && qubits.len() != 1;
        // What adds no operation adds no parameter.
        let names = if each && qubits.is_empty() { &Names::default() } else { names };
        self.change(names, |circuit, numbers| {
            if !names.is_empty() {
                action.renumber(numbers);
            }
            match each {
                true => circuit.push_each(&action, &qubits, &controls),
                false => circuit.push(Operation { action, qubits, controls }),
            }
        })
    }

    /// The diagonal of an [`Action::Phase`] with these values: one that the circuit has already, if it has.
    ///
    /// # Errors
    /// [`Error::NotFinite`] where a value is not, or its product with a factor in gamma.
    pub fn cost(&self, values: &[f64], gamma: &Angle) -> Result<Arc<Cost>> {
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::NotFinite { argument: "diagonal" });
        }
        let known = self.operations().iter().rev().find_map(|operation| {
            match operation.action.split_condition().1 {
                Action::Phase(cost, _) if cost.values() == values => Some(cost.clone()),
                _ => None,
            }
        });
        let cost = known.unwrap_or_else(|| Cost::new(values).into());
        let mut factors = gamma.terms.iter().map(|&(_, factor)| factor).chain([gamma.offset]);
        match factors.all(|factor| (factor * cost.reach()).is_finite()) {
            true => Ok(cost),
            false => Err(Error::NotFinite { argument: "gamma" }),
        }
    }

    /// Appends an approximation of `exp(-i H t)` by a product formula; see [`trotter`]. Qubit i of H is `qubits[i]`. What
    /// is refused leaves the circuit as it was.
    ///
    /// # Errors
    /// [`Error::SumSize`], as [`trotter`], and as [`Circuit::push`].
    #[allow(clippy::too_many_arguments, reason = "the formula, and where and when it is done")]
    pub fn trotter(
        &mut self,
        sum: &PauliSum,
        (t, names): (&Angle, &Names),
        (steps, order): (i64, i64),
        qubits: &[usize],
        controls: &[(usize, bool)],
        condition: &[(usize, bool)],
    ) -> Result<()> {
        sum.check(qubits.len())?;
        let mut longer = self.clone();
        for operation in trotter(sum, t, steps, order)? {
            let on = operation.qubits.iter().map(|&qubit| qubits[qubit]).collect();
            let action = operation.action.only_if(condition.to_vec());
            longer.push(action, names, on, controls.to_vec())?;
        }
        *self = longer;
        Ok(())
    }

    /// Appends all operations of another circuit; see [`Circuit::compose`]. Parameters of one name are the same.
    ///
    /// # Errors
    /// As there.
    pub fn compose(&mut self, other: &Named, qubits: &[usize], bits: &[usize]) -> Result<()> {
        self.change(&other.0.names, |circuit, numbers| circuit.compose(other, qubits, bits, numbers))
    }

    /// Changes the operations. `change` is given the numbers that `names` have here; where it fails, no name is new.
    #[inline]
    fn change(
        &mut self,
        names: &Names,
        change: impl FnOnce(&mut Circuit, &[usize]) -> Result<()>,
    ) -> Result<()> {
        let Content { circuit, names: own, plans } = Arc::make_mut(&mut self.0);
        *plans = Plans::default();
        if names.is_empty() {
            return change(circuit, &[]);
        }
        let known = own.len();
        let numbers: Vec<usize> = names.iter().map(|name| own.add(name)).collect();
        let changed = change(circuit, &numbers);
        if changed.is_err() {
            own.truncate(known);
        }
        changed
    }

    /// A circuit on the same qubits, classical bits and parameters, with some of its operations.
    ///
    /// # Errors
    /// As [`Circuit::push`].
    pub fn part(&self, operations: Vec<Operation>) -> Result<Named> {
        Ok(Named::new(Circuit::part(self, operations)?, self.0.names.clone()))
    }

    /// The circuit that undoes this one.
    ///
    /// # Errors
    /// [`crate::error::Error::Irreversible`].
    pub fn inverse(&self) -> Result<Named> {
        self.undoable()?;
        Ok(Named::new(Circuit::inverse(self), self.0.names.clone()))
    }

    /// What was made for the last run from such a start on states of this precision, if these had this layout.
    pub fn known<T: Real>(&self, layout: &Layout, start: Start) -> Option<Arc<Compiled<T>>> {
        let runs = lock(&self.0.plans.runs);
        let (known, compiled) = runs[place_of::<T>()][start as usize].as_ref()?;
        if known == layout { compiled.clone().downcast().ok() } else { None }
    }

    /// What does the operations to states of this layout from such a start: made before, or now. None if it is stopped.
    ///
    /// From |0...0>, what changes nothing is left out.
    ///
    /// # Errors
    /// As [`Circuit::fits_precision`], and for real states as [`Circuit::check_real`].
    pub fn compiled<T: Real>(
        &self,
        layout: &Layout,
        start: Start,
        isa: Isa,
        progress: &Progress<'_>,
    ) -> Result<Option<Arc<Compiled<T>>>> {
        if let Some(known) = self.known(layout, start) {
            return Ok(Some(known));
        }
        self.fits_precision::<T>()?;
        if layout.is_real() {
            self.check_real()?;
        }
        let made = match if start == Start::Zeros { self.left_of_zeros()? } else { None } {
            Some(part) => Compiled::<T>::new(&part, layout, isa, progress).map(Arc::new),
            None if start == Start::Zeros => self.compiled(layout, Start::Given, isa, progress)?,
            None => Compiled::<T>::new(self, layout, isa, progress).map(Arc::new),
        };
        let Some(made) = made else { return Ok(None) };
        lock(&self.0.plans.runs)[place_of::<T>()][start as usize] = Some((layout.clone(), made.clone()));
        Ok(Some(made))
    }

    /// The circuit without operations that change nothing when it begins with |0...0>, if there are any.
    fn left_of_zeros(&self) -> Result<Option<Circuit>> {
        if !self.is_unitary() {
            return Ok(None);
        }
        let kept = effective(self.operations(), self.num_qubits());
        kept.map(|kept| Circuit::part(self, kept)).transpose()
    }

    /// What computes gradients on states of this precision, if it was made before.
    pub fn known_adjoint<T: Real>(&self) -> Option<Arc<Adjoint<T>>> {
        lock(&self.0.plans.gradients)[place_of::<T>()].clone()?.downcast().ok()
    }

    /// The same: made before, or now. None if it is stopped.
    ///
    /// # Errors
    /// As [`Circuit::fits_precision`] and [`Adjoint::new`].
    pub fn adjoint<T: Real>(
        &self,
        isa: Isa,
        progress: &Progress<'_>,
    ) -> Result<Option<Arc<Adjoint<T>>>> {
        if let Some(known) = self.known_adjoint() {
            return Ok(Some(known));
        }
        self.fits_precision::<T>()?;
        let Some(made) = Adjoint::watched(self, isa, progress)? else { return Ok(None) };
        let made = Arc::new(made);
        lock(&self.0.plans.gradients)[place_of::<T>()] = Some(made.clone());
        Ok(Some(made))
    }
}
