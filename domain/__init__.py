"""What is asked, decided and happened in a neighbourhood: pure rules, no clock, no chance, no I/O."""
