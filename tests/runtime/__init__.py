"""Tests of `answering.runtime`."""
