"""Numbers as people write them: roots of fractions, multiples of pi, few digits."""

import math
from collections.abc import Sequence
from fractions import Fraction

TOLERANCES = {64: 1e-10, 32: 3e-6}
"""How far, relative to its size, a number of so many bits, `np.finfo(dtype).bits`, may be from an
exact form."""

DENOMINATORS = [*range(1, 65), *(1 << power for power in range(7, 65))]
NUMERATORS = 16


def root(value: float, tolerance: float) -> tuple[int, int] | None:
    """The fraction p/q whose square root a positive number is, if it is simple.

    >>> root(0.5**0.5, 1e-10), root(0.75, 1e-10), root(0.7, 1e-10), root(0.1234, 1e-10)
    ((1, 2), (9, 16), (49, 100), None)
    """
    square = value * value
    if not 0 < square < 1e12:
        return None
    for denominator in DENOMINATORS:
        numerator = round(square * denominator)
        if numerator > NUMERATORS and denominator > 1:
            break
        if numerator and abs(square * denominator / numerator - 1) <= 2 * tolerance:
            return _lowest(numerator, denominator)
    ratio = Fraction(value).limit_denominator(16)
    if ratio and abs(value / float(ratio) - 1) <= tolerance:
        return ratio.numerator**2, ratio.denominator**2
    return None


def _lowest(numerator: int, denominator: int) -> tuple[int, int]:
    fraction = Fraction(numerator, denominator)
    return fraction.numerator, fraction.denominator


def _side(square: int, latex: bool) -> str:
    """The square root of a whole number: ``2`` of 4, ``√2`` of 2."""
    whole = math.isqrt(square)
    if whole * whole == square:
        return str(whole)
    return f"\\sqrt{{{square}}}" if latex else f"√{square}"


def _fraction(over: str, under: str, latex: bool) -> str:
    if under == "1":
        return over
    return f"\\frac{{{over}}}{{{under}}}" if latex else f"{over}/{under}"


def exact(value: complex, tolerance: float, latex: bool = False) -> str | None:
    """A number made of square roots of simple fractions, if it is one.

    >>> values = (0.5**0.5, -1j, (1 + 1j) / 2, 0.75**0.5 * 1j, 0.3 + 0.17j)
    >>> [exact(value, 1e-10) for value in values]
    ['1/√2', '-i', '(1+i)/2', 'i√3/2', None]
    >>> exact((1 - 1j) / 8**0.5, 1e-10, latex=True)
    '\\\\frac{1-i}{\\\\sqrt{8}}'
    """
    size = abs(value)
    if not 0 < size < math.inf:
        return None
    parts = [part if abs(part) > tolerance * size else 0.0 for part in (value.real, value.imag)]
    real, imaginary = parts
    first, second = (root(abs(part), tolerance) if part else (0, 1) for part in parts)
    if first is None or second is None:
        return None
    if first == second:
        over, under = (_side(side, latex) for side in first)
        inside = ("-1" if real < 0 else "1") + ("-i" if imaginary < 0 else "+i")
        bare = over == "1" and (latex or under == "1")
        inside = inside if bare else f"({inside})"
        return _fraction(inside if over == "1" else over + inside, under, latex)
    texts = []
    for part, (p, q), unit in zip(parts, (first, second), ("", "i"), strict=True):
        if part:
            over, under = _side(p, latex), _side(q, latex)
            if unit:
                over = unit if over == "1" else f"{unit}{over}" if "√" in over else f"{over}{unit}"
            texts.append(("-" if part < 0 else "+") + _fraction(over, under, latex))
    return "".join(texts).removeprefix("+")


def decimal(value: complex, latex: bool = False) -> str:
    """A number in four digits, without parts that these do not show.

    >>> decimal(0.25 - 0.125j), decimal(1e-5j), decimal(-0.123456), decimal(complex("nan"))
    ('0.2500-0.1250i', '1.0000e-05i', '-0.1235', 'nan')
    """
    size = abs(value)
    if not math.isfinite(size):
        parts = [part for part in (value.real, value.imag) if part != 0]
        return f"{parts[0]:g}" if len(parts) == 1 else f"{value.real:g}{value.imag:+g}i"
    exponent = math.floor(math.log10(size)) if size else 0
    exponent = 0 if -4 < exponent < 5 else exponent
    scaled = value / 10.0**exponent if exponent > -300 else value * 1e300 / 10.0 ** (exponent + 300)
    real, imaginary = f"{scaled.real:.4f}", f"{scaled.imag:.4f}"
    shown = [text for text in (real, imaginary) if float(text)]
    power = f"\\cdot10^{{{exponent}}}" if latex else f"e{exponent:+03d}"
    power = power if exponent else ""
    if len(shown) == 2:
        text = f"{real}{scaled.imag:+.4f}i"
        return f"({text}){power}" if power else text
    if not shown:
        return "0"
    if not float(imaginary):
        return real + power
    return f"{imaginary}i{power}" if latex else f"{imaginary}{power}i"


def number(value: complex, tolerance: float, latex: bool = False) -> str:
    """The exact form of a number, or its first digits."""
    return exact(value, tolerance, latex) or decimal(value, latex)


def multiple_of_pi(angle: float, tolerance: float, largest: int = 64) -> str | None:
    """An angle as a simple multiple of pi, if it is one.

    >>> [multiple_of_pi(angle, 1e-14) for angle in (-3 * math.pi / 4, 0.0, 1.0)]
    ['-3π/4', '0', None]
    """
    if not math.isfinite(angle):
        return None
    part = Fraction(angle / math.pi).limit_denominator(largest)
    if abs(part.numerator) > 64 or abs(angle - float(part) * math.pi) > tolerance:
        return None
    if not part:
        return "0"
    over = {1: "", -1: "-"}.get(part.numerator, str(part.numerator))
    return f"{over}π" + (f"/{part.denominator}" if part.denominator > 1 else "")


def probability_text(probability: float) -> str:
    """A probability in eight characters, the very small ones with an exponent.

    >>> probability_text(0.5), probability_text(2**-26)
    ('0.500000', '1.49e-08')
    """
    return format(probability, ".6f" if probability >= 1e-4 else ".2e")


def percent(share: float) -> str:
    """A share of one in per cent.

    >>> percent(0.5), percent(2**-20), percent(0.0123456)
    ('50 %', '9.54e-05 %', '1.23 %')
    """
    return f"{100 * share:.3g} %"


def plural(count: int, name: str) -> str:
    """A number of things.

    >>> plural(1, "qubit"), plural(1500, "operation")
    ('1 qubit', '1,500 operations')
    """
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def ranges(numbers: Sequence[int]) -> str:
    """Ascending whole numbers, neighbours together.

    >>> ranges([0, 1, 2, 3, 7, 9, 10])
    '0-3 7 9 10'
    """
    texts: list[str] = []
    first = 0
    for place in range(1, len(numbers) + 1):
        if place < len(numbers) and numbers[place] == numbers[place - 1] + 1:
            continue
        run = numbers[first:place]
        texts += [f"{run[0]}-{run[-1]}"] if len(run) > 2 else map(str, run)
        first = place
    return " ".join(texts)


def digits(value: float, count: int) -> str:
    """A positive number with so many digits, and without an exponent.

    >>> digits(567.8, 2), digits(1.0, 2), digits(0.0123, 2)
    ('570', '1', '0.012')
    """
    if not 0 < value < math.inf:
        return f"{value:g}"
    places = count - 1 - math.floor(math.log10(value))
    rounded = round(value, places)
    return (
        f"{rounded:.{max(places, 0)}f}".rstrip("0").rstrip(".") if places > 0 else f"{rounded:.0f}"
    )


def size_text(count: int) -> str:
    """So many bytes.

    >>> size_text(256), size_text(1536), size_text(7 * 2**27), size_text(2**34)
    ('256 B', '1.5 KiB', '896 MiB', '16 GiB')
    """
    power = min(max(count.bit_length() - 1, 0) // 10, 6)
    unit = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")[power]
    return f"{digits(count / 1024**power, 3 if count < 1000 << 10 * power else 4)} {unit}"


def duration(seconds: float) -> str:
    """A time in a unit that suits it.

    >>> duration(5e-8), duration(0.0123), duration(0.57), duration(200.0), duration(1e4)
    ('50 ns', '12 ms', '570 ms', '3.3 min', '2.8 h')
    """
    if not seconds < math.inf:
        return "?"
    units = ((1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3600.0, "h"))
    least = (0.0, 0.995e-6, 0.995e-3, 0.995, 99.5, 5970.0)
    size, unit = [unit for unit, start in zip(units, least, strict=True) if seconds >= start][-1]
    return f"{digits(seconds / size, 2)} {unit}"
