"""What can be measured before training: frames and light of domains, taught to G."""
