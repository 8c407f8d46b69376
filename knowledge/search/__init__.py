"""“Which office handles this?”: hybrid search over the duty list with a calibrated probability."""
