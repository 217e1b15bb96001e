"""``yibao topics``: create, correct or check what the map names."""

from typing import Annotated

import typer

from contracts.topics import topic_map
from services.cli.console import REFUSED, AsJson, Table, coro, fail, kafka_settings, out, print_json
from services.runtime.topics import check_topics, correct_topics, make_topics


@coro
async def topics(
    check: Annotated[bool, typer.Option("--check", help="只检查，不创建也不改 / only check")] = False, as_json: AsJson = False
) -> None:
    """按主题图创建缺少的主题，改正已有的配置（保留、大小、压缩），并检查分区数。图上没有写的配置不动。

    Creates the topics of the map that are missing, corrects the configuration of those that are there (what the map does not
    name stays), and checks their partitions.

    例 / Example: [bold]yibao topics --check[/bold]
    """
    found = kafka_settings()
    made = [] if check else await make_topics(found)
    corrected = [] if check else await correct_topics(found)
    problems = await check_topics(found)
    if as_json:
        print_json({"created": made, "corrected": corrected, "problems": problems})
    else:
        table = Table("topic", "分区 / partitions", "写 / makers", "读 / readers", "内容 / what is on it")
        for topic in topic_map().all:
            name = found.topic(topic.name)
            text = f"{topic.zh} / {topic.en}"
            table.add_row(
                name + (" *" if name in made else ""), str(topic.partitions), ", ".join(topic.makers),
                ", ".join(topic.readers), text,
            )
        out.print(table)
        out.print(f"* 新建 / created: {len(made)}")
        for line in corrected:
            out.print(f"已改正 / corrected: {line}", soft_wrap=True)
    if problems:
        fail("\n".join(problems), REFUSED)
