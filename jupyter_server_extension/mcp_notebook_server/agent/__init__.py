"""Reading a kernel's variables through an agent: a thread in the kernel that answers on a private socket.

`link` is the door; `source` is what is sent into the kernel and never imported here.
"""
