"""The forecast in words: a range of days, or why none can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from collector.domain.model import Access
from collector.notifications import words
from collector.notifications.standing import access_in_words
from collector.reports.forecast import (
    HORIZON,
    NEAR,
    WINDOW,
    WINDOWS,
    Forecast,
    ForecastNumbers,
    Outcome,
    Why,
    Window,
    window_ends,
)
from collector.reports.phrases import community_labels, how_far, in_digits
from collector.reports.report import Bars, Cell, Column, Kind, Report, Table, nothing, text
from collector.reports.sources import UsedReading, readings_table
from storage.growth import RunFacts

NOT_NOW, ALREADY, UNTOLD = "не при нынешнем росте", "уже", "—"
NO_END = "не видно"
_OBSTACLES = {
    Why.FUTURE: "этот день ещё не наступил",
    Why.NO_COMMUNITY: "сообществ в списке нет",
    Why.NEVER_READ: "подписчиков ещё ни разу не удалось прочитать",
}
_WITH_DAY = {
    Why.LEFT: "исключено из списка {day}",
    Why.ABSENT: "сообщества ещё не было {day}, и замеров с тех пор нет",
    Why.NEW: "сообщество новое: {day} его ещё не было",
    Why.READ_LATELY: "первый замер только {day}: замеров мало",
    Why.WITHHELD: "около {day} сеть скрыла число подписчиков",
    Why.GAP: "около {day} нет замера",
}
_GAPS = (Why.NEVER_READ, Why.READ_LATELY, Why.WITHHELD, Why.GAP)
_COUNT_COLUMN = 1


def forecast_report(numbers: ForecastNumbers, runs: Mapping[int, RunFacts]) -> Report:
    """The report. `runs`: those that the numbers came from."""
    rows = [_row(label, each, numbers) for label, each in _labelled(numbers.forecasts)]
    title = f"Подписчики на {words.day(numbers.on)}; отметка — {words.number(numbers.milestone)}"
    is_known = any(each.current is not None for each in numbers.forecasts)
    return Report(
        name="forecast",
        title=f"Когда у сообществ будет {_people(numbers.milestone)}",
        period=f"прогноз на {words.day(numbers.on)}, по росту за {_days(WINDOWS * WINDOW.days)} до него",
        tables=(Table("Прогноз", _columns(numbers), rows),),
        sources=lambda: _sources(numbers, runs),
        method=tuple(_method(numbers)),
        warnings=tuple(_warnings(numbers)),
        gaps=lambda: [
            f"{label}: {_told(each)}" for label, each in _labelled(numbers.forecasts) if each.why in _GAPS
        ],
        charts=(Bars(title, 0, [("Подписчиков", _COUNT_COLUMN)]),) if is_known else (),
    )


def _columns(numbers: ForecastNumbers) -> list[Column]:
    ends, growth = window_ends(numbers.on), f"Прирост за {_days(WINDOW.days)}"
    return [
        Column("Сообщество"),
        Column("Подписчиков", Kind.COUNT),
        Column(f"Осталось до {words.number(numbers.milestone)}", Kind.COUNT),
        *(Column(f"к\u00a0{in_digits(end)}", Kind.CHANGE, growth, "Прирост") for end in ends[1:]),
        Column("Раньше всего", Kind.DATE, "Отметка", "Отметка"),
        Column("Позже всего", Kind.DATE, "Отметка", "Отметка"),
        Column("Прогноз"),
        Column("Ссылка", Kind.LONG),
    ]


def _labelled(forecasts: Sequence[Forecast]) -> Iterator[tuple[str, Forecast]]:
    labels = community_labels([(each.branch_code, each.network) for each in forecasts])
    yield from zip(labels, forecasts, strict=True)


def _row(label: str, each: Forecast, numbers: ForecastNumbers) -> list[Cell]:
    count = each.current.follower_count if each.current is not None else None
    return [
        text(label),
        nothing(UNTOLD)
        if each.current is None
        else Cell(count, note=how_far((each.current.on - numbers.on).days)),
        nothing(UNTOLD) if count is None else Cell(max(numbers.milestone - count, 0)),
        *([_window(window) for window in each.windows] or [nothing(UNTOLD)] * WINDOWS),
        nothing(UNTOLD) if each.earliest is None else Cell(each.earliest),
        _latest(each),
        text(_told(each)),
        text(each.url) if each.url else nothing(UNTOLD),
    ]


def _window(window: Window) -> Cell:
    is_whole = window.days == WINDOW.days
    return Cell(window.change, note="" if is_whole else f"между замерами {_days(window.days)}")


def _latest(each: Forecast) -> Cell:
    if each.latest is not None:
        return Cell(each.latest)
    return nothing(NO_END if each.outcome is Outcome.NOT_BEFORE else UNTOLD)


def _told(each: Forecast) -> str:
    if each.why is not None:
        return _why(each, each.why)
    if each.outcome is Outcome.ALREADY:
        return ALREADY
    if each.earliest is None:
        return NOT_NOW
    if each.latest is None:
        return f"не раньше {words.day(each.earliest)}"
    if each.latest == each.earliest:
        return f"около {words.day(each.earliest)}"
    return f"с {words.near_day(each.earliest, each.latest)} по {words.day(each.latest)}"


def _why(each: Forecast, why: Why) -> str:
    if why in _OBSTACLES:
        return _OBSTACLES[why]
    day = words.day(each.on) if each.on is not None else ""
    if why is Why.CLOSED and each.access is not None:
        return f"сообщество {access_in_words(Access(each.access))}, замечено {day}"
    return _WITH_DAY[why].format(day=day).strip()


def _sources(numbers: ForecastNumbers, runs: Mapping[int, RunFacts]) -> Table:
    return readings_table(
        (
            UsedReading(each.branch_code, each.network or "", each.url, day, reading)
            for each in numbers.forecasts
            for day, reading in each.points
        ),
        runs,
    )


def _method(numbers: ForecastNumbers) -> Iterator[tuple[str, str]]:
    ends = window_ends(numbers.on)
    yield (
        "Рост",
        f"{_days(WINDOWS * WINDOW.days)} до {words.day(numbers.on)} поделены на отрезки по {_days(WINDOW.days)}; их "
        f"концы: {', '.join(in_digits(end) for end in ends)}, дни по московскому времени. Прирост отрезка, делённый "
        "на число дней между его замерами, — рост в день",
    )
    yield (
        "Замер на конец отрезка",
        f"ближайший к этому дню, но не дальше {words.of_days(NEAR.days)}; без любого из {len(ends)} замеров прогноза "
        "нет",
    )
    yield (
        "Раньше всего, позже всего",
        "от последнего замера, если дальше расти так, как в самом быстром отрезке, и так, как в самом медленном; день, "
        "который уже прошёл, не называется: вместо него день прогноза",
    )
    yield (
        f"«не раньше ...», «{NO_END}»",
        f"в самом медленном отрезке подписчиков не прибавилось, или при таком росте ждать дольше {_years()}",
    )
    yield f"«{NOT_NOW}»", f"так и в самом быстром отрезке, или при таком росте ждать дольше {_years()}"
    yield f"«{ALREADY}»", f"в последнем замере {_people(numbers.milestone)} или больше"
    yield (
        "Закрытые и исключённые",
        "у закрытых, заблокированных и не найденных сообществ, у исключённых из списка прогноза нет, пояснение — в "
        "столбце «Прогноз»",
    )
    yield "Это не обещание", "прогноз только продолжает прежний рост; о будущем он ничего не знает"
    yield "Составлено", words.day(numbers.today)


def _warnings(numbers: ForecastNumbers) -> Iterator[str]:
    if not numbers.forecasts:
        yield "В списке нет таких организаций: считать нечего."
    if numbers.on > numbers.today:
        yield f"День {words.day(numbers.on)} ещё не наступил: чисел на него нет."
    elif numbers.forecasts and not any(each.points for each in numbers.forecasts):
        yield f"За {_days(WINDOWS * WINDOW.days)} до этого дня нет ни одного замера: прогноза нет."


def _people(count: int) -> str:
    return words.counted(count, "подписчик")


def _days(count: int) -> str:
    return words.counted(count, "день")


def _years() -> str:
    years = HORIZON.days // 365
    return f"{years}\u00a0{words.plural(years, 'года', 'лет', 'лет')}"
