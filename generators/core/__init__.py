"""What every converter rests on: media, the protocol, the registry, the way from one medium to another."""
