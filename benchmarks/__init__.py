"""How fast Tabproof is, beside others and beside itself at other sizes; `make bench` runs all."""
