"""The box's composition root: site file, cameras, voice, journal, uplink; what runs where nobody looks."""
