"""What runs inside a kernel to read it: sent as one text, standard library at its core, Python 3.9 and later.

These modules are not imported by the Jupyter server; `agent.bundle` joins them. So their top-level names are unique
among them, and they import each other with `from .module import name` only. Whatever is here keeps two laws: it never
runs the person's code, and it never holds the person's memory while it waits.
"""
