//! The Python module `numket._core`: the only room that names pyo3 and numpy. Thin functions over
//! the core; no logic.

use pyo3::prelude::*;

mod args;
mod arrays;
mod bench;
mod circuit;
mod collapse;
mod door;
mod error;
mod expectation;
mod gates;
mod gradient;
mod ket;
mod kraus;
mod observe;
mod operators;
mod parameters;
mod pauli;
mod pauli_sum;
mod progress;
mod qasm;
mod sample;
mod steps;
mod threads;

#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::arrays::{basis_state, empty_state, little_endian, zero_state};
    #[pymodule_export]
    use super::bench::{config, echo_u64, force_threads, native_ghz, noop, sweep_probe};
    #[pymodule_export]
    use super::circuit::Circuit;
    #[pymodule_export]
    use super::collapse::{measure, project, reset};
    #[pymodule_export]
    use super::error::BufferInUseError;
    #[pymodule_export]
    use super::expectation::{expectation, expectation_in_density, variance};
    #[pymodule_export]
    use super::gradient::{batch_shape, parameter_values, pull_back, share_plans};
    #[pymodule_export]
    use super::ket::{Ket, ket};
    #[pymodule_export]
    use super::kraus::apply_kraus;
    #[pymodule_export]
    use super::observe::{
        fidelity, inner, most_probable, norm, normalize, probabilities, reduced_density_matrix,
    };
    #[pymodule_export]
    use super::operators::{apply, apply_diagonal, apply_permutation};
    #[pymodule_export]
    use super::pauli::{apply_pauli, pauli_rotation};
    #[pymodule_export]
    use super::pauli_sum::PauliSum;
    #[pymodule_export]
    use super::qasm::{read_qasm, write_qasm};
    #[pymodule_export]
    use super::sample::{Sampler, counts, sample};
    #[pymodule_export]
    use super::threads::{get_num_threads, set_num_threads, threads};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::gates::register(module)?;
        super::door::prepare(module)
    }
}
