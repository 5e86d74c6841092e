"""Who opens the door to a workbook: one module per host."""
