//! A circuit made ready to run: planned for states of one layout, with its numbers as far as they are known.

use super::facts::SweepFacts;
use super::run::{BindingPool, Start, run_batch};
use super::script::{NoNormAt, Script, run_scripts};
use super::{Binding, Circuit, Program, Values};
use crate::error::Result;
use crate::exec::Crew;
use crate::layout::Layout;
use crate::progress::Progress;
use crate::simd::{Isa, Real};
use crate::state::StatesMut;

/// What is to be done to states of some layout and precision.
///
/// ```
/// use num_complex::Complex64;
/// use numket::circuit::{Circuit, Compiled, Operation, Start, Values};
/// use numket::{exec::Crew, gates::named, layout::Layout, progress::Progress, state::StatesMut};
///
/// let mut circuit = Circuit::new(1);
/// circuit.push(Operation::gate(&named::h, vec![], vec![0], vec![]))?;
/// let (layout, crew, progress) = (Layout::flat(1), Crew::alone()?, Progress::unwatched());
/// let compiled = Compiled::new(&circuit, &layout, crew.isa, &progress).unwrap();
/// let mut psi = [Complex64::ONE, Complex64::ZERO];
/// let mut states = StatesMut::new(&mut psi, &layout);
/// compiled.run(&mut states, Start::Given, &Values::NONE, &[], &mut [], crew, &progress).unwrap();
/// assert!((psi[1].re - 0.5f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), numket::error::Error>(())
/// ```
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one for each circuit, behind a pointer")]
pub enum Compiled<T> {
    /// A circuit that only has unitary operations, under no condition.
    Unitary {
        /// What is done.
        program: Program,
        /// Its numbers, if no parameter changes them.
        known: Option<Binding<T>>,
        /// Room for others.
        pool: BindingPool<Binding<T>>,
    },
    /// A circuit that measures, resets, or has channels or conditions.
    Drawing {
        /// What is done.
        script: Script,
        /// The numbers of its programs, if no parameter changes them.
        known: Option<Vec<Binding<T>>>,
        /// Room for others.
        pool: BindingPool<Vec<Binding<T>>>,
    },
}

impl<T: Real> Compiled<T> {
    /// Plans a circuit for states of this layout, for these lanes. None if it is stopped.
    ///
    /// # Panics
    /// Where the layout has not as many qubits.
    pub fn new(
        circuit: &Circuit,
        layout: &Layout,
        isa: Isa,
        progress: &Progress<'_>,
    ) -> Option<Compiled<T>> {
        let varies = circuit.operations().iter().any(super::Operation::has_parameters);
        if circuit.is_unitary() {
            let program = Program::watched::<T>(circuit, layout, isa, progress)?;
            let mut known = (!varies).then(Binding::default);
            let bound = |binding| program.rebind(binding, &[], progress);
            let pool = BindingPool::default();
            known.as_mut().is_none_or(bound).then_some(Compiled::Unitary { program, known, pool })
        } else {
            let script = Script::watched::<T>(circuit, layout, isa, progress)?;
            let mut known = (!varies).then(Vec::new);
            let bound = |bindings| script.rebind(bindings, &[], progress);
            let pool = BindingPool::default();
            known.as_mut().is_none_or(bound).then_some(Compiled::Drawing { script, known, pool })
        }
    }

    /// Does it to each state, in place, from this start, for the values of the parameters. Each state has its own part of
    /// `uniforms`, numbers in [0, 1) of which each draw takes one, and of `bits`, the classical bits, all 0 at
    /// first; both are empty where nothing is drawn.
    ///
    /// If it is stopped, some operations are done on some parts of states, all of them whole, so that unitary
    /// ones have kept the norm.
    ///
    /// # Errors
    /// [`NoNormAt`] for the first state that has none. The others are done.
    ///
    /// # Panics
    /// Where the states have another layout, a parameter is missing, or there are not as many `uniforms` and
    /// `bits` as the circuit takes.
    #[allow(
        clippy::too_many_arguments,
        reason = "the states, where they start, the numbers, and how to run"
    )]
    pub fn run(
        &self,
        states: &mut StatesMut<'_, T>,
        start: Start,
        values: &Values,
        uniforms: &[f64],
        bits: &mut [i8],
        crew: Crew,
        progress: &Progress<'_>,
    ) -> std::result::Result<(), NoNormAt> {
        if values.alike() {
            return self.run_alike(states, start, &values.of(0), uniforms, bits, crew, progress);
        }
        match self {
            Compiled::Unitary { program, pool, .. } => {
                let bind = |state: usize| {
                    let mut binding = pool.lend();
                    program.rebind(&mut binding, &values.of(state), progress).then_some(binding)
                };
                run_batch(states, start, program, bind, true, crew, progress);
                Ok(())
            }
            Compiled::Drawing { script, pool, .. } => {
                let bind = |state: usize| {
                    let mut binding = pool.lend();
                    script.rebind(&mut binding, &values.of(state), progress).then_some(binding)
                };
                let to_bind = script.nanos_to_bind();
                run_scripts(states, start, script, bind, to_bind, uniforms, bits, crew, progress)
            }
        }
    }

    /// As [`Compiled::run`], with the same values of the parameters for all states, which are given in order.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    #[allow(clippy::too_many_arguments, reason = "as for `run`")]
    pub fn run_alike(
        &self,
        states: &mut StatesMut<'_, T>,
        start: Start,
        values: &[f64],
        uniforms: &[f64],
        bits: &mut [i8],
        crew: Crew,
        progress: &Progress<'_>,
    ) -> std::result::Result<(), NoNormAt> {
        match self {
            Compiled::Unitary { program, known: Some(known), .. } => {
                run_batch(states, start, program, |_| Some(known), false, crew, progress);
                Ok(())
            }
            Compiled::Unitary { program, known: None, pool } => {
                let mut binding = pool.lend();
                if program.rebind(&mut binding, values, progress) {
                    run_batch(states, start, program, |_| Some(&*binding), false, crew, progress);
                }
                Ok(())
            }
            Compiled::Drawing { script, known: Some(known), .. } => {
                run_scripts(states, start, script, |_| Some(known), 0.0, uniforms, bits, crew, progress)
            }
            Compiled::Drawing { script, known: None, pool } => {
                let mut binding = pool.lend();
                if !script.rebind(&mut binding, values, progress) {
                    return Ok(());
                }
                let binding = |_| Some(&*binding);
                run_scripts(states, start, script, binding, 0.0, uniforms, bits, crew, progress)
            }
        }
    }

    /// The crew that a run on so many states is worth, and its nanoseconds of one thread in all.
    ///
    /// # Errors
    /// As [`Crew::new`].
    pub fn crew(&self, values: &Values, states: usize, limit: Option<usize>) -> Result<(Crew, f64)> {
        let to_bind = match self {
            Compiled::Unitary { known: None, program, .. } => program.nanos_to_bind(),
            Compiled::Drawing { known: None, script, .. } => script.nanos_to_bind(),
            _ => 0.0,
        };
        values.crew(self.nanos(), to_bind, states, limit)
    }

    /// What one thread needs for a state, in nanoseconds.
    pub fn nanos(&self) -> f64 {
        match self {
            Compiled::Unitary { program, .. } => program.nanos(),
            Compiled::Drawing { script, .. } => script.nanos(),
        }
    }

    /// Steps of all sweeps, as a [`Progress`] is told of them.
    pub fn steps(&self) -> usize {
        match self {
            Compiled::Unitary { program, .. } => program.steps(),
            Compiled::Drawing { script, .. } => script.len(),
        }
    }

    /// Whether a run from |0...0> only writes the state.
    pub fn only_writes(&self) -> bool {
        matches!(self, Compiled::Unitary { program, .. } if program.sparse)
    }

    /// Whether the state is cleared for a run from |0...0>, before its sweeps.
    pub fn clears(&self) -> bool {
        !matches!(self, Compiled::Unitary { program, .. } if program.uncleared > 0)
    }

    /// How often the whole state is read or written, at most.
    pub fn ways(&self) -> usize {
        match self {
            Compiled::Unitary { program, .. } => program.ways(),
            Compiled::Drawing { script, .. } => script.ways(),
        }
    }

    /// Passes of all sweeps.
    pub fn passes(&self) -> usize {
        match self {
            Compiled::Unitary { program, .. } => program.passes(),
            Compiled::Drawing { script, .. } => script.passes(),
        }
    }

    /// Arithmetic instructions of all passes for each register of real numbers.
    pub fn work(&self) -> usize {
        match self {
            Compiled::Unitary { program, .. } => program.work(),
            Compiled::Drawing { script, .. } => script.work(),
        }
    }

    /// What is to be told of each sweep over the state.
    pub fn sweeps(&self) -> Vec<SweepFacts> {
        match self {
            Compiled::Unitary { program, .. } => program.sweeps(),
            Compiled::Drawing { script, .. } => script.sweeps(),
        }
    }
}
