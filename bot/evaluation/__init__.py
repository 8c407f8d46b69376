"""Measuring the product on files of real requests, sentences and whole talks."""
