"""Benchmarks: ratios measured in one process, with the thread count stated.

>>> from numket.bench import autodiff, batch, boundary, compare, dropin, ghz, kernels, layouts
>>> from numket.bench import observe, qasm
"""
