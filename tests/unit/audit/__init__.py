"""Tests of the signing policy and its auditor."""
