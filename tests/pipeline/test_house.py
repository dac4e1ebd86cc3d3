"""A process meets its database: what can be waited for is told from what cannot."""

import pytest
from psycopg.conninfo import make_conninfo

from pipeline.errors import ConfigurationError, ServiceDown
from pipeline.house import database
from pipeline.settings import Settings


async def opened(url, tmp_path):
    async with database(Settings(database_url=url, data_dir=tmp_path), lambda _: None):
        pass


async def test_a_database_that_does_not_exist_is_a_mistake_that_is_told(server_url, tmp_path):
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL: .*nowhere.*does not exist"):
        await opened(make_conninfo(server_url, dbname="nowhere"), tmp_path)


async def test_a_role_that_does_not_exist_is_one_too(server_url, tmp_path):
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL: .*nobody.*does not exist"):
        await opened(make_conninfo(server_url, user="nobody"), tmp_path)


async def test_a_server_that_is_not_there_is_worth_waiting_for(tmp_path):
    with pytest.raises(ServiceDown, match="PostgreSQL: connecting"):
        await opened(f"host={tmp_path} dbname=x", tmp_path)
