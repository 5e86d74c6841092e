"""What the workbook looks like: its contract, its styles and its sheets."""
