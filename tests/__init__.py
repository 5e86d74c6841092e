"""The tests of the product, and in `support` the machinery they stand on."""
