"""Benchmarks: ratios measured in one process, with the thread count stated.

>>> from numket.bench import autodiff, batch, boundary, busy, compare, dropin, ghz, kernels
>>> from numket.bench import layouts, observe, once, qasm
"""
