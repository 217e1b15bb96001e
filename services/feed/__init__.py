"""What analysts read: the verdicts of the road as flat Parquet files, each written once (``yibao feed``)."""
