"""Letters, ids and the end of imports come and go with data in the database."""

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from api.db import downgrade, upgrade
from models import Address, BlockRequest, BlockRequestAddress, BlockRequestFile, Import, StixId
from tests.models.test_imports_migration import AT, OLD

TABLES = {"block_requests", "block_request_addresses", "block_request_files", "stix_ids"}


def test_letters_go_and_everything_else_stays(engine):
    upgrade(engine)
    downgrade(engine, "0009")
    with engine.begin() as connection:
        connection.execute(text(OLD), {"at": AT})
        connection.execute(
            text(
                "INSERT INTO imports (id, made_at, format, file_sha256, added, merged, known, refused)"
                " VALUES ('i', :at, 'csv', :sha256, 1, 0, 0, 0)"
            ),
            {"at": AT, "sha256": "0" * 64},
        )
    upgrade(engine)
    with Session(engine) as session, session.begin():
        row = session.get_one(Import, "i")
        assert row.finished_at == row.made_at
        letter = BlockRequest(made_at=row.made_at, language="kk", recipient="ведомство", reference="7", facts={})
        letter.addresses = [BlockRequestAddress(address_id="a", position=1)]
        letter.files = [BlockRequestFile(format="pdf", sha256="0" * 64, size_bytes=1)]
        session.add_all([letter, StixId(object_id="indicator--x", address_id="a")])
    downgrade(engine, "0009")
    assert not TABLES & set(inspect(engine).get_table_names())
    assert "finished_at" not in {column["name"] for column in inspect(engine).get_columns("imports")}
    upgrade(engine)
    with Session(engine) as session:
        assert session.get_one(Address, "a").value == "+77075009665"
        assert session.scalars(select(BlockRequest)).all() == []
