"""What the statistics of releases come to, by another way: 60 digits, and nothing but definitions.

`python3 tests/statistics/reference.py > tests/statistics/reference.jsonl` writes a line for each case; a test of Rust
compares. Sources: arXiv 2011.03567 (failures, shares), 1810.08240 and 2103.06476 (values).
"""

import json
from decimal import Decimal as D
from decimal import getcontext

getcontext().prec = 60
PI = D("3.14159265358979323846264338327950288419716939937510582097494459")


def theta(r):
    """The chance that a failing unit is a treated one, where failures are r times as likely with the new variant."""
    w = D(1) / 2
    return w * r / (w * r + 1 - w)


def ratio(treated, control, one, other):
    likelihood = lambda r: treated * theta(r).ln() + control * (1 - theta(r)).ln()
    return likelihood(one) - likelihood(other)


def regression(treated, control, margin):
    allowed = 1 + D(margin)
    factor = (D(64) / D("1.25")).ln() / 15
    times = [D("1.25") * (factor * j).exp() for j in range(16)]
    return (sum(ratio(treated, control, allowed * g, allowed).exp() for g in times) / 16).ln()


def clearance(treated, control, harm):
    return ratio(treated, control, D(1), D(harm))


def log_factorials(upto):
    """The logarithms of n! for each n up to a number."""
    logs = [D(0)]
    for n in range(1, upto + 1):
        logs.append(logs[-1] + D(n).ln())
    return logs


LOGS = log_factorials(41_400)


def imbalance(treated, control):
    """Beta functions of whole numbers are factorials."""
    beta = lambda a, b: LOGS[a - 1] + LOGS[b - 1] - LOGS[a + b - 1]
    return beta(500 + treated, 500 + control) - beta(500, 500) + (treated + control) * D(2).ln()


def below(x):
    """The chance that a normal variable is below x: the series of the density's integral, or far out, a continued fraction."""
    density = (-x * x / 2).exp() / (2 * PI).sqrt()
    if abs(x) < 12:
        getcontext().prec = 160
        term, total, n = D(x), D(x), 1
        while abs(term) > D(10) ** -120:
            term *= x * x / (2 * n + 1)
            total, n = total + term, n + 1
        getcontext().prec = 60
        return D("0.5") + density * total
    fraction = D(0)
    for n in range(400, 0, -1):
        fraction = n / (abs(x) + fraction)
    tail = density / (abs(x) + fraction)
    return tail if x < 0 else 1 - tail


def slowdown(treated, control, margin):
    (nt, mt, st), (nc, mc, sc) = treated, control
    vt, vc = D(st) / (nt - 1), D(sc) / (nc - 1)
    v = 1 / (vt / nt + vc / nc)
    tau2 = (vt + vc) / 2 / 100
    d = D(mt) - D(mc) - D(margin)
    spread = 1 + tau2 * v
    e = 2 / spread.sqrt() * (tau2 * d * d * v * v / (2 * spread)).exp() * below(tau2.sqrt() * d * v / spread.sqrt())
    return e.ln()


def cases():
    counts = [(0, 0), (1, 0), (0, 1), (8, 0), (7, 9), (30, 10), (96, 61), (400, 380), (2000, 1500), (20_000, 20_100)]
    for treated, control in counts:
        for margin in ("0", "0.1", "0.5"):
            yield "regression", [treated, control, float(margin)], regression(treated, control, margin)
        for harm in ("2", "3"):
            yield "clearance", [treated, control, float(harm)], clearance(treated, control, harm)
        yield "imbalance", [treated, control], imbalance(treated, control)
    moments = [
        ((100, "6.5", "80"), (100, "6.5", "75")),
        ((1000, "6.75", "900"), (1000, "6.5", "850")),
        ((5000, "6.5", "4000"), (5000, "6.5625", "4200")),
        ((50_000, "6.5", "9000"), (50_000, "7.5", "9000")),
        ((250, "7.25", "300"), (300, "6.5", "200")),
    ]
    for treated, control in moments:
        for margin in ("0", "0.25"):
            numbers = lambda it: [it[0], float(it[1]), float(it[2])]
            yield "slowdown", [numbers(treated), numbers(control), float(margin)], slowdown(treated, control, margin)


for name, arguments, value in cases():
    print(json.dumps({"name": name, "arguments": arguments, "value": float(value)}))
