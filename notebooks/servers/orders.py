"""The order service itself: what the business is about, and nothing of REST or MCP."""


class UnknownOrder(Exception):
    """There is no such order."""


class OrderService:
    """Orders and refunds, as a company would keep them in a database."""

    def __init__(self) -> None:
        self._orders = {
            1: {"number": 1, "customer": "Ada", "item": "telescope", "euros": 129.0},
            2: {"number": 2, "customer": "Ada", "item": "star map", "euros": 9.5},
            3: {"number": 3, "customer": "Grace", "item": "compass", "euros": 24.0},
        }
        self._refunds = {2: {"number": 2, "euros": 9.5, "state": "paid back"}}

    def find_orders(self, customer: str = "") -> list[dict]:
        return [order for order in self._orders.values() if order["customer"].startswith(customer)]

    def get_order(self, number: int) -> dict:
        if number not in self._orders:
            raise UnknownOrder(f"There is no order {number}; there are {min(self._orders)} to {max(self._orders)}.")
        return self._orders[number]

    def get_refund(self, number: int) -> dict:
        self.get_order(number)
        return self._refunds.get(number, {"number": number, "euros": 0.0, "state": "none"})
