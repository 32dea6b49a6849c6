# %% [markdown]
# Results of mpclab in pandas: `mpclab run scenarios/smoke/auction.yaml`, then this file, cell by
# cell in an editor that knows `# %%`, or as a whole: `python auction.py mpclab-out/auction`.

# %%
import sys
from pathlib import Path

import pandas as pd

results = Path(sys.argv[1] if len(sys.argv) > 1 else "mpclab-out/auction")

# %% One row for each run; what has no price is empty, not 0.
runs = pd.read_csv(results / "runs.csv")
correct = runs[runs["correct"]]
print(correct.groupby(["claims", "protocol", "sweep.network"])["total.time_ns"].describe())

# %% Median time by network, side by side; an unpriced setup is online alone, and says so.
correct = correct.assign(
    row=correct["protocol"] + correct["unpriced_setup"].map({True: "*", False: ""}),
    seconds=correct["online.time_ns"] / 1e9,
)
online = correct.pivot_table(index="row", columns="sweep.network", values="seconds", aggfunc="median")
print(online)

# %% Which steps send the most.
scopes = pd.read_csv(results / "scopes.csv")
steps = scopes.groupby(["protocol", "path"])["bytes"].sum().sort_values(ascending=False)
print(steps.head(10))

# %% The same runs from JSON Lines, which have everything; integers above 2^53 are strings there.
records = pd.read_json(results / "results.jsonl", lines=True)
bytes_sent = records["metrics"].map(lambda metrics: int(metrics["total.bytes"]))
assert bytes_sent.tolist() == runs["total.bytes"].tolist()
print(f"{len(records)} runs")
