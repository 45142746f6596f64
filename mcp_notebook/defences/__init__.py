"""Defences against servers that lie: what they say about themselves, what they send, and what would be sent to them.

Knows the classes of attack that are published, as plain functions: nothing here asks anybody, calls a model or uses the
network. Refuses to decide: it finds and words, a person decides (`chat`, `%mcp audit`). The rules are in RULES.md.

    definitions = [read_definition("tool", tool) for tool in session.tools]
    check_definitions("weather", definitions, {"mail": ["send_email"]})   -> findings
    get_approved().compare(get_address(session.definition), definitions)  -> changes since the approval
    check_text("weather.get_forecast", result.text)     -> findings in a result: where a wish came from
    mark_as_data("weather.get_forecast", result.text)   -> what the model gets
    get_seen_secrets().find_leaks("mail", arguments)    -> another server's secrets on their way to this one
"""
