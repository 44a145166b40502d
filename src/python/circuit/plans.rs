//! What is planned for a circuit, while signals may stop it.

use std::sync::Arc;

use pyo3::prelude::*;

use super::super::progress::{LONG, Reporter, Task, watched};
use crate::circuit::{Adjoint, Compiled, Named, Start};
use crate::layout::Layout;
use crate::progress::Progress;
use crate::simd::{Isa, Real};

/// What to do to states of this layout, from such a start: made before, or now. Others may run meanwhile, and signals stop it.
pub fn compiled<T: Real>(
    py: Python<'_>,
    circuit: &Named,
    layout: &Layout,
    start: Start,
) -> PyResult<Arc<Compiled<T>>> {
    if let Some(known) = circuit.known(layout, start) {
        return Ok(known);
    }
    let isa = Isa::chosen()?;
    Ok(planned(py, circuit, |progress| circuit.compiled(layout, start, isa, progress).transpose())??)
}

/// What computes gradients.
pub fn adjoint<T: Real>(py: Python<'_>, circuit: &Named) -> PyResult<Arc<Adjoint<T>>> {
    if let Some(known) = circuit.known_adjoint() {
        return Ok(known);
    }
    let isa = Isa::chosen()?;
    Ok(planned(py, circuit, |progress| circuit.adjoint(isa, progress).transpose())??)
}

/// What `make` makes of a circuit, while others may run if it is long, unless a signal stops it.
fn planned<C: Send>(
    py: Python<'_>,
    circuit: &Named,
    make: impl Fn(&Progress<'_>) -> Option<C> + Sync,
) -> PyResult<C> {
    let made = watched(&Reporter::SILENT, Task::Plan, |progress| {
        Ok(if circuit.operations().len() < LONG { make(progress) } else { py.detach(|| make(progress)) })
    })?;
    Ok(made.expect("only a signal stops it"))
}
