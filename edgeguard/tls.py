"""What every TLS connection of the MQTT library needs."""

import ssl


class TidySocket(ssl.SSLSocket):
    """Closed when the other side is not believed; the MQTT library leaves that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise
