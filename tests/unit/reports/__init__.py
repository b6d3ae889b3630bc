"""Tests of reports made from the stored runs."""
