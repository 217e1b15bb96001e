"""Partitions as Kafka's own clients choose them, and ids that depend on their parts."""

import pytest
from aiokafka.partitioner import murmur2 as murmur2_of_aiokafka
from hypothesis import given, strategies as st
from pydantic import TypeAdapter

from contracts.base import Code
from contracts.keys import content_hash, derived_id, murmur2, partition_of


@given(st.binary(max_size=64))
def test_murmur2_agrees_with_the_client(data: bytes) -> None:
    assert murmur2(data) == murmur2_of_aiokafka(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [  # org.apache.kafka.common.utils.UtilsTest.testMurmur2
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
    ],
)
def test_murmur2_agrees_with_kafka(data: bytes, expected: int) -> None:
    assert murmur2(data) == expected % 2**32


@given(st.binary(max_size=30), st.integers(1, 100))
def test_a_key_has_one_of_the_partitions(key: bytes, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions
    # DefaultPartitioner: the positive part of the hash, modulo the number of partitions
    assert partition_of(key, partitions) == (murmur2_of_aiokafka(key) & 0x7FFFFFFF) % partitions


def test_a_derived_id_depends_on_where_its_parts_end() -> None:
    parts = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("c", "ab")]
    assert len({derived_id(*each) for each in parts}) == len(parts)


def test_a_derived_id_does_not_depend_on_text_or_bytes() -> None:
    assert derived_id("医保", b"1") == derived_id("医保".encode(), "1")


@given(st.lists(st.binary(max_size=20), max_size=4))
def test_a_derived_id_is_a_code_and_repeats(parts: list[bytes]) -> None:
    assert TypeAdapter(Code).validate_python(derived_id(*parts)) == derived_id(*parts)


def test_the_hash_is_sha_256() -> None:
    # FIPS 180-2, appendix B.1: the digest of "abc"
    assert content_hash(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
