"""Signing in to remote servers: OAuth, through the SDK, with a person at a notebook whose kernel may be far away.

    store         what is kept between kernels, in a file
    callback      how the person's browser comes back: to a port of this computer, or as a pasted address
    sign_in       the questions to the person
    flow          the SDK's flow, watched over: whom it may ask, and what an error means

Only `store` is free of the SDK; nothing here is imported before a server wants it.
"""
