//! All that most programs need: `use numket::prelude::*;`.
//!
//! ```
//! use numket::prelude::*;
//!
//! let mut amplitudes = vec![Complex64::ZERO; 1 << 3];
//! amplitudes[0] = Complex64::ONE;
//! State::new(&mut amplitudes)?.h(0)?.cx(0, 1)?.cx(1, 2)?;
//! assert!((amplitudes[7].re - 0.5f64.sqrt()).abs() < 1e-15);
//! # Ok::<(), Error>(())
//! ```

pub use num_complex::{Complex32, Complex64};

pub use crate::api::{Angle, Circuit, Gates, Ket, Qubits, State, ket, parameter};
pub use crate::error::{Error, Result};
pub use crate::observe::Observable;
pub use crate::pauli_sum::PauliSum;
