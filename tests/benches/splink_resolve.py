"""Resolves a generated list with Splink 4, training included, and prints the figures that resolve.rs prints of ours.

Five blocking rules and six comparisons, as its documentation does it for people: https://moj-analytical-services.github.io/splink

u is sampled from two million pairs. Of its default, half of that, Splink warns that it may be too small (it recommends a hundred
million and more), and on the list of 300,000 rows five of the model's u are never seen in it. A model that Splink calls
untrained is refused here: it is no peer.
"""

import json
import logging
import resource
import sys
import time
from collections import Counter


class Untrained(logging.Handler):
    """Collects what Splink says of u that it could not train."""

    def __init__(self):
        super().__init__()
        self.said = []

    def emit(self, record):
        if record.getMessage().startswith("u probability not trained"):
            self.said.append(record.getMessage())


def main(path):
    untrained = Untrained()
    logging.getLogger("splink").addHandler(untrained)
    start = time.perf_counter()
    import duckdb
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE list AS SELECT row_number() OVER () AS unique_id, lower(c0) AS company, lower(c1) AS contact,"
        " lower(c3) AS email, lower(c4) AS street, lower(c5) AS city, c7 AS zip,"
        " regexp_replace(c10, '[^0-9]', '', 'g') AS phone"
        " FROM read_csv(?, header = false, skip = 1, all_varchar = true, names = ?)",
        [path, [f"c{number}" for number in range(18)]],
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("phone"), block_on("email"), block_on("contact", "zip"), block_on("company", "zip"),
            block_on("street", "city"),
        ],
        comparisons=[
            cl.JaroWinklerAtThresholds("contact", [0.92, 0.8]), cl.JaroWinklerAtThresholds("company", [0.92, 0.8]),
            cl.LevenshteinAtThresholds("phone", [1, 2]), cl.JaroWinklerAtThresholds("email", [0.95]),
            cl.JaroWinklerAtThresholds("street", [0.92]), cl.ExactMatch("zip"),
        ],
    )
    linker = Linker(connection.table("list"), settings, DuckDBAPI(connection))
    linker.training.estimate_probability_two_random_records_match([block_on("phone"), block_on("email")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    if untrained.said:
        sys.exit("Splink is not trained: " + "; ".join(untrained.said))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("email"))
    predictions = linker.inference.predict(threshold_match_probability=0.5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, 0.95)
    rows = clusters.as_duckdbpyrelation().project("cluster_id, phone").fetchall()
    seconds = time.perf_counter() - start
    peak_rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    pairs = lambda counted: sum(size * (size - 1) // 2 for size in counted.values())
    found = pairs(Counter(cluster for cluster, _ in rows))
    there = pairs(Counter(phone for _, phone in rows))
    right = pairs(Counter(rows))
    print(json.dumps({"f1": 2 * right / max(1, found + there), "seconds": seconds, "peak_rss_mb": peak_rss_mb}))


if __name__ == "__main__":
    main(sys.argv[1])
