"""The demo city: a small living Tianjin, told by natural keys in fixtures/demo and loaded by the house's own acts."""
