"""A hundred thousand draws of a small frame: `python -m supervision.tests.simulate [N]` tells how near to theory they came.

The suite does ten thousand. Who comes first must be uniform with equal weights, and by weight with others.
"""

import sys

from supervision.tests.test_draw import KEYS, first_places

WEIGHTS = [1, 1, 2, 4]


def main(draws):
    counts = first_places([1] * 8, draws, "uniform")
    expected = draws / 8
    chi_square = sum((counts[key] - expected) ** 2 / expected for key in KEYS)
    print(f"uniform: {draws} draws, chi-square {chi_square:.2f} (7 degrees of freedom, 24.32 at 1 in 1000)")
    counts = first_places(WEIGHTS, draws, "weighted")
    worst = 0
    for key, weight in zip(KEYS, WEIGHTS, strict=False):
        share, theory = counts[key] / draws, weight / sum(WEIGHTS)
        worst = max(worst, abs(share - theory))
        print(f"weight {weight}: first in {share:.4f} of the draws, theory {theory:.4f}")
    print(f"farthest from theory: {worst * 100:.2f} percentage points")
    return 0 if chi_square < 24.32 and worst < 0.01 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
