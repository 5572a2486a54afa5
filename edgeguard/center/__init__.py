"""The center: one screen over many boxes. Composition root: `edgeguard.center.app.create_app`."""
