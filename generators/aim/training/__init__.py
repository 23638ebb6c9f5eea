"""Training the projection that fuses demonstrations for a model of one's own."""
