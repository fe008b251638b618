"""How sure a number is: intervals, paired tests on the same test rows, ranking groups, calibration."""
