"""From a spec to records: which data, which trials, one watched process per trial."""
