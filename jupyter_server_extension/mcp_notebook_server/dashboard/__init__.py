"""Where the person answers hosts: a page on the Jupyter server, and the JSON and events it lives on.

Everything here is behind Jupyter's own login, XSRF check and authorizer; a host token opens none of it.
"""
