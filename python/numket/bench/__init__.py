"""Benchmarks: ratios measured in one process, with the thread count stated.

>>> from numket.bench import autodiff, batch, boundary, busy, compare, dropin, dynamics, ghz
>>> from numket.bench import kernels, layouts, observe, once, qasm
"""
