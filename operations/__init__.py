"""How the house is run: work without a request, measures, logs, the state of the machine; knows nobody."""
