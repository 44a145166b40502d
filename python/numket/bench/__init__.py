"""Benchmarks: ratios measured in one process, with the thread count stated.

>>> from numket.bench import batch, boundary, compare, dropin, ghz, kernels, layouts, observe
"""
