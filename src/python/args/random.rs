//! Random numbers of the user's generator, and numbers of shots.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::super::door::Numbers;
use super::super::error::{is_of_the_user, own_or, shown};
use super::super::invoke::{Invoke, plain};
use super::super::package::{DEFAULT_RNG, GENERATOR, OF_64_BITS};
use super::index;
use crate::error::Error;
use crate::philox;

/// A number of shots, up to `limit`.
pub fn shots_of(given: &Bound<'_, PyAny>, limit: u64) -> PyResult<u64> {
    let shots = index("shots", given)?;
    let refused = || Error::Shots { given: shots.to_string(), limit };
    Ok(u64::try_from(shots).ok().filter(|&shots| shots <= limit).ok_or_else(refused)?)
}

/// The generator that `rng` stands for.
pub fn generator<'py>(py: Python<'py>, rng: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    if let Some(rng) = rng
        && is_plain(rng)?
    {
        return Ok(rng.clone());
    }
    let error = match DEFAULT_RNG.get(py)?.invoke((rng,)) {
        Ok(made) => return Ok(made),
        Err(error) => error,
    };
    // NumPy shows what it refuses, which may raise an error of its own: a str, whatever it is, is none of ours.
    let is_ours =
        |given: &&Bound<'_, PyAny>| given.is_instance_of::<PyString>() || !is_of_the_user(py, &error);
    let Some(given) = rng.filter(is_ours) else { return Err(error) };
    let message = format!(
        "'rng' is {}; it must be what np.random.default_rng takes: use None, an int from 0 on, or a Generator",
        shown(given)?
    );
    Err(match error.is_instance_of::<PyTypeError>(py) {
        true => PyTypeError::new_err(message),
        false => PyValueError::new_err(message),
    })
}

/// Whether it is a generator of NumPy's, and of no subclass.
fn is_plain(rng: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(rng.get_type().is(GENERATOR.get(rng.py())?))
}

/// What gives the next words of a plain generator, one by one, if they have 64 bits: its own methods take ten times as
/// long for one number. They make a number of one word, as is done here.
fn words<'py>(generator: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    if !is_plain(generator)? {
        return Ok(None);
    }
    let py = generator.py();
    let bits = generator.attribute(intern!(py, "bit_generator"))?;
    for known in &OF_64_BITS {
        if bits.get_type().is(known.get(py)?) {
            return bits.attribute(intern!(py, "random_raw")).map(Some);
        }
    }
    Ok(None)
}

/// Up to so many numbers are drawn one by one: 0.1 us each, where an array of them takes 0.6.
const ONE_BY_ONE: usize = 4;

/// Numbers in [0, 1) that a generator draws for an array of this shape, in C order. Runs Python code.
pub fn uniforms(generator: &Bound<'_, PyAny>, shape: &[usize]) -> PyResult<Vec<f64>> {
    let count = shape.iter().try_fold(1usize, |count, &len| count.checked_mul(len));
    if let Some(count) = count.filter(|&count| count <= ONE_BY_ONE)
        && let Some(word) = words(generator)?
    {
        let uniform = |_| Ok(philox::unit(plain(&word.invoke(())?)?));
        return (0..count).map(uniform).collect();
    }
    let drawn = generator.invoke_method("random", (PyTuple::new(generator.py(), shape)?,))?;
    let drawn = Numbers::<f64>::read("rng", &drawn)?;
    if drawn.shape != shape {
        return Err(PyValueError::new_err(
            "'rng' drew another number of numbers than it was asked for; there must be one for each draw \
             from each state: use np.random.default_rng()",
        ));
    }
    // A copy, because nobody knows whose memory the generator has returned.
    Ok(drawn.as_slice().to_vec())
}

/// The key of a call: one number of a generator.
pub fn key_of(py: Python<'_>, rng: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
    let generator = generator(py, rng)?;
    if let Some(word) = words(&generator)? {
        return plain(&word.invoke(())?);
    }
    let options = PyDict::new(py);
    options.set_item("dtype", "uint64")?;
    options.set_item("endpoint", true)?;
    let drawn = generator.attribute("integers")?.invoke_with((0, u64::MAX), Some(&options))?;
    drawn.whole().and_then(|drawn| plain(&drawn)).map_err(|error| {
        own_or(py, error, || {
            PyValueError::new_err(
                "'rng' drew no whole number of 64 bits; it is asked for one: use np.random.default_rng()",
            )
        })
    })
}
