"""Fits the vectors of `npm run bench -- --suite heads` with scikit-learn: python3 bench/peers/heads.py dist-bench/heads"""
import sys, time
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

folder = sys.argv[1]
read = lambda name: (np.fromfile(f"{folder}/{name}.f32", dtype=np.float32).reshape(-1, 768), np.loadtxt(f"{folder}/{name}.labels", dtype=int))
(x, y), (xt, yt) = read("train"), read("test")
for name, model in {
    "logistic": LogisticRegression(max_iter=10000),
    "one-vs-rest-logistic": OneVsRestClassifier(LogisticRegression(max_iter=10000)),
    "svc": LinearSVC(dual=False),
}.items():
    start = time.time()
    model.fit(x, y)
    print(f"scikit-learn, {name}: {time.time() - start:.1f} s, accuracy {model.score(xt, yt):.4f}")
