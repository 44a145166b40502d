"""Benchmarks: ratios measured in one process, with the thread count stated.

>>> from numket.bench import boundary, ghz
"""
