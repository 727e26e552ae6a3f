"""From what somebody types to a time zone (docs/rules.md, 8)."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.rules.cities import ABBREVIATIONS, CITIES, COUNTRIES, PLACES, SEVERAL
from core.rules.zones import MOST_SUGGESTIONS, find, key

SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)
WINTER = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("  America/new york ", "America/New_York"),
        ("AMERICA/NEW_YORK", "America/New_York"),
        ("America/Port au Prince", "America/Port-au-Prince"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("Etc/GMT-5", "Etc/GMT-5"),
        ("UTC", "UTC"),
        ("US/Pacific", "US/Pacific"),
        ("Asia/Calcutta", "Asia/Calcutta"),
    ],
)
def test_a_name_of_the_zone_database_in_any_case(text: str, zone: str) -> None:
    answer = find(text, SUMMER)
    assert (answer.zone, answer.suggestions, answer.how) == (zone, (), "name")


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Berlin", "Europe/Berlin"),
        ("Mumbai", "Asia/Kolkata"),
        ("San Francisco", "America/Los_Angeles"),
        ("san_francisco", "America/Los_Angeles"),
        ("Bangalore", "Asia/Kolkata"),
        ("Beijing", "Asia/Shanghai"),
        ("Boston", "America/New_York"),
        ("Tel Aviv", "Asia/Jerusalem"),
        ("new york", "America/New_York"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("Port au Prince", "America/Port-au-Prince"),
        ("Istanbul", "Europe/Istanbul"),
        ("Calcutta", "Asia/Kolkata"),
        ("St. Louis", "America/Chicago"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Zürich", "Europe/Zurich"),
        ("København", "Europe/Copenhagen"),
        ("Łódź", "Europe/Warsaw"),
        ("Москва", "Europe/Moscow"),
        ("東京", "Asia/Tokyo"),
        ("Berlin, Germany", "Europe/Berlin"),
        ("London time", "Europe/London"),
        ("Ber\u200blin\x00", "Europe/Berlin"),
    ],
)
def test_a_well_known_city(text: str, zone: str) -> None:
    answer = find(text, SUMMER)
    assert (answer.zone, answer.suggestions) == (zone, ())
    assert answer.how in ("city", "name")
    assert zone in answer.explain


def test_a_city_is_said_to_be_one_with_the_time_it_has() -> None:
    answer = find("Mumbai", SUMMER)
    assert answer.how == "city"
    assert answer.explain == "That is Asia/Kolkata, where it is 17:30 now."


@pytest.mark.parametrize(
    ("text", "zone"), [("Japan", "Asia/Tokyo"), ("UK", "Europe/London"), ("India", "Asia/Kolkata")]
)
def test_a_country_where_all_clocks_agree(text: str, zone: str) -> None:
    assert (find(text, SUMMER).zone, find(text, SUMMER).how) == (zone, "country")


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("USA", "America/Chicago"),
        ("australia", "Australia/Perth"),
        ("San Jose", "America/Costa_Rica"),
        ("Birmingham", "Europe/London"),
    ],
)
def test_a_name_of_several_places_is_asked_back(text: str, among: str) -> None:
    answer = find(text, SUMMER)
    assert answer.zone is None
    assert len(answer.suggestions) > 1
    assert among in answer.suggestions


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("CET", "Europe/Berlin"),
        ("cest", "Europe/Berlin"),
        ("PST", "America/Los_Angeles"),
        ("IST", "Asia/Kolkata"),
        ("EST", "America/New_York"),
        ("GMT", "Europe/London"),
        ("Pacific time", "America/Los_Angeles"),
        ("Eastern Standard Time", "America/New_York"),
        ("AEST", "Australia/Sydney"),
    ],
)
def test_an_abbreviation_is_never_taken_for_a_zone(text: str, first: str) -> None:
    answer = find(text, SUMMER)
    assert (answer.zone, answer.how) == (None, "suggested")
    assert answer.suggestions[0] == first
    assert "ambiguous" in answer.explain
    assert "summer time" in answer.explain


def test_ist_means_three_places() -> None:
    assert set(find("IST", SUMMER).suggestions) == {"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"}


@pytest.mark.parametrize(
    ("text", "minutes", "fixed"),
    [
        ("UTC+2", 120, "Etc/GMT-2"),
        ("utc +02:00", 120, "Etc/GMT-2"),
        ("GMT-5", -300, "Etc/GMT+5"),
        ("GMT\u22125", -300, "Etc/GMT+5"),
        ("+5:30", 330, None),
        ("UTC+0530", 330, None),
        ("GMT-3:30", -210, None),
        ("UTC+0", 0, "UTC"),
        ("UTC-00:00", 0, "UTC"),
        ("+14", 840, "Etc/GMT-14"),
        ("utc-12", -720, "Etc/GMT+12"),
    ],
)
def test_an_offset_is_answered_with_places_that_keep_it_now(
    text: str, minutes: int, fixed: str | None
) -> None:
    for now in (SUMMER, WINTER):
        answer = find(text, now)
        assert answer.zone is None
        assert len(answer.suggestions) <= MOST_SUGGESTIONS
        for zone in answer.suggestions:
            assert now.astimezone(ZoneInfo(zone)).utcoffset() == timedelta(minutes=minutes), (zone, now)
        assert (fixed is None) or answer.suggestions[-1] == fixed
        assert answer.suggestions or text == "GMT-3:30"
        assert "summer time" in answer.explain or not answer.suggestions


def test_places_of_an_offset_depend_on_the_season() -> None:
    assert "Europe/Berlin" in find("UTC+2", SUMMER).suggestions
    assert "Europe/Berlin" not in find("UTC+2", WINTER).suggestions


def test_a_fixed_zone_is_offered_with_a_warning_about_its_sign() -> None:
    assert "Etc/GMT-2, which is UTC+2 all year (names of this kind carry the opposite sign)" in (
        find("UTC+2", SUMMER).explain
    )


@pytest.mark.parametrize("text", ["UTC+99", "GMT-5:30", "+13:37", "UTC+5:99"])
def test_an_offset_that_no_place_keeps(text: str) -> None:
    answer = find(text, SUMMER)
    assert (answer.zone, answer.suggestions, answer.how) == (None, (), "unknown")
    assert "No place is at UTC" in answer.explain


@pytest.mark.parametrize("now", [SUMMER, WINTER])
def test_every_offset_in_use_has_a_place(now: datetime) -> None:
    zones = available_timezones() - {"Factory", "localtime"}
    offsets = {now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for zone in zones}
    assert len(offsets) > 30
    for offset in offsets:
        minutes = offset // timedelta(minutes=1)
        text = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02}"
        assert find(text, now).suggestions, text


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Berln", "Europe/Berlin"),
        ("Amercia/New_York", "America/New_York"),
        ("Europe/Berln", "Europe/Berlin"),
        ("Sidney", "Australia/Sydney"),
        ("Singapoor", "Asia/Singapore"),
        ("york", "America/New_York"),
        ("Los Ang", "America/Los_Angeles"),
    ],
)
def test_a_misspelt_name_is_asked_back_with_the_nearest_ones(text: str, zone: str) -> None:
    answer = find(text, SUMMER)
    assert (answer.zone, answer.how) == (None, "suggested")
    assert zone in answer.suggestions
    assert len(answer.suggestions) <= MOST_SUGGESTIONS


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00\x1b\x07", "🦜", "x" * 100_000, "qqqqqq", "../../etc/passwd", ",", "/"]
)
def test_what_nobody_can_place_is_answered_with_what_to_type(text: str) -> None:
    answer = find(text, SUMMER)
    assert answer.zone is None
    assert answer.suggestions == ()
    assert "such as Europe/Berlin" in answer.explain


def test_a_text_too_long_for_a_name_is_not_searched_for() -> None:
    assert find("Berlin " * 20_000, SUMMER).explain.startswith("That is too long for the name of a place.")


@settings(deadline=None)
@given(st.text(max_size=200) | st.from_regex(r"(?i)(utc|gmt)? ?[+-]\d{1,4}(:\d\d)?", fullmatch=True))
@example("\ud800")
@example("localtime")
@example("Factory")
@example("posixrules")
def test_no_text_raises_and_every_zone_given_exists(text: str) -> None:
    answer = find(text, SUMMER)
    assert len(answer.suggestions) <= MOST_SUGGESTIONS
    assert answer.explain.endswith(".")
    for zone in (*answer.suggestions, *([answer.zone] if answer.zone else [])):
        assert ZoneInfo(zone).key == zone
        assert zone in available_timezones() - {"localtime", "Factory"}
    assert not (answer.zone and answer.suggestions)


@pytest.mark.slow
def test_every_name_of_the_zone_database_with_a_slash_is_understood_as_itself() -> None:
    for name in available_timezones():
        if "/" in name:
            assert find(name.lower().replace("_", " "), SUMMER).zone == name


def test_every_zone_in_the_tables_exists() -> None:
    listed = chain.from_iterable(zones.split(", ") for zones in (*SEVERAL.values(), *ABBREVIATIONS.values()))
    assert {*CITIES, *COUNTRIES, *PLACES, *listed} <= available_timezones()


def test_every_city_and_country_in_the_tables_is_found_and_stands_there_once() -> None:
    names = [
        (name, zone) for zone, places in (*CITIES.items(), *COUNTRIES.items()) for name in places.split(", ")
    ]
    assert len(names) >= 120
    for name, zone in names:
        assert find(name, SUMMER).zone == zone
    assert len({key(name) for name, _ in names} | set(SEVERAL)) == len(names) + len(SEVERAL)


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="attach UTC"):
        find("Berlin", datetime(2026, 7, 1))
