"""Where networks are trained: on the accelerator, where there is one, else on the processor."""

import torch


def device() -> torch.device:
    """The accelerator that torch was built for and finds (a GPU, say), or the processor."""
    found = torch.accelerator.current_accelerator(check_available=True)
    return found or torch.device("cpu")
