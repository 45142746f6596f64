"""Eight hosts and four kernels; kernels are killed, connections cut, Jupyter restarted. The short form of make soak."""

from __future__ import annotations

from support.soak import Faults, soak


def test_what_hosts_heard_is_what_happened_and_nothing_is_left_over() -> None:
    findings = soak(5, Faults(kills=1.3, cuts=0.7, restarts=2.5))
    assert findings.wrong == []
    assert set(findings.faults) == {"kill", "cut", "restart"}
    assert "done" in findings.marks.values()
