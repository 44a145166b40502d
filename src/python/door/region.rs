//! Where the numbers of an array lie, and what keeps that memory in place while other threads run.
//!
//! Another thread may give an array other memory while a call works on it without the interpreter. What NumPy
//! 2.0.2 and 2.4.6, measured alike, do about it:
//! ```text
//!                                     resize(refcheck=False)    __setstate__
//! nothing is held                     frees the memory          frees the memory
//! a reference, a buffer, a view,
//!   a capsule of DLPack               frees the memory          frees the memory
//! a weak reference                    ValueError                frees the memory
//! ```
//! (`data` cannot be set in either; dtype, shape and strides can, and leave the memory alone.) So a weak reference
//! is held, and a reference, to the array that owns the memory: of a view, that is the last array it rests on.
//! `__setstate__`, which is there for unpickling, remains, and the documentation says so.

use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use super::header::{Header, is_array};
use super::work::moved;
use crate::lease::Span;

/// Addresses that a call uses, and the array that they belong to.
#[derive(Clone, Copy)]
pub struct Region<'a> {
    /// What to lease.
    pub span: Span,
    array: Option<&'a Bound<'a, PyAny>>,
}

/// Keeps memory in place for as long as it lives.
pub struct Hold<'a> {
    _owner: Bound<'a, PyAny>,
    _weak: Option<Bound<'a, PyWeakrefReference>>,
}

impl<'a> Region<'a> {
    /// No addresses.
    pub const NOWHERE: Region<'static> = Region { span: Span::NOWHERE, array: None };

    /// Those of an array.
    pub fn new(span: Span, array: &'a Bound<'a, PyAny>) -> Region<'a> {
        Region { span, array: Some(array) }
    }

    /// Keeps them in place.
    ///
    /// Making the weak reference may collect garbage, and so run code that changes the array: it is looked at
    /// once more.
    pub fn hold(self) -> PyResult<Option<Hold<'a>>> {
        let Some(array) = self.array else { return Ok(None) };
        let mut owner = array.clone();
        while is_array(&owner)
            && let Some(base) = Header::of(&owner).base
        {
            owner = base.to_owned();
        }
        let weak = is_array(&owner).then(|| PyWeakrefReference::new(&owner)).transpose()?;
        match Header::of(array).covers(&self.span) {
            true => Ok(Some(Hold { _owner: owner, _weak: weak })),
            false => Err(moved("state")),
        }
    }
}
