"""What can be asked of the town, for people, for programs and for spreadsheets."""

import csv
import io

from tests.adapters.cli.a_terminal import CHEN, LI, POTHOLE, WATER, Sidan


def test_orders_are_listed_newest_first_page_by_page(sidan: Sidan) -> None:
    orders = [sidan.placed() for _ in range(3)]
    first = sidan.json("orders", "list", "--limit", "2")
    rest = sidan.json("orders", "list", "--limit", "2", "--cursor", first["next"])
    listed = [one["order_id"] for one in first["orders"] + rest["orders"]]
    assert (listed, rest["next"]) == (orders[::-1], None)
    oldest = sidan.json("orders", "list", "--oldest")["orders"]
    assert [one["order_id"] for one in oldest] == orders


def test_orders_are_listed_by_what_is_asked_of_them(sidan: Sidan) -> None:
    waiting, given = sidan.placed(), sidan.dispatched()
    meals = ("--category", "care/meals", "--area", "lake/west", "--details", "送餐")
    lunch = sidan.json("place", *meals, *LI)["order"]
    sidan.json("second", waiting, "--as", "resident:r-wang")
    for words, found in {
        ("--stage", "dispatched"): [given],
        ("--stage", "dispatched", "--stage", "accepted"): [given],
        ("--category", "care"): [lunch],
        ("--area", "lake/west"): [lunch],
        ("--provider", "water"): [given],
        ("--seconded",): [waiting],
        ("--overdue",): [],
        ("--overdue", "--at", "2999-01-01"): [given],
    }.items():
        assert [one["order_id"] for one in sidan.json("orders", "list", *words)["orders"]] == found, words


def test_people_read_names_beside_the_codes_of_programs(sidan: Sidan) -> None:
    order = sidan.completed()
    listed = sidan("orders", "list").out
    for name in ("坑洼 Pothole", "东社区 East", "水务所 Water Office", order):
        assert name in listed
    shown = sidan("orders", "show", order).out
    assert "接单方 provider：水务所 Water Office  [water]" in shown
    assert "结案方式 closed how：办结 completed" in shown
    (row,) = csv.DictReader(io.StringIO(sidan("orders", "list", "--csv").bytes.decode("utf-8-sig")))
    assert (row["category"], row["category_name"]) == ("roads/pothole", "坑洼 Pothole")


def test_a_cursor_of_nobody_is_a_usage_error(sidan: Sidan) -> None:
    said = sidan("orders", "list", "--cursor", "nonsense", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "bad_cursor")


def test_a_list_for_a_spreadsheet_opens_as_one(sidan: Sidan) -> None:
    sidan.placed()
    said = sidan("orders", "list", "--csv")
    assert said.bytes.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(said.bytes.decode("utf-8-sig"))))
    assert rows[0]["category"] == "roads/pothole"
    assert "-" in rows[0]["number"]  # twelve digits alone become 5.35E+11 there
    assert rows[0]["placed_at"][:2] == "20"


def test_a_cell_that_looks_like_a_formula_stays_a_text(sidan: Sidan) -> None:
    sidan.json("place", *POTHOLE, "--as", "resident:=1+1")
    said = sidan("orders", "list", "--csv")
    assert ",'=1+1," in said.bytes.decode("utf-8-sig")


def test_an_order_is_shown_without_what_people_wrote(sidan: Sidan) -> None:
    order = sidan.completed()
    row = sidan.json("orders", "show", order)
    assert (row["stage"], row["provider"], row["in_time"]) == ("completed", "water", True)
    assert "details" not in row
    said = sidan("orders", "show", order, "--open", "--why", "核对")
    assert "路面有坑" in said.out
    assert "补好了" in said.out


def test_an_order_is_shown_as_it_stood_then(sidan: Sidan) -> None:
    order = sidan.dispatched()
    then = sidan.log()[-1].fact.meta.recorded.isoformat()
    sidan.json("accept", order, *WATER)
    assert sidan.json("orders", "show", order)["stage"] == "accepted"
    assert sidan.json("orders", "show", order, "--as-of", then)["stage"] == "dispatched"
    said = sidan("orders", "show", order, "--as-of", "2026-03-03", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "not_yet")
    assert sidan("orders", "show", order, "--as-of", "yesterday").code == 2


def test_an_order_that_is_not_there_cannot_be_shown(sidan: Sidan) -> None:
    nobody = "019cac2e-f380-7000-8000-000000000009"
    for words in (("orders", "show", nobody), ("match", nobody), ("audit", "replay", nobody)):
        said = sidan(*words, "--json")
        assert (said.code, said.json["error"]["code"]) == (1, "unknown_order")


def test_the_transition_table_is_for_everybody(nowhere: Sidan) -> None:
    rows = nowhere.json("orders", "transitions")["transitions"]
    accept = [row for row in rows if row["command"] == "AcceptOrder" and row["stage"] == "dispatched"]
    assert accept == [
        {
            "stage": "dispatched",
            "command": "AcceptOrder",
            "leads_to": ["accepted"],
            "roles": ["operator", "provider"],
        }
    ]
    assert "接单 AcceptOrder" in nowhere("orders", "transitions").out
    assert nowhere("orders", "transitions", "--csv").bytes.startswith(b"\xef\xbb\xbf")


def test_the_menu_says_what_from_whom_and_how_soon(sidan: Sidan) -> None:
    menu = sidan.json("menu", "--area", "lake/east")
    items = {item["category"]: item for group in menu["groups"] for item in group["items"]}
    assert (items["roads/pothole"]["accept_hours"], items["roads/pothole"]["finish_hours"]) == (4, 48)
    assert [offer["contact"] for offer in items["roads/pothole"]["offers"]] == ["12345", "12346"]
    assert "水务所 Water Office 12345" in sidan("menu", "--area", "lake/east").out
    said = sidan("menu", "--area", "lake/north", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "unknown_area")


def test_a_match_names_candidates_and_exclusions_with_reasons(sidan: Sidan) -> None:
    order = sidan.dispatched()
    sidan.json("decline", order, "--reason", "not-ours", *WATER)
    found = sidan.json("match", order)
    assert [one["provider"] for one in found["candidates"]] == ["roads"]
    assert [(one["provider"], one["why"]) for one in found["excluded"]] == [("water", ["declined"])]
    said = sidan("match", order).out
    assert "服务清单内，可以承办" in said
    assert "曾退回此单或逾时未接 has declined this order before" in said
    (row,) = csv.DictReader(io.StringIO(sidan("match", order, "--csv").bytes.decode("utf-8-sig")))
    assert (row["代码 id"], row["接单方 provider"]) == ("roads", "道路养护所 Road Maintenance")


def test_a_rating_counts_the_unrated_apart_and_defines_its_rates(sidan: Sidan) -> None:
    rated, _ = sidan.completed(), sidan.completed()
    sidan.json("rate", rated, "--level", "dissatisfied", *LI)
    report = sidan.json("rating")
    (row,) = report["rows"]
    assert (row["key"], row["completed"], row["unrated"], row["bad"]) == ("water", 2, 1, 1)
    assert row["satisfaction"] == {"numerator": 0, "denominator": 1, "value": 0.0}
    assert set(report["definitions"]) == {"response", "resolution", "satisfaction"}
    by_area = sidan.json("rating", "--by", "area")["rows"]
    assert [one["key"] for one in by_area] == ["lake/east"]
    assert "满意率 satisfaction rate" in sidan("rating").out
    assert sidan("rating", "--csv").bytes.startswith(b"\xef\xbb\xbf")


def test_what_is_counted_apart_has_columns_of_its_own(sidan: Sidan) -> None:
    seconded, answered = sidan.completed(), sidan.placed()
    wang = ("--as", "resident:r-wang")
    sidan.json("second", seconded, *wang)
    sidan.json("rate", seconded, "--level", "dissatisfied", *wang)
    sidan.json("answer", answered, "--notice", "已列入计划", *CHEN)
    rows = list(csv.DictReader(io.StringIO(sidan("rating", "--csv").bytes.decode("utf-8-sig"))))
    total = rows[-1]
    names = ("附议人评价 by seconders", "差评 bad", "未评 unrated", "直接答复 answered", "并案 duplicate")
    assert [total[name] for name in names] == ["1", "0", "2", "1", "0"]


def test_the_responsible_person_has_what_nobody_takes(sidan: Sidan) -> None:
    meals = ("--category", "care/meals", "--area", "lake/west", "--details", "送餐")
    order = sidan.json("place", *meals, *CHEN, "--for", "r-li")["order"]
    assert "包片责任人" in sidan("match", order).out
