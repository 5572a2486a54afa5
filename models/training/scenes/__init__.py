"""Path-traced lift scenes: training stills and the two bundled recordings. See README.md."""
