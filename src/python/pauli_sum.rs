//! Sums of Pauli strings as Python values.

use num_complex::Complex64;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyDict, PyFloat, PyFrozenSet, PyList, PyString, PyTuple, PyType};

use super::args;
use super::door::{is_array, unwrapped};
use super::error::{is_of_the_user, kind_of, optional, own_or, shown, wrong_type};
use super::invoke::{Invoke, plain};
use super::package::{LINEAR_OPERATOR, SUM_LATEX, SUM_MATRIX};
use crate::error::Error;
use crate::operator::PauliString;
use crate::pauli_sum::{MAX_QUBITS, PauliSum as Core, Terms};

/// A sum of Pauli strings with coefficients, such as a Hamiltonian: an immutable value.
///
/// Equal strings are merged, and what cancels is left out. Sums of as many qubits are added with
/// + and -, and multiplied with @ as matrices are; * and / take numbers. A number that is added
/// counts as that multiple of the identity, so sum() adds a list. Sums are compared, hashed,
/// copied and pickled by value.
///
/// Parameters
/// ----------
/// terms : mapping of str to number, or iterable
///     For each string its letters I, X, Y or Z, qubit 0 first, and its coefficient. Or tuples
///     (letters, coefficient), or (letters, qubits, coefficient) for letters that belong to these
///     qubits.
/// num_qubits : int, optional
///     Needed where terms list qubits, or where there is no term.
///
/// Attributes
/// ----------
/// num_qubits : int
///     The number of qubits.
/// hermitian : bool
///     Whether all coefficients are real.
///
/// Raises
/// ------
/// TypeError
///     Where a term is none of these tuples, or a coefficient is no number.
/// ValueError
///     Where there is another letter, strings differ in length, a qubit is out of range or listed
///     twice, a coefficient is not finite, or the number of qubits is not known.
///
/// Examples
/// --------
/// >>> import numket as nk
/// >>> nk.PauliSum({"XXI": 0.5, "ZIZ": -1})
/// PauliSum({'XXI': 0.5, 'ZIZ': -1.0})
///
/// The Ising model in a transverse field, on 4 qubits:
///
/// >>> chain = nk.PauliSum([("ZZ", (q, q + 1), -1) for q in range(3)], num_qubits=4)
/// >>> chain += nk.PauliSum([("X", q, 0.5) for q in range(4)], num_qubits=4)
/// >>> len(chain), chain.expectation(nk.zero_state(4))
/// (7, -3.0)
#[pyclass(module = "numket", frozen)]
#[derive(PartialEq)]
pub struct PauliSum {
    pub(super) core: Core,
}

/// Terms that `repr` and LaTeX show.
const SHOWN: usize = 8;

/// A coefficient: whatever `complex` takes, except a string.
fn coefficient(given: &Bound<'_, PyAny>) -> PyResult<Complex64> {
    let py = given.py();
    if !given.is_instance_of::<PyString>() {
        match py.get_type::<PyComplex>().invoke((given,)) {
            Ok(value) => {
                let value = value.cast_into::<PyComplex>()?;
                let value = Complex64::new(value.real(), value.imag());
                return match value.is_finite() {
                    true => Ok(value),
                    false => Err(Error::NotFinite { argument: "coefficients" }.into()),
                };
            }
            Err(error) if is_of_the_user(py, &error) => return Err(error),
            Err(_) => {}
        }
    }
    Err(PyTypeError::new_err(format!(
        "'coefficients' holds a {}; a coefficient is a real or complex number: use a float",
        kind_of(given)
    )))
}

/// A coefficient as Python has it: real ones as floats.
fn number<'py>(py: Python<'py>, value: Complex64) -> Bound<'py, PyAny> {
    match value.im {
        0.0 => PyFloat::new(py, value.re).into_any(),
        im => PyComplex::from_doubles(py, value.re, im).into_any(),
    }
}

/// A number of qubits that a sum can have.
fn size(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<usize>> {
    let Some(given) = given else { return Ok(None) };
    let count = args::index("num_qubits", given)?;
    match usize::try_from(count) {
        Ok(count) if count <= MAX_QUBITS => Ok(Some(count)),
        _ => Err(PyValueError::new_err(format!(
            "'num_qubits' is {count}; a sum has 0 to {MAX_QUBITS} qubits: use one of these"
        ))),
    }
}

fn wrong_term() -> PyErr {
    PyTypeError::new_err(
        "'terms' holds something else than tuples; a term is (letters, coefficient) or (letters, qubits, \
         coefficient): use these, or a dict of strings",
    )
}

/// Refuses arrays as factors, and says what applies a sum to them.
fn no_array(factor: &Bound<'_, PyAny>) -> PyResult<()> {
    match is_array(unwrapped(factor)) {
        true => Err(PyTypeError::new_err(
            "a factor of the sum is an array; sums are multiplied by sums and by numbers: use \
             sum.apply(state, out), sum.expectation(state), or sum.linear_operator() @ state",
        )),
        false => Ok(()),
    }
}

impl PauliSum {
    /// Refuses operands that are no sums by telling Python so.
    fn with_sum(
        &self,
        other: &Bound<'_, PyAny>,
        body: impl FnOnce(&Core, &Core) -> Result<Core, Error>,
    ) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let Ok(other) = other.cast::<PauliSum>() else { return Ok(py.NotImplemented()) };
        let core = body(&self.core, &other.get().core)?;
        Ok(Bound::new(py, PauliSum { core })?.into_any().unbind())
    }

    /// The same for operands that are no numbers.
    fn with_number(
        &self,
        other: &Bound<'_, PyAny>,
        body: impl FnOnce(&Core, Complex64) -> Result<Core, Error>,
    ) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let number = py.import("numbers")?.attribute("Number")?;
        // An abstract class, which asks in Python.
        if !number.invoke_method("__instancecheck__", (other,))?.truth()? {
            return Ok(py.NotImplemented());
        }
        let core = body(&self.core, coefficient(other)?)?;
        Ok(Bound::new(py, PauliSum { core })?.into_any().unbind())
    }

    fn items<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.first(py, usize::MAX)
    }

    /// The first terms: letters and coefficient.
    fn first<'py>(&self, py: Python<'py>, count: usize) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let n = self.core.num_qubits();
        let item = |&(string, value): &(PauliString, Complex64)| {
            PyTuple::new(py, [string.letters(n).into_pyobject(py)?.into_any(), number(py, value)])
        };
        self.core.terms().iter().take(count).map(item).collect()
    }
}

#[pymethods]
impl PauliSum {
    /// NumPy's numbers leave the arithmetic to the sum.
    #[classattr]
    #[pyo3(name = "__array_ufunc__")]
    const NO_UFUNC: Option<()> = None;

    #[new]
    #[pyo3(signature = (terms, num_qubits=None))]
    fn new(terms: &Bound<'_, PyAny>, num_qubits: Option<&Bound<'_, PyAny>>) -> PyResult<PauliSum> {
        let mut sum = Terms::new(size(num_qubits)?);
        let py = terms.py();
        let items = match optional(terms, "items")? {
            Some(items) => items.invoke(())?,
            None => terms.clone(),
        };
        if items.is_instance_of::<PyString>() {
            return Err(wrong_term());
        }
        let no_terms = || wrong_type("terms", terms, "terms with coefficients", "use a dict");
        for item in items.iterate().map_err(|error| own_or(py, error, no_terms))? {
            let item = item?;
            let parts: Vec<Bound<'_, PyAny>> = match item.is_instance_of::<PyString>() {
                true => return Err(wrong_term()),
                false => {
                    let parts = item.iterate().map_err(|error| own_or(py, error, wrong_term))?;
                    parts.take(4).collect::<PyResult<_>>()?
                }
            };
            let letters = parts.first().ok_or_else(wrong_term)?;
            let letters = letters.cast::<PyString>().map_err(|_| {
                PyTypeError::new_err(
                    "'terms' holds letters that are no str; a string has a letter I, X, Y or Z for each \
                     qubit: use a str",
                )
            })?;
            match &parts[1..] {
                [value] => sum.push(letters.to_str()?, coefficient(value)?)?,
                [qubits, value] => {
                    sum.size()?;
                    sum.push_on(letters.to_str()?, &args::qubits(qubits)?, coefficient(value)?)?;
                }
                _ => return Err(wrong_term()),
            }
        }
        Ok(PauliSum { core: sum.sum()? })
    }

    /// The sum that a Qiskit operator is.
    ///
    /// Qiskit's labels have qubit 0 last, ours have it first: qubit q stays qubit q.
    ///
    /// Parameters
    /// ----------
    /// operator : qiskit.quantum_info.SparsePauliOp
    ///     Or any other object with its method to_list().
    ///
    /// Returns
    /// -------
    /// PauliSum
    ///     The same operator.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where the operator has no to_list().
    /// ValueError
    ///     Where it has too many qubits, or a coefficient that is not finite.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> from qiskit.quantum_info import SparsePauliOp
    /// >>> nk.PauliSum.from_qiskit(SparsePauliOp(["IZ", "XX"], [1, 0.5]))
    /// PauliSum({'ZI': 1.0, 'XX': 0.5})
    #[classmethod]
    fn from_qiskit(_class: &Bound<'_, PyType>, operator: &Bound<'_, PyAny>) -> PyResult<PauliSum> {
        let refused = || {
            PyTypeError::new_err(
                "'operator' has no to_list(); a Qiskit operator is needed: use a SparsePauliOp",
            )
        };
        let list = optional(operator, "to_list")?.ok_or_else(refused)?.invoke(())?;
        let mut sum = Terms::default();
        for item in list.iterate()? {
            let (letters, value): (String, Bound<'_, PyAny>) = plain(&item?)?;
            sum.push(&letters.chars().rev().collect::<String>(), coefficient(&value)?)?;
        }
        Ok(PauliSum { core: sum.sum()? })
    }

    /// The sum that an OpenFermion operator is.
    ///
    /// Parameters
    /// ----------
    /// operator : openfermion.QubitOperator
    ///     Or any other object with its attribute `terms`.
    /// num_qubits : int, optional
    ///     The number of qubits; one more than the highest that the operator acts on if not given.
    ///
    /// Returns
    /// -------
    /// PauliSum
    ///     The same operator.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     Where the operator has no such terms, as a FermionOperator before a Jordan-Wigner
    ///     transformation.
    /// ValueError
    ///     Where it acts on a qubit beyond `num_qubits`, has too many, or a coefficient that is not
    ///     finite.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> from openfermion import QubitOperator
    /// >>> nk.PauliSum.from_openfermion(QubitOperator("X0 Z2", 0.5))
    /// PauliSum({'XIZ': 0.5})
    #[classmethod]
    #[pyo3(signature = (operator, num_qubits=None))]
    fn from_openfermion(
        _class: &Bound<'_, PyType>,
        operator: &Bound<'_, PyAny>,
        num_qubits: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PauliSum> {
        let refused = || {
            PyTypeError::new_err(
                "'operator' has no dict of terms; an OpenFermion operator is needed: use a QubitOperator",
            )
        };
        let no_paulis = || {
            PyTypeError::new_err(
                "'operator' has terms that are no products of Pauli operators; a QubitOperator is needed: \
                 use openfermion.jordan_wigner(operator)",
            )
        };
        let terms = optional(operator, "terms")?.ok_or_else(refused)?;
        let terms = terms.cast_into::<PyDict>().map_err(|_| refused())?;
        let mut read: Vec<(String, Vec<i64>, Complex64)> = Vec::new();
        for (factors, value) in terms.iter() {
            let (mut letters, mut qubits) = (String::new(), Vec::new());
            let py = factors.py();
            for factor in factors.iterate().map_err(|error| own_or(py, error, no_paulis))? {
                let (qubit, letter): (Bound<'_, PyAny>, String) =
                    plain(&factor?).map_err(|_| no_paulis())?;
                qubits.push(args::index("qubits", &qubit)?);
                letters.push_str(&letter);
            }
            read.push((letters, qubits, coefficient(&value)?));
        }
        let highest = read.iter().flat_map(|(_, qubits, _)| qubits).max();
        let least = highest.map_or(0, |&qubit| usize::try_from(qubit).unwrap_or(0).saturating_add(1));
        let n = size(num_qubits)?.unwrap_or(least);
        if n < least {
            return Err(PyValueError::new_err(format!(
                "'num_qubits' is {n}, and 'operator' acts on qubit {}: use num_qubits={least} or more",
                least - 1
            )));
        }
        let mut sum = Terms::new(Some(n));
        for (letters, qubits, value) in read {
            sum.push_on(&letters, &qubits, value)?;
        }
        Ok(PauliSum { core: sum.sum()? })
    }

    /// The number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.core.num_qubits()
    }

    /// Whether all coefficients are real.
    #[getter]
    fn hermitian(&self) -> bool {
        self.core.is_hermitian()
    }

    fn __len__(&self) -> usize {
        self.core.terms().len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        PyList::new(py, self.items(py)?)?.as_any().invoke_method("__iter__", ())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (n, len) = (self.core.num_qubits(), self.core.terms().len());
        let entry = |item: Bound<'_, PyTuple>| {
            Ok(format!("{}: {}", shown(&item.get_item(0)?)?, shown(&item.get_item(1)?)?))
        };
        let first =
            self.first(py, SHOWN)?.into_iter().map(entry).collect::<PyResult<Vec<_>>>()?.join(", ");
        Ok(match len {
            0 => format!("PauliSum({{}}, num_qubits={n})"),
            1..=SHOWN => format!("PauliSum({{{first}}})"),
            _ => format!("<PauliSum of {len} terms on {n} qubits: {first}, and {} more>", len - SHOWN),
        })
    }

    fn _repr_latex_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        SUM_LATEX.get(py)?.invoke((self.first(py, SHOWN)?, self.core.terms().len()))
    }

    fn __eq__(&self, other: &Bound<'_, PauliSum>) -> bool {
        self == other.get()
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        let value =
            (self.core.num_qubits(), PyFrozenSet::new(py, self.items(py)?)?).into_pyobject(py)?;
        #[expect(clippy::disallowed_methods, reason = "of numbers and strings")]
        value.hash()
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let (py, sum) = (slf.py(), slf.get());
        let made = (PyList::new(py, sum.items(py)?)?, sum.core.num_qubits());
        Ok((slf.get_type(), made.into_pyobject(py)?))
    }

    fn __add__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        match other.is_instance_of::<PauliSum>() {
            true => self.with_sum(other, Core::plus),
            false => self.with_number(other, Core::plus_number),
        }
    }

    fn __radd__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.with_number(other, Core::plus_number)
    }

    fn __sub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        match other.is_instance_of::<PauliSum>() {
            true => self.with_sum(other, |a, b| a.plus(&b.scaled(-Complex64::ONE)?)),
            false => self.with_number(other, |a, number| a.plus_number(-number)),
        }
    }

    fn __rsub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.with_number(other, |a, number| a.scaled(-Complex64::ONE)?.plus_number(number))
    }

    fn __matmul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        no_array(other)?;
        self.with_sum(other, Core::times)
    }

    fn __rmatmul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        no_array(other)?;
        Ok(other.py().NotImplemented())
    }

    fn __neg__(&self) -> PyResult<PauliSum> {
        Ok(PauliSum { core: self.core.scaled(-Complex64::ONE)? })
    }

    fn __mul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        no_array(other)?;
        self.with_number(other, Core::scaled)
    }

    fn __rmul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        no_array(other)?;
        self.with_number(other, Core::scaled)
    }

    fn __truediv__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.with_number(other, |sum, number| sum.scaled(number.inv()))
    }

    /// The adjoint: the sum with the conjugates of all coefficients.
    ///
    /// Returns
    /// -------
    /// PauliSum
    ///     A new sum, equal to this one if it is Hermitian.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> lowering = nk.PauliSum({"X": 0.5, "Y": 0.5j})  # |0><1|
    /// >>> lowering.adjoint() @ lowering
    /// PauliSum({'I': 0.5, 'Z': -0.5})
    fn adjoint(&self) -> PauliSum {
        PauliSum { core: self.core.adjoint() }
    }

    /// The trace of the matrix: 2**num_qubits times the coefficient of the string of I alone.
    ///
    /// Returns
    /// -------
    /// float or complex
    ///     Complex only where the coefficient is.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.PauliSum({"II": 0.5, "ZZ": 3}).trace()
    /// 2.0
    fn trace<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        number(py, self.core.trace())
    }

    /// The sum as a linear operator of SciPy, for eigsh, expm_multiply and the like.
    ///
    /// Every product is one pass over the vector, and no matrix is built. Needs SciPy: pip install
    /// 'numket[scipy]'.
    ///
    /// Parameters
    /// ----------
    /// dtype : complex128 (default), complex64, float64 or float32
    ///     Of the vectors that products give. Real ones are for a sum whose strings have an even number of Y
    ///     each, and take half the time and memory; complex vectors keep complex products.
    ///
    /// Returns
    /// -------
    /// scipy.sparse.linalg.LinearOperator
    ///     Of shape (2**n, 2**n).
    ///
    /// Raises
    /// ------
    /// ImportError
    ///     Without SciPy.
    /// TypeError
    ///     Where `dtype` is another.
    /// ValueError
    ///     Where `dtype` is real, and the sum is not.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> from scipy.sparse.linalg import eigsh
    /// >>> heisenberg = nk.PauliSum({"XX": 1, "YY": 1, "ZZ": 1})
    /// >>> eigsh(heisenberg.linear_operator(float), 1, which="SA")[0].round(6)  # of the singlet
    /// array([-3.])
    #[pyo3(signature = (dtype=None))]
    fn linear_operator<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        LINEAR_OPERATOR.get(slf.py())?.invoke((slf, dtype))
    }

    /// The matrix of the sum, of 4**n numbers, or as a sparse one of SciPy's.
    ///
    /// Parameters
    /// ----------
    /// sparse : bool
    ///     Whether to make a sparse matrix, which has no entries that are 0 in every term. Needs SciPy: pip install
    ///     'numket[scipy]'.
    ///
    /// Returns
    /// -------
    /// ndarray of complex128 or scipy.sparse.csr_array, shape (2**n, 2**n)
    ///     Qubit 0 is the most significant bit of the numbers of rows and columns.
    ///
    /// Raises
    /// ------
    /// ImportError
    ///     For a sparse one without SciPy.
    /// MemoryError
    ///     Where there is too little memory.
    ///
    /// See Also
    /// --------
    /// numket.PauliSum.linear_operator : Products with vectors, without any matrix.
    ///
    /// Examples
    /// --------
    /// >>> import numket as nk
    /// >>> nk.PauliSum({"ZI": 1, "XX": 0.5}).to_matrix().real
    /// array([[ 1. ,  0. ,  0. ,  0.5],
    ///        [ 0. ,  1. ,  0.5,  0. ],
    ///        [ 0. ,  0.5, -1. ,  0. ],
    ///        [ 0.5,  0. ,  0. , -1. ]])
    #[pyo3(signature = (*, sparse=false))]
    fn to_matrix<'py>(slf: &Bound<'py, Self>, sparse: bool) -> PyResult<Bound<'py, PyAny>> {
        SUM_MATRIX.get(slf.py())?.invoke((slf, sparse))
    }
}
