"""Language tools without any framework: script, segmentation, numbers, speech. The lowest room of the house."""
