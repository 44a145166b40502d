//! # numket
//!
//! Quantum gates in place on a state vector that somebody else owns: a NumPy array from Python, a
//! slice from Rust.
//!
//! ```
//! use numket::prelude::*;
//!
//! let mut amplitudes = vec![Complex64::ZERO; 1 << 3]; // your memory
//! amplitudes[0] = Complex64::ONE;
//!
//! // The GHZ state (|000> + |111>) / sqrt(2), in place.
//! let mut psi = State::new(&mut amplitudes)?;
//! psi.h(0)?.cx(0, 1)?.cx(1, 2)?;
//!
//! assert!((psi.probability("111")? - 0.5).abs() < 1e-15);
//! assert!(psi.sample(.., 1000, 7)?.iter().all(|&index| index == 0 || index == 7));
//! # Ok::<(), Error>(())
//! ```
//!
//! - [`State`] is a state in memory of yours, and [`Ket`] one that owns its amplitudes.
//! - [`Gates`] are the methods of states and circuits.
//! - [`Circuit`] has named parameters, fuses its gates, and gives gradients.
//! - [`PauliSum`] is a Hamiltonian, [`Observable`] whatever has an expectation value.
//!
//! Qubit 0 is the most significant bit of a basis index. Calls use all cores where it is worth it, or as
//! many as [`set_num_threads`] or the environment variable `NUMKET_NUM_THREADS`, else `OMP_NUM_THREADS`, says; that
//! never changes a bit of a result.
//!
//! # Features
//! `python` adds the Python module. Without it, which is the default, the crate knows no Python.

// The modules stand in the order in which they may use each other: a module uses only those above it. Those that
// are hidden are no part of the interface: they are public for tests and examples of their own.
#[doc(hidden)]
pub mod bits;
#[doc(hidden)]
pub mod phase;
#[doc(hidden)]
pub mod philox;
pub mod error;
#[doc(hidden)]
pub mod memory;
#[doc(hidden)]
pub mod layout;
#[doc(hidden)]
pub mod lease;
#[doc(hidden)]
pub mod state;
#[doc(hidden)]
pub mod operator;
#[doc(hidden)]
pub mod pauli_sum;
mod gate_table;
#[cfg(feature = "python")]
mod gate_docs;
#[doc(hidden)]
pub mod gates;
#[doc(hidden)]
pub mod simd;
#[doc(hidden)]
pub mod kernels;
#[doc(hidden)]
pub mod progress;
#[doc(hidden)]
pub mod exec;
#[doc(hidden)]
pub mod apply;
#[doc(hidden)]
pub mod observe;
#[doc(hidden)]
pub mod dynamics;
#[doc(hidden)]
pub mod circuit;
#[doc(hidden)]
pub mod qasm;
mod api;
pub mod prelude;

pub use api::{Angle, Circuit, Controlled, Gates, Ket, OnlyIf, Qubits, State, Values, ket, parameter};
pub use error::{Error, Result};
pub use exec::{num_threads, set_num_threads};
pub(crate) use gate_table::with_gates;
pub use num_complex::{Complex32, Complex64};
pub use observe::Observable;
pub use operator::PauliString;
pub use pauli_sum::PauliSum;
pub use simd::Real;

#[cfg(feature = "python")]
mod python;

/// The README's example in Rust, to be tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
