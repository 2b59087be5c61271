"""Rows of the figures: what is counted of each case, and the sums."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime, code

# What an officer has found on their round: left for others to mend, or mended on the spot.
FILED, SETTLED = "filed", "settled"


class CaseMark(Model):
    """What the figures count of a case; see docs/figures.md. `unit` and `person` are whose it is, or was last.

    `part` says that it is a part of another, which counts for no area.
    `due_at` is when its final reply was due: the first deadline that was missed (`late`), else the last that was set
    before the first final reply. `overtaken` says that time ran out before anybody took it on. `resolved` and
    `satisfaction` are what its submitter has said of it at last.

    `found` is FILED or SETTLED where an officer has found it: then it counts apart. `drawn` says that it is one of the
    share that is verified, `judged_at` when somebody did for the first time, and `failed` that it did not pass then.

    `replies` is how many final replies were given, `stock` how many were refused for being stock phrases, and
    `answer_class` that of the last. `independent` says that what its submitter has said was said by somebody who is
    none of the unit's own, and whom nobody speaks for; `relayed` that an officer has said it for them. `adopted`
    and `converted` are for suggestions. `kind` is None in what the release before has counted.
    """

    __tablename__ = "case_marks"
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    area: Mapped[str] = mapped_column(code(18))
    part: Mapped[bool] = mapped_column(default=False, server_default=false())
    unit: Mapped[str | None] = mapped_column(Id)
    person: Mapped[str | None] = mapped_column(Id)
    filed_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcTime)
    replied_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    overtaken: Mapped[bool] = mapped_column(default=False, server_default=false())
    cancelled: Mapped[bool] = mapped_column(default=False, server_default=false())
    excluded: Mapped[bool] = mapped_column(default=False, server_default=false())
    reworks: Mapped[int] = mapped_column(default=0, server_default="0")
    objections: Mapped[int] = mapped_column(default=0, server_default="0")
    extensions: Mapped[int] = mapped_column(default=0, server_default="0")
    urgings: Mapped[int] = mapped_column(default=0, server_default="0")
    reopenings: Mapped[int] = mapped_column(default=0, server_default="0")
    resolved: Mapped[bool | None]
    satisfaction: Mapped[int | None]
    found: Mapped[str | None] = mapped_column(String(8))
    drawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    judged_at: Mapped[datetime | None] = mapped_column(UtcTime)
    failed: Mapped[bool] = mapped_column(default=False, server_default=false())
    kind: Mapped[str | None] = mapped_column(String(20))
    answer_class: Mapped[str | None] = mapped_column(String(1))
    replies: Mapped[int] = mapped_column(default=0, server_default="0")
    stock: Mapped[int] = mapped_column(default=0, server_default="0")
    independent: Mapped[bool] = mapped_column(default=False, server_default=false())
    relayed: Mapped[bool] = mapped_column(default=False, server_default=false())
    adopted: Mapped[bool] = mapped_column(default=False, server_default=false())
    converted: Mapped[bool] = mapped_column(default=False, server_default=false())


class CaseFigure(Model):
    """How often `measure` was counted for `subject` (see `counting.spread`) in `period`.

    That is a day of the city ("2026-05-12"), and besides the whole month ("2026-05").
    """

    __tablename__ = "case_figures"
    subject: Mapped[str] = mapped_column(code(48), primary_key=True)
    period: Mapped[str] = mapped_column(code(10), primary_key=True)
    measure: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)


class KindFigure(Model):
    """As CaseFigure, of the cases of one kind; nobody asks for a person's."""

    __tablename__ = "kind_figures"
    subject: Mapped[str] = mapped_column(code(48), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    period: Mapped[str] = mapped_column(code(10), primary_key=True)
    measure: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
