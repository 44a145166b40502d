//! What was planned for a circuit, and is kept for its next run.

use std::any::Any;
use std::sync::Arc;

use num_complex::Complex64;
use pyo3::prelude::*;

use super::super::door::too_large;
use super::super::progress::{LONG, Reporter, Task, watched};
use super::Circuit;
use crate::circuit::{Action, Adjoint, Circuit as Core, Compiled, Names, Operation};
use crate::layout::Layout;
use crate::progress::Progress;
use crate::simd::{Isa, Real};

/// What a circuit is: cheap to copy, so that calls work on what they have found.
#[derive(Clone)]
pub struct Inner {
    pub(in super::super) core: Arc<Core>,
    /// The names of the parameters: those given when it was made, then in the order of their first use.
    pub(in super::super) parameters: Arc<Names>,
    /// What was made of it for its last run, a [`Compiled`] of some precision, and the layout that it is for.
    compiled: Option<(Layout, Arc<dyn Any + Send + Sync>)>,
    /// What its last gradient was computed with, an [`Adjoint`] of some precision.
    adjoint: Option<Arc<dyn Any + Send + Sync>>,
}

impl Inner {
    pub(super) fn new(core: Core, parameters: Names) -> Inner {
        Inner { core: Arc::new(core), parameters: Arc::new(parameters), compiled: None, adjoint: None }
    }

    /// Forgets what was planned, because the operations change.
    pub(super) fn forget(&mut self) {
        (self.compiled, self.adjoint) = (None, None);
    }

    /// What was made of the circuit for its last run, if that was for states of this layout and precision.
    pub(super) fn known<T: Real>(&self, layout: &Layout) -> Option<Arc<Compiled<T>>> {
        let (known, compiled) = self.compiled.as_ref()?;
        if known == layout { compiled.clone().downcast().ok() } else { None }
    }
}

impl Circuit {
    /// What to do to states of this layout, for the circuit as it was `taken`: made before, or now. Others may
    /// run meanwhile, and signals stop it.
    pub(super) fn compiled<T: Real>(
        &self,
        py: Python<'_>,
        taken: &Inner,
        layout: &Layout,
        isa: Isa,
    ) -> PyResult<Arc<Compiled<T>>> {
        if let Some(known) = taken.known(layout) {
            return Ok(known);
        }
        check_fits::<T>(&taken.core)?;
        let make = |progress: &Progress<'_>| Compiled::<T>::new(&taken.core, layout, isa, progress);
        let made = Arc::new(planned(py, &taken.core, make)?);
        let mut inner = self.inner();
        if Arc::ptr_eq(&inner.core, &taken.core) {
            inner.compiled = Some((layout.clone(), made.clone()));
        }
        Ok(made)
    }

    /// What computes gradients, for the circuit as it was `taken`.
    pub(super) fn adjoint<T: Real>(
        &self,
        py: Python<'_>,
        taken: &Inner,
        isa: Isa,
    ) -> PyResult<Arc<Adjoint<T>>> {
        if let Some(known) = taken.adjoint.clone().and_then(|known| known.downcast().ok()) {
            return Ok(known);
        }
        check_fits::<T>(&taken.core)?;
        let make = |progress: &Progress<'_>| Adjoint::watched(&taken.core, isa, progress).transpose();
        let made = Arc::new(planned(py, &taken.core, make)??);
        let mut inner = self.inner();
        if Arc::ptr_eq(&inner.core, &taken.core) {
            inner.adjoint = Some(made.clone());
        }
        Ok(made)
    }
}

/// Refuses entries of matrices that the precision `T` cannot hold.
fn check_fits<T: Real>(core: &Core) -> PyResult<()> {
    let large = |entry: &Complex64| !(entry.re as f32).is_finite() || !(entry.im as f32).is_finite();
    let is_large = |operation: &Operation| match operation.action.split_condition().1 {
        Action::Dense(entries) | Action::Diagonal(entries) => entries.iter().any(large),
        _ => false,
    };
    let single = size_of::<T>() == 4;
    match core.operations().iter().position(|operation| single && is_large(operation)) {
        Some(place) => Err(too_large(&format!("operation {place} of the circuit"))),
        None => Ok(()),
    }
}

/// What `make` makes of a circuit, while others may run if it is long, unless a signal stops it.
fn planned<C: Send>(
    py: Python<'_>,
    core: &Core,
    make: impl Fn(&Progress<'_>) -> Option<C> + Sync,
) -> PyResult<C> {
    let made = watched(&Reporter::SILENT, Task::Plan, |progress| {
        Ok(if core.operations().len() < LONG { make(progress) } else { py.detach(|| make(progress)) })
    })?;
    Ok(made.expect("only a signal stops it"))
}
