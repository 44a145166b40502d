//! # numket
//!
//! Quantum gates in place on a state vector that somebody else owns: a NumPy array from Python, a
//! slice from Rust.
//!
//! ```
//! use numket::ket;
//! // The GHZ state (|000> + |111>) / sqrt(2).
//! let psi = ket("000").h(0).cnot(0, 1).cnot(1, 2);
//! assert!((psi.probability("000") - 0.5).abs() < 1e-15);
//! assert!((psi.probability("111") - 0.5).abs() < 1e-15);
//! ```
//!
//! Qubit 0 is the most significant bit of a basis index. The modules below stand in the order in
//! which they may use each other: a module uses only those above it.

pub mod bits;
pub mod phase;
pub mod error;
pub mod memory;
pub mod layout;
pub mod lease;
pub mod state;
pub mod operator;
pub mod pauli_sum;
mod gate_table;
pub mod gates;
pub mod simd;
pub mod kernels;
pub mod progress;
pub mod exec;
pub mod apply;
pub mod observe;
pub mod circuit;
pub mod qasm;
mod ket;

pub use ket::{Ket, ket};

#[cfg(feature = "python")]
mod python;
