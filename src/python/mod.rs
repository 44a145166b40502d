//! The Python module `numket._core`: the only room that names pyo3 and numpy. Thin functions over
//! the core; no logic.

#![allow(clippy::too_many_arguments, reason = "arguments are those that Python functions have")]

use pyo3::prelude::*;

mod args;
mod calls;
mod circuit;
mod door;
mod error;
mod invoke;
mod ket;
mod package;
mod pauli_sum;
mod progress;
mod qasm;

#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::{
        args::{index, qubits},
        calls::{
            arrays::{basis_state, empty_state, little_endian, zero_state},
            bench::{config, echo_u64, force_threads, free_memory, native_ghz, noop, sweep_probe},
            collapse::{measure, project, reset},
            dynamics::{evolve, ground_state},
            kraus::apply_kraus,
            observe::{
                fidelity, inner, norm, normalize, overview, probabilities, reduced_density_matrix,
            },
            operators::{apply, apply_diagonal, apply_permutation},
            pauli::{apply_pauli, pauli_rotation},
            qubits::{bloch_vectors, correlations},
            reading::{expectation, expectation_in_density, variance},
            sample::{Sampler, counts, sample},
            threads::{get_num_threads, set_num_threads, threads},
        },
        circuit::{Circuit, on_density, pull_back, read_qiskit},
        door::Ket,
        error::{BufferInUseError, ParameterError, shown},
        ket::ket,
        pauli_sum::PauliSum,
        qasm::{read_qasm, write_qasm},
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::calls::threads::prepare()?;
        super::calls::gates::register(module)?;
        super::error::prepare(module.py())?;
        super::door::prepare(module)
    }
}
