"""Words of the trade that somebody from another trade may not know: a list of ours, matched as whole words.

A word is on it when a finance director or a customer would have to look it up. Words that everybody has met in another
sense ("model", "cloud", "variance", "transformer") are not, and neither are names that companies advertise with.
"""

import re
from functools import cache
from typing import Final

__all__ = ["terms_in"]

_TERMS: Final = """
    a/b test, a/b tests, ab test, ablation, anova, api, apis, arima, auc, auroc, autoencoder, autoregressive,
    autoscaling, backend, backfill, backfilled, backpropagation, batch normalisation, bayesian, bigquery, bloom
    filter, boosted tree, boosted trees, bootstrapped, brier score, cap theorem, cardinality, causal inference,
    cdc, changelog, chi-squared, chi-square, ci/cd, circuit breaker, class imbalance, cohen's kappa, cold start,
    collaborative filtering, collinearity, concept drift, confounder, confounders, confounding, confusion matrix,
    consistent hashing, containerised, convolutional, cosine similarity, covariate, covariates, cron, cron job,
    cross-entropy, cross-validated, cross-validation, cuped, cuda, dag, dags, data drift, data lake, data leakage,
    data mart, dataframe, dbscan, dbt, deadlock, deadlocks, decision boundary, deep learning, denormalised,
    dimensionality, docker, dynamodb, early stopping, eigenvector, eigenvectors, elasticsearch, embedding,
    embeddings, endpoint, endpoints, entropy, etl, elt, event sourcing, eventual consistency, exponential backoff,
    f1, f1 score, f1-score, failover, feature engineering, feature store, federated learning, fine-tune,
    fine-tuned, fine-tuning, foreign key, frontend, gbm, glm, gradient boosting, gradient descent, graphql, grid
    search, grpc, hadoop, hash map, hashmap, heteroscedasticity, hinge loss, holdout, hold-out, hyperparameter,
    hyperparameters, idempotency, idempotent, imputation, imputed, isolation forest, jaccard, json, jvm, k8s,
    kafka, kalman filter, k-fold, k-means, k-nn, knn, kl divergence, kubernetes, label leakage, latency, latencies,
    learning rate, lightgbm, linear regression, llm, llms, load balancer, load balancers, log loss, log-likelihood,
    logistic regression, logits, lstm, map-reduce, mapreduce, mape, mcmc, microservice, microservices, middleware,
    minhash, mlflow, mlops, monorepo, monte carlo, multi-armed bandit, multicollinearity, mutex, naive bayes, ndcg,
    neural net, neural network, neural networks, nginx, n-gram, n-grams, nosql, null hypothesis, oauth, oltp, olap,
    one-hot, one-hot encoding, one-hot encoded, overfit, overfits, overfitted, overfitting, p50, p90, p95, p99,
    p-value, p-values, parquet, partition key, pca, perplexity, poisson, postgres, postgresql, power analysis,
    pr-auc, precision-recall, propensity score, protobuf, pub/sub, pubsub, pyspark, pytorch, qps, quantile,
    quantiles, quantisation, quantised, query plan, race condition, race conditions, random forest, r-squared,
    rbac, redis, refactor, refactored, refactoring, regex, regression, regression to the mean, regressor,
    regularisation, regularised, regularization, reinforcement learning, relu, replication lag, reservoir sampling,
    residuals, rest api, retrieval-augmented, rmse, rnn, roc curve, roc-auc, rpc, scikit-learn, schema, schemas,
    sdk, semantic search, serialisation, shap, sharded, sharding, shards, sklearn, slo, slos, smote, softmax,
    sparse matrix, sql, stack trace, stateless, stationarity, stochastic, stratified, stream processing, supervised
    learning, svm, synthetic control, t-test, t-tests, tcp, tensor, tensorflow, tensors, terraform, tf-idf, tfidf,
    time complexity, tls, tokeniser, tokenizer, transfer learning, ttl, two-phase commit, type i error, type ii
    error, unit test, unit tests, unsupervised, upsampling, upsert, vector database, vector store, webhook,
    webhooks, websocket, websockets, word2vec, write-ahead log, xgboost, yaml, z-score, z-scores
"""
_EXPLAINED: Final = (
    r"(?!['’]?s?\s*(?:\(|[,:–—-]+\s*(?:that is|which means|meaning|i\.e\.|in other words|or)\b))"
)
# "The AUC (how often it ranks ...)": whoever explains a word in passing need not be told of it


def terms_in(text: str) -> tuple[str, ...]:
    """The terms in `text` as they stand there, each once, in order; those that are explained on the spot left out."""
    found: dict[str, str] = {}
    for match in _pattern().finditer(text):
        term = " ".join(match.group().split())
        found.setdefault(term.lower(), term)
    return tuple(found.values())


@cache
def _pattern() -> re.Pattern[str]:
    terms = sorted((" ".join(term.split()) for term in _TERMS.split(",")), key=len, reverse=True)
    either = "|".join(re.escape(term).replace(r"\ ", r"\s+") for term in terms)
    return re.compile(rf"(?<![\w/-])(?:{either})(?![\w/@-]){_EXPLAINED}", re.I)
