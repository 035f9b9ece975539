"""Protection methods behind one interface, one module each."""
