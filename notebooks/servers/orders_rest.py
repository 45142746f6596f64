"""An order service as a REST backend: the routes, for `http.server`."""

import json
from http.server import BaseHTTPRequestHandler

from servers.orders import OrderService, UnknownOrder

SERVICE = OrderService()


class Orders(BaseHTTPRequestHandler):
    """GET /orders?customer=Ada, GET /orders/1"""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        match path.strip("/").split("/"):
            case ["orders"]:
                self._answer(200, SERVICE.find_orders(query.removeprefix("customer=")))
            case ["orders", number]:
                try:
                    self._answer(200, SERVICE.get_order(int(number)))
                except UnknownOrder as error:
                    self._answer(404, {"error": str(error)})
            case _:
                self._answer(404, {"error": f"no page {path}"})

    def _answer(self, status: int, value: object) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing: the notebook shows what passes."""
