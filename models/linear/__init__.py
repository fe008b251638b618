"""Linear models on counts of words: naive Bayes and logistic regression."""
