"""The built-in models: scikit-learn classifiers that read a Corpus, one file a family."""
