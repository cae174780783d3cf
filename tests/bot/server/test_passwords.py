import asyncio
import re

from argon2 import PasswordHasher

from bot.server.passwords import PasswordChecks, hash_password, new_password

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_a_new_password_is_long_and_never_the_same():
    passwords = {new_password() for _ in range(100)}

    assert len(passwords) == 100
    assert all(
        re.fullmatch(r"([a-hj-km-np-z2-9]{5}-){3}[a-hj-km-np-z2-9]{5}", p) for p in passwords
    )


def test_only_an_argon2id_hash_is_stored():
    assert hash_password("correct horse").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_right_password_is_right_and_nothing_else_is():
    checks = PasswordChecks(2, CHEAP)
    stored = CHEAP.hash("correct horse")

    async def ask():
        return [
            await checks.right("correct horse", stored),
            await checks.right("correct horsE", stored),
            await checks.right("correct horse", None),
            await checks.right("x" * 2000, stored),
            await checks.right("correct horse", "not a hash"),
        ]

    assert asyncio.run(ask()) == [True, False, False, False, False]
    checks.close()


def test_a_name_that_does_not_exist_costs_a_hash_too():
    class Counting(PasswordHasher):
        verified = 0

        def verify(self, hash, password):
            Counting.verified += 1
            return super().verify(hash, password)

    checks = PasswordChecks(1, Counting(time_cost=1, memory_cost=8, parallelism=1))

    asyncio.run(checks.right("x", None))

    assert Counting.verified == 1
    checks.close()
