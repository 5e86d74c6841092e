"""What runs: buttons, hosts, imports and the command line."""
