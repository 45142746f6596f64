"""What servers ask back, and how the person at this notebook answers, also while the cell that caused it runs.

    question, fields     what is asked, bounded and cleaned
    policy               what was decided beforehand: ask, allow, decline, replay
    gate                 brings a question to the person, and the answer back
    tap                  hears a click while a cell runs (the one place that touches ipykernel's inside)
    dialogue, widget     the two faces: `input()`, and a form in the front end
    sampling, providers  what goes to a language model, and which models there are

Nothing here is imported before a server is connected to; the widget not before a server asks something.
"""

from __future__ import annotations

__all__: list[str] = []
