//! The Python module `numket._core`: the only room that names pyo3 and numpy. Thin functions over
//! the core; no logic.

use pyo3::prelude::*;

mod args;
mod calls;
mod circuit;
mod door;
mod error;
mod ket;
mod package;
mod pauli_sum;
mod progress;
mod qasm;

#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::calls::arrays::{basis_state, empty_state, little_endian, zero_state};
    #[pymodule_export]
    use super::calls::bench::{config, echo_u64, force_threads, native_ghz, noop, sweep_probe};
    #[pymodule_export]
    use super::calls::collapse::{measure, project, reset};
    #[pymodule_export]
    use super::calls::kraus::apply_kraus;
    #[pymodule_export]
    use super::calls::observe::{
        fidelity, inner, most_probable, norm, normalize, probabilities, reduced_density_matrix,
    };
    #[pymodule_export]
    use super::calls::operators::{apply, apply_diagonal, apply_permutation};
    #[pymodule_export]
    use super::calls::pauli::{apply_pauli, pauli_rotation};
    #[pymodule_export]
    use super::calls::reading::{expectation, expectation_in_density, variance};
    #[pymodule_export]
    use super::calls::sample::{Sampler, counts, sample};
    #[pymodule_export]
    use super::calls::threads::{get_num_threads, set_num_threads, threads};
    #[pymodule_export]
    use super::circuit::{Circuit, parameter_values};
    #[pymodule_export]
    use super::error::BufferInUseError;
    #[pymodule_export]
    use super::ket::{Ket, ket};
    #[pymodule_export]
    use super::pauli_sum::PauliSum;
    #[pymodule_export]
    use super::qasm::{read_qasm, write_qasm};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::calls::gates::register(module)?;
        super::door::prepare(module)
    }
}
