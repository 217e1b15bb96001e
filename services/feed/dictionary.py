"""The dictionary of columns: ``python -m services.feed.dictionary > docs/feed-columns.md``."""

from services.feed.columns import SCHEMA, TABLE_WORDS, TABLES
from services.feed.parquet import TYPES, expanded

HEAD = f"""# 列字典 / Dictionary of columns

`yibao feed` 写出的表与列，版本 {SCHEMA}；由代码生成：`python -m services.feed.dictionary > docs/feed-columns.md`。
怎样查询见 [analytics.md](analytics.md)。金额各有两列：`x` 为分（整数），`x_yuan` 为元（两位小数）。
各文件的每一列也带有中英文说明（Parquet 字段元数据 `zh`、`en`）。目录名还给出两列：`day`（消息系统收到结论的日期，北京时间）与
`region`（参保地；`000000` 表示结论未说明）。

Tables and columns that `yibao feed` writes, version {SCHEMA}, made from code. How to query them: [analytics.md](analytics.md).
An amount has two columns: `x` in fen (an integer), `x_yuan` in yuan (two decimal places). Each column of a file says the same
in its metadata (`zh`, `en`). The names of the folders give two columns more: `day`, on which the broker took the verdict
(China time), and `region`, the place of insurance (`000000`: the verdict names none).
"""


def text() -> str:
    """The page."""
    parts = [HEAD]
    for table, columns in TABLES.items():
        zh, en = TABLE_WORDS[table]
        parts.append(f"## {table}\n\n{zh}。 / {en[0].upper()}{en[1:]}.\n\n| column | type | 含义 | meaning |\n|---|---|---|---|\n" + "".join(
            f"| `{one.name}` | {TYPES[one.kind]} | {one.zh} | {one.en} |\n" for column in columns for one in expanded(column)))
    return "\n".join(parts)


if __name__ == "__main__":
    print(text(), end="")
