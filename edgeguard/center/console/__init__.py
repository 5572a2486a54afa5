"""The control room's page: NiceGUI elements on the server, pushed to every open browser."""
