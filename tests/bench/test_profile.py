"""Samples of a worker's stack, told to steps."""

import pytest

from tests.bench.road.profile import shares, step

BATCH = ["run (uvloop/__init__.py)", "Shell._batch (services/runtime/shell.py)", "Step.batch (services/runtime/step.py)"]


@pytest.mark.parametrize("frames, due", [
    ([], "other"),
    (["settle (policies/settlement/engine.py)", "run (policies/settlement/engine.py)"], "decide"),
    (["settle (policies/settlement/engine.py)", "grow (contracts/wire.py)", "to_json (contracts/wire.py)"], "encode"),
    (["needs (policies/settlement/claims.py)", "read_as (contracts/wire.py)", "BaseModel.model_validate_json (pydantic/main.py)"], "decode"),
    (["Step._load (services/runtime/step.py)", "needs (policies/settlement/claims.py)"], "decide"),
    (["Step._load (services/runtime/step.py)", "RedisLedger.load (services/ledger/redis.py)"], "state"),
    (["Step._apply (services/runtime/step.py)", "RedisLedger.apply (services/ledger/redis.py)", "AsyncScript.__call__ (redis/commands/core.py)"], "apply"),
    (["Step._produce (services/runtime/step.py)", "KafkaLog.append (services/runtime/kafka.py)"], "produce"),
])
def test_a_sample_is_told_to_the_innermost_step(frames: list[str], due: str) -> None:
    assert step(BATCH + frames) == due


def test_shares_are_of_all_samples() -> None:
    samples = "run (a.py:1);settle (policies/engine.py:3) 3\nrun (a.py:1);grow (contracts/wire.py:7) 1\n"
    found = shares(samples)
    assert (found["decide"], found["encode"], found["read"]) == (0.75, 0.25, 0)
