//! What a Hamiltonian makes of states: evolution in time, and its lowest eigenstates.
//!
//! All of it is recurrences over products of the Hamiltonian and a vector, on a few vectors of the crate's own
//! (`hamiltonian`). The states themselves are written once, at the end, so work that is stopped leaves them as they
//! were.

mod bessel;
mod bound;
mod evolution;
mod ground;
mod hamiltonian;

pub use bound::spectrum;
pub use evolution::{Evolution, Kind, MAX_PHASE};
pub use ground::Ground;
pub use hamiltonian::{Adding, Hamiltonian};

#[cfg(test)]
mod tests;
