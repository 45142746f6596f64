"""Kernels that no Jupyter server has started, such as those of VS Code and Cursor: found, shown, and never ended.

Where the person has set `ServerApp.allow_external_kernels`, they are among Jupyter's own for as long as they live.
Jupyter's own way with that setting lists its kernels twice where editors put theirs, does not notice that one works or
has died, and cannot interrupt one (seen with jupyter_server 2.21 and jupyter_client 8.10).
"""
