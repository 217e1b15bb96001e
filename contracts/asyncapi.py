"""The AsyncAPI 3 document of the topics, from the map, the register of events and the envelope: ``contracts/asyncapi.json``.

It is written and checked with the schemas (``python -m contracts.schemas``), which its messages refer to.
"""

from typing import Any

from contracts.envelope import FORMS, SPECVERSION, join_type
from contracts.events import BESIDE
from contracts.keys import PSN_NO_PATTERN
from contracts.topics import Topic, topic_map

VERSION = "1.0.0"
"""Of the contract. The last number grows with words, the one before with types and fields; the first one never yet."""
FORMAT = "application/schema+json;version=draft-2020-12"
WORDS = {
    "ce_specversion": "CloudEvents 版本 / version of CloudEvents", "ce_type": "类型 / type",
    "ce_source": "来源 / who published it", "ce_id": "编号；请求未给出时由内容导出 / id; of a request without one it is derived from the content",
    "ce_time": "时间 / time", "ce_requestid": "所答请求的编号 / id of the request that it answers",
    "ce_requesttype": "所答请求的类型 / type of that request", "ce_requestsource": "所答请求的来源 / source of that request",
    "cause": "起因记录值的 SHA-256 / SHA-256 of the value that caused it",
    "req": "请求在分区内的序号 / number of the request in its partition",
    "src": "所据上游记录的偏移 / offset of the record upstream that it was decided from",
    "own": "写入者的栅栏的偏移 / offset of the fence of the worker that wrote it",
    "fence": "接管分区的标记 / mark of a worker that takes over the partition",
}
ASKED = ("ce_specversion", "ce_type", "ce_source")
ROAD = (*ASKED, "ce_id", "ce_requestid", "ce_requesttype", "ce_requestsource", "cause", "req", "src", "own")
Json = dict[str, Any]
KEY: Json = {"type": "string", "pattern": PSN_NO_PATTERN}
AS_IT_CAME: Json = {"description": "请求的键，照收到的样子：任何字节，也可以没有 / the key of the request as it came: any bytes, or none"}
KEYS = {
    "request.unreadable": AS_IT_CAME,
    **dict.fromkeys(("request.dead", "audit.found"), {"description": "请求的键（至多 256 字节），没有的为其序号 / the key of the request "
                                                                     "(256 bytes at most), its number where it has none"}),
    "chain.sealed": {"type": "string", "description": "分区号 / number of the partition"},
}
"""What is not the ``psn_no``."""


def document() -> Json:
    """The whole document."""
    topics = topic_map()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "yibao", "version": VERSION,
            "description": "医保事件结算的主题与消息。哪些记录算数：docs/consumers.md。 / Topics and messages of the settlement of basic "
            "medical insurance. Which records count: docs/consumers.md.",
        },
        "defaultContentType": "application/json",
        "channels": {_short(topic): _channel(topic) for topic in topics.all},
        "operations": {name: found for topic in topics.all for name, found in _operations(topic)},
        "components": {"messages": {name: found for topic in topics.all for name, found in _messages(topic)}},
    }


def _short(topic: Topic) -> str:
    return topic.name.removeprefix("yibao.")


def _channel(topic: Topic) -> Json:
    config = dict(topic.config)
    kept = {
        "cleanup.policy": [config["cleanup.policy"]], "max.message.bytes": topic.max_message_bytes,
        **{name: int(config[name]) for name in ("retention.ms", "retention.bytes")},
    }
    kafka = {"topic": topic.name, "partitions": topic.partitions, "topicConfiguration": kept, "bindingVersion": "0.5.0"}
    return {
        "address": topic.name, "description": f"{topic.zh} / {topic.en}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name, _ in _messages(topic)},
        "bindings": {"kafka": kafka},
    }


def _operations(topic: Topic) -> list[tuple[str, Json]]:
    """Who writes the topic and who reads it."""
    channel = {"$ref": f"#/channels/{_short(topic)}"}
    wrote = [(who, "send", "writes") for who in topic.makers]
    return [
        (f"{who}.{action}.{_short(topic)}", {"action": action, "channel": channel, "summary": f"{who} {does} {topic.name}"})
        for who, action, does in (*wrote, *((who, "receive", "reads") for who in topic.readers))
    ]


def _messages(topic: Topic) -> list[tuple[str, Json]]:
    """The messages of a topic: of the first one as gateways publish them; of the others the whole values, and the fence."""
    first = topic.name == topic_map().road[0].name
    names = ((f"{text}.request" if first else text, text) for text in sorted(topic.types))
    forms = {name: {"pattern": f"^{form}$"} for name, form in FORMS.items()} if first else {}
    found = [(name, _message(name, text, ASKED if first or text.rpartition(".v")[0] in BESIDE else ROAD, forms)) for name, text in names]
    return found if first or topic in topic_map().beside else [*found, ("fence", _fence())]


def _message(name: str, type_text: str, headers: tuple[str, ...], forms: dict[str, Json]) -> Json:
    named, _, version = type_text.rpartition(".v")
    return {
        "name": join_type(named, int(version)), "title": type_text,
        "headers": _headers(headers, join_type(named, int(version)), forms),
        "payload": {"schemaFormat": FORMAT, "schema": {"$ref": f"schemas/{name}.json"}},
        "bindings": {"kafka": {"key": KEYS.get(named, KEY), "bindingVersion": "0.5.0"}},
    }


def _headers(needed: tuple[str, ...], type_text: str, forms: dict[str, Json]) -> Json:
    """Headers are bytes; what they hold is text, of a request in one of ``forms``. Others may come with them, such as those of a trace."""
    values: dict[str, Json] = {"ce_specversion": {"const": SPECVERSION}, "ce_type": {"const": type_text}, **forms}
    names = dict.fromkeys((*needed, "ce_id", "ce_time"))
    return {
        "type": "object", "required": list(needed),
        "properties": {name: {"type": "string", "description": WORDS[name], **values.get(name, {})} for name in names},
    }


def _fence() -> Json:
    return {
        "name": "fence", "title": "fence", "summary": "栅栏：不是事件，读者按 kept 处理 / a fence: no event; readers treat it as kept says",
        "headers": {"type": "object", "required": ["fence"], "properties": {"fence": {"type": "string", "description": WORDS["fence"]}}},
        "payload": {"description": "空 / empty"},
    }
