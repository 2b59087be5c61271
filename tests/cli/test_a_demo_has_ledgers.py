"""`participate seed --demo --cases` lays what a member and a unit have done, for everyone to read."""

from flask import Flask

from participate.cli import demo, demo_members
from participate.kernel.context import settings


def test_a_member_and_a_unit_have_done_something(app: Flask) -> None:
    accounts = settings().data_dir / demo.ACCOUNTS_FILE
    accounts.unlink(missing_ok=True)  # Other tests of this process lay a demo too.
    demo.seed(settings())
    accounts.unlink()
    assert demo_members.lay(demo.AROUND) == 2
    nobody = app.test_client()
    members = {each["name"]: each["id"] for each in nobody.get("/v1/members").get_json()["items"]}
    counts = nobody.get(f"/v1/members/{members['member1']}/ledger").get_json()["counts"]
    assert counts == {"filed": 1, "cosigned": 0, "adopted": 1, "answered": 1, "reported": 1}
    units = nobody.get("/v1/units?limit=100").get_json()["items"]
    answers = [nobody.get(f"/v1/units/{unit['id']}/ledger").get_json()["answers"] for unit in units]
    assert sorted(answers)[-2:] == [0, 1]
