//! What Rust programs use: states on memory of their own, gates, circuits.
//!
//! Nothing is computed here. These types check what they are given, and hand it to the rooms above.

#![warn(missing_debug_implementations)]

mod angle;
mod circuit;
mod gates;
mod ket;
mod qubits;
mod show;
mod state;
mod sums;
mod values;

pub use angle::{Angle, parameter};
pub use circuit::{Circuit, OnlyIf};
pub use gates::{Controlled, Gates};
#[cfg(feature = "python")]
pub(crate) use ket::index_of;
pub use ket::{Ket, ket};
pub use qubits::Qubits;
pub use state::State;
pub use values::Values;

#[cfg(test)]
mod tests;
