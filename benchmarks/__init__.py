"""Measure how fast Tabproof is, beside other programs and at other sizes; `make bench` runs all."""
