"""When: the days of the year in order, from 8 to 18 o'clock."""

from datetime import date, timedelta

from services.generator.mix import DAYS, FIRST_DAY


def moment(number: int, of: int) -> tuple[date, str]:
    """Day and time (+08:00) of claim ``number``, one of ``of``."""
    days, rest = divmod(number * DAYS, of)
    seconds = rest * 36_000 // of
    day = FIRST_DAY + timedelta(days=days)
    return day, f"{day}T{8 + seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}+08:00"
