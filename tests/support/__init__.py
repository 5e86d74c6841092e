"""What the tests stand on: an office program, the Open XML validator, pictures of workbooks."""
