//! Thin functions: each reads its arguments, then the arrays, checks, and calls one verb of the core.

pub mod arrays;
pub mod bench;
pub mod collapse;
pub mod dynamics;
pub mod gates;
pub mod kraus;
pub mod observe;
pub mod operators;
pub mod pauli;
pub mod qubits;
pub mod reading;
pub mod sample;
pub mod threads;
