"""Values at rest: sealed, bound to their place, and moved to a new key while all goes on."""

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline import accounts, vault
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.vault import Vault, open_vault, rotate_all

OLD, NEW = "an old key of thirty-two characters", "a new key of thirty-two characters!"


def settings(folder, **given) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **given)


def test_a_value_opens_only_where_it_was_sealed():
    it = Vault([OLD])
    token = it.seal(1, "mam", "mam_id", "geheim")

    assert it.open(1, "mam", "mam_id", token) == "geheim"
    assert b"geheim" not in token
    for elsewhere in ((2, "mam", "mam_id"), (1, "prowlarr", "mam_id"), (1, "mam", "rotated")):
        with pytest.raises(ConfigurationError, match="belongs elsewhere"):
            it.open(*elsewhere, token)


def test_a_value_of_an_unknown_key_says_what_to_do():
    token = Vault([OLD]).seal(1, "mam", "mam_id", "geheim")

    with pytest.raises(ConfigurationError, match="put the former key behind the new one"):
        Vault([NEW]).open(1, "mam", "mam_id", token)


def test_without_a_key_one_is_made_for_the_owner_alone(tmp_path):
    token = open_vault(settings(tmp_path)).seal(1, "a", "b", "c")

    assert open_vault(settings(tmp_path)).open(1, "a", "b", token) == "c"
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_share_the_key(tmp_path):
    with ThreadPoolExecutor(16) as threads:
        vaults = list(threads.map(lambda _: open_vault(settings(tmp_path)), range(16)))

    tokens = [each.seal(1, "a", "b", "c") for each in vaults]
    assert all(vaults[0].open(1, "a", "b", token) == "c" for token in tokens)


@pytest.mark.parametrize("key", ["short", f"{OLD},short", ","])
def test_a_key_that_is_none_is_refused(key, tmp_path):
    with pytest.raises(ConfigurationError, match="at least 32 characters"):
        open_vault(settings(tmp_path, secret_key=key))


async def test_the_key_is_replaced_under_load_and_no_value_is_lost(pool, user_id, monkeypatch):
    """Writers with either order of keys go on while all values are written anew."""
    monkeypatch.setattr(vault, "BATCH", 3)
    before, during, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    for n in range(20):
        await accounts.store_credentials(pool, before, user_id, {"abs_token": f"first {n}"})
    users = [await accounts.add_user(pool, f"user {n}") for n in range(20)]
    for user in users:
        await accounts.store_credentials(pool, before, user, {"abs_token": "t", "mam_id": "m"})
    last: dict[int, str] = {}
    stop = asyncio.Event()

    async def write() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            user = users[n % len(users)]
            await accounts.store_credentials(pool, during, user, {"abs_token": f"value {n}"})
            last[user] = f"value {n}"

    async def read() -> None:
        while not stop.is_set():
            for user in users[:5]:
                async with pool.user(user) as db:
                    for row in await db.rows("credentials.all"):
                        during.open(user, row["service"], row["field"], bytes(row["token"]))

    work = [asyncio.create_task(write()), asyncio.create_task(read())]
    await asyncio.sleep(0.3)
    rotated = await rotate_all(pool, during)
    await asyncio.sleep(0.1)
    stop.set()
    await asyncio.gather(*work)

    assert rotated == 41
    assert len(last) >= 10
    for user in users:
        async with pool.user(user) as db:
            opened = {
                row["field"]: after.open(user, row["service"], row["field"], bytes(row["token"]))
                for row in await db.rows("credentials.all")
            }
        assert opened == {"abs_token": last.get(user, "t"), "mam_id": "m"}
