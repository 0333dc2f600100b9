"""How entries of each match type hit, and what they must not hit."""

import time
import tracemalloc

import pytest

from api.warninglists.files import LONGEST_ENTRY, Category, MatchType
from api.warninglists.lists import FROM_MISP, WarningLists
from api.warninglists.patterns import ALTOGETHER_S
from tests.api.listfiles import COME_ALONG, Asked, on, own, put, said

EMAIL = {"matching_attributes": ["domain", "email-src"]}
HANDLES = {"matching_attributes": ["telegram", "instagram", "vk", "whatsapp", "telegram_invite", "phone"]}


@pytest.mark.parametrize(
    ("entry", "value", "hits"),
    [
        ("qzbank.kz", "qzbank.kz", True),
        ("qzbank.kz", "a.qzbank.kz", True),
        ("qzbank.kz", "a.b.qzbank.kz", True),
        ("qzbank.kz", "notqzbank.kz", False),
        ("qzbank.kz", "not-qzbank.kz", False),
        ("qzbank.kz", "qzbank.kz.qz-tuman.com", False),
        ("qzbank.kz", "qzbank.kz-qz-tuman.com", False),
        ("qzbank.kz", "qzbank.com", False),
        ("qzbank.kz", "qzbank", False),
        ("qzbank.kz", "qzbank.kz/page", True),
        ("a.qzbank.kz", "qzbank.kz", False),
        (".QzBank.KZ", "qzbank.kz", True),
        ("*.qzbank.kz.", "a.qzbank.kz", True),
        ("www.qzbank.kz", "qzbank.kz", True),
        ("https://qzbank.kz", "qzbank.kz", True),
        ("https://qzbank.kz/", "a.qzbank.kz", True),
        ("туман-банк.қаз", "туман-банк.қаз", True),
        ("ТУМАН-БАНК.ҚАЗ", "туман-банк.қаз", True),
        ("xn----7sbab1a1cbd8an.xn--80ao21a", "а.туман-банк.қаз", None),
        ("туман-банк.рф", "туман-банк.қаз", False),
        ("qzbank.kz", "qzbаnk.kz", False),  # the а is Cyrillic: a look-alike is not the bank
        ("page.example.com/qz", "page.example.com/qz", True),
        ("page.example.com/qz", "page.example.com/other", False),
        ("page.example.com/qz", "page.example.com", False),
        ("kz", "qzbank.kz", True),
        ("com", "qzbank.kz", False),
    ],
)
def test_hosts_are_compared_label_by_label(tmp_path, entry, value, hits):
    if hits is None:  # the entry in punycode, made from the name it stands for
        entry, hits = "туман-банк.қаз".encode("idna").decode(), True
    lists = own(tmp_path / "lists", entry)
    assert bool(on(lists, "domain", value)) is hits


@pytest.mark.parametrize("kind", ["telegram", "telegram_invite", "instagram", "vk", "whatsapp", "phone"])
@pytest.mark.parametrize("match", ["hostname", "string", "substring"])
@pytest.mark.parametrize("host", ["t.me", "telegram.me", "wa.me", "chat.whatsapp.com", "instagram.com", "vk.com"])
def test_a_platforms_host_says_nothing_of_its_handles(tmp_path, kind, match, host):
    every = {"matching_attributes": ["domain", "url", "telegram", "telegram_invite", "instagram", "vk", "whatsapp"]}
    lists = own(tmp_path / "lists", host, match=match, **every)
    value = {"phone": "+77075009665", "telegram_invite": "qzTumanLIS77xx"}.get(kind, "qz_tuman_lis_77")
    assert on(lists, kind, value) == []


@pytest.mark.parametrize(
    ("entry", "kind", "value", "hits"),
    [
        ("@Qz_Tuman_Lis", "telegram", "qz_tuman_lis", True),
        ("https://t.me/Qz_Tuman_Lis", "telegram", "qz_tuman_lis", True),
        ("t.me/qz_tuman_lis", "telegram", "qz_tuman_lis_77", False),
        ("qz_tuman_lis", "telegram", "qz_tuman_li", False),
        ("qz_tuman_lis", "vk", "qz_tuman_lis", True),
        ("t.me/+qzTumanLIS77xx", "telegram_invite", "qzTumanLIS77xx", True),
        ("t.me/+qzTumanLIS77xx", "telegram_invite", "qztumanlis77xx", False),
        ("8 707 500 96 65", "phone", "+77075009665", True),
        ("wa.me/77075009665", "phone", "+77075009665", True),
        ("instagram.com/qz.tuman_lis", "instagram", "qz.tuman_lis", True),
        ("instagram.com/qz.tuman_lis", "telegram", "qz.tuman_lis", False),
        ("vk.com/qz_tuman_lis", "vk", "qz_tuman_lis", True),
        ("vk.com/qz_tuman_lis", "instagram", "qz_tuman_lis", False),
    ],
)
def test_handles_are_compared_as_handles(tmp_path, entry, kind, value, hits):
    assert bool(on(own(tmp_path / "lists", entry, match="string", **HANDLES), kind, value)) is hits


def test_a_link_to_a_platform_in_a_list_of_hosts_means_its_handle_alone(tmp_path):
    lists = own(tmp_path / "lists", "https://t.me/qz_tuman_lis", matching_attributes=["url"])
    assert on(lists, "telegram", "qz_tuman_lis") == ["https://t.me/qz_tuman_lis"]
    assert on(lists, "telegram", "qz_other_lis") == []
    assert on(lists, "domain", "qz-tuman.biz") == []


@pytest.mark.parametrize(
    ("entry", "value", "hits"),
    [
        ("qzbank.kz", "qzbank.kz", True),
        ("qzbank.kz", "a.qzbank.kz", False),
        ("QZBANK.kz", "qzbank.kz", True),
        ("туман.рф", "туман.рф", True),
        ("qzbank.kz", "qzbank.kz/x", False),
    ],
)
def test_a_string_is_the_whole_value(tmp_path, entry, value, hits):
    assert bool(on(own(tmp_path / "lists", entry, match="string"), "domain", value)) is hits


def test_a_part_is_found_anywhere_because_the_list_says_so(tmp_path):
    lists = own(tmp_path / "lists", "QzBank", "банк-туман", match="substring")
    assert on(lists, "domain", "notqzbank.kz.example.com") == ["QzBank"]
    assert on(lists, "telegram", "my_qzbank_bot") == ["QzBank"]
    assert on(lists, "domain", "банк-туман.рф") == ["банк-туман"]
    assert on(lists, "domain", "qz-bank.kz") == []


def test_networks_hold_numbers_of_both_kinds_and_no_names(tmp_path):
    lists = own(tmp_path / "lists", "203.0.113.0/24", "198.51.100.7", "2001:db8::/32", match="cidr")
    assert on(lists, "domain", "203.0.113.9") == ["203.0.113.0/24"]
    assert on(lists, "domain", "203.0.114.9") == []
    assert on(lists, "domain", "198.51.100.7") == ["198.51.100.7"]
    assert on(lists, "domain", "2001:db8::1") == ["2001:db8::/32"]
    assert on(lists, "domain", "203.0.113.example.com") == []


def test_labels_of_a_number_are_none(tmp_path):
    assert on(own(tmp_path / "lists", "113.9"), "domain", "203.0.113.9") == []


def test_patterns_are_misps_or_plain_ones(tmp_path):
    lists = own(tmp_path / "lists", r"/^QZ-\d+\.biz$/i", r"^shop-(?=qz)", match="regex")
    assert on(lists, "domain", "qz-77.biz") == [r"/^QZ-\d+\.biz$/i"]
    assert on(lists, "domain", "shop-qz.kz") == [r"^shop-(?=qz)"]
    assert on(lists, "domain", "a-shop-qz.kz") == []


def test_a_pattern_sees_a_host_as_name_servers_know_it_too(tmp_path):
    assert on(own(tmp_path / "lists", r"^xn--", match="regex"), "domain", "туман.рф") == ["^xn--"]


def test_mail_is_compared_whole_or_by_the_labels_of_its_host(tmp_path):
    lists = own(tmp_path / "lists", "qzbank.kz", "Info@Qz-Tuman.kz", **EMAIL)
    assert on(lists, "email", "lis@mail.qzbank.kz") == ["qzbank.kz"]
    assert on(lists, "email", "info@qz-tuman.kz") == ["Info@Qz-Tuman.kz"]
    assert on(lists, "email", "lis@qz-tuman.kz") == []
    assert on(lists, "email", "qzbank.kz@qz-tuman.kz") == []
    hosts_only = own(tmp_path / "others", "qzbank.kz", matching_attributes=["domain"])
    assert on(hosts_only, "email", "lis@qzbank.kz") == []


def test_a_list_is_about_the_kinds_that_it_names(tmp_path):
    lists = own(tmp_path / "lists", "qz_tuman_lis", match="string", matching_attributes=["vk", "md5"])
    assert on(lists, "vk", "qz_tuman_lis") == ["qz_tuman_lis"]
    assert on(lists, "telegram", "qz_tuman_lis") == []
    assert lists.check("unread", "qz_tuman_lis") == ()


def test_pages_and_names_that_strangers_get_are_not_those_of_the_host(tmp_path):
    harmless = own(tmp_path / "a", "github.io", "telegra.ph", "google.com")
    assert on(harmless, "domain", "qz-tuman.github.io") == []
    assert on(harmless, "domain", "telegra.ph/Qz-Tuman-12-31") == []
    assert on(harmless, "domain", "docs.google.com/d/qz") == []
    assert on(harmless, "domain", "mail.google.com") == ["google.com"]
    known = own(tmp_path / "b", "github.io", "telegra.ph", category="known")
    assert on(known, "domain", "qz-tuman.github.io") == ["github.io"]
    (hit,) = [hit for hit in known.check("domain", "telegra.ph/Qz-Tuman") if hit.list_id == "own/one"]
    assert (hit.is_lowering, hit.version, hit.match_type) == (False, 3, "hostname")


def test_the_lists_that_come_along_are_whole_and_say_what_they_mean():
    lists = WarningLists(Asked())
    by_id = {each.id: each for each in lists.all}
    assert {f"misp/{name}" for name in FROM_MISP} <= set(by_id)
    assert sum(len(each.entries) for each in lists.all) > 20_000
    assert all(each.description.endswith(".") and each.kinds for each in lists.all)
    assert by_id["misp/url-shortener"].category is Category.KNOWN
    assert by_id["wallwatch/kz-banks"].type is MatchType.HOSTNAME
    hit = {
        ("domain", "kaspi.kz"): "wallwatch/kz-banks",
        ("domain", "sko.gov.kz"): "wallwatch/kz-state",
        ("domain", "taplink.cc/qz_tuman"): "wallwatch/link-in-bio",
        ("telegram", "botfather"): "wallwatch/messenger-bots",
        ("domain", "clck.ru/3qzTuman"): "wallwatch/shorteners",
        ("email", "abuse@qz-tuman.kz"): "misp/common-contact-emails",
    }
    assert {
        asked: wanted for asked, wanted in hit.items() if wanted not in {h.list_id for h in lists.check(*asked)}
    } == {}
    for host in ("notkaspi.kz", "kaspi.kz.qz-tuman.com", "qz-tuman-77.biz"):
        assert lists.check("domain", host) == (), host
    for kind, value in [("telegram", "kaspi_kz_qz_77"), ("phone", "+77075550123"), ("onion", "q" * 56 + ".onion")]:
        assert lists.check(kind, value) == (), value


@pytest.mark.parametrize("value", ["bit.ly/3qzTuman", "linktr.ee/qz_tuman", "taplink.cc/qz_tuman"])
def test_a_popular_host_behind_which_a_shop_may_stand_is_not_lowered_for_being_popular(value):
    hits = WarningLists(Asked()).check("domain", value)
    assert hits
    assert not any(hit.is_lowering for hit in hits)


def test_a_popular_host_of_one_owner_is_lowered():
    assert any(hit.is_lowering for hit in WarningLists(Asked()).check("domain", "wikipedia.org"))


def test_own_bots_are_a_list_and_a_list_can_be_left_out(tmp_path):
    lists = WarningLists(Asked(own_bots=("@Qz_Police_Bot", "t.me/qz_police_bot"), left_out=("wallwatch/kz-banks",)))
    (hit,) = lists.check("telegram", "qz_police_bot")
    assert (hit.list_id, hit.is_lowering) == ("setting/own-bots", True)
    assert "wallwatch/kz-banks" not in {each.id for each in lists.all}


def test_the_digest_follows_what_lists_say_and_nothing_else(tmp_path):
    first = own(tmp_path / "a", "qzbank.kz").sha256
    put(tmp_path / "b", text='{"list": ["qzbank.kz"],\n "type": "hostname", "version": 3,'
        ' "description": "It is on the list of a test.", "name": "A list of a test"}')  # fmt: skip
    assert WarningLists(Asked(folder=tmp_path / "b", left_out=COME_ALONG)).sha256 == first
    assert own(tmp_path / "c", "qzbank.kz", version=4).sha256 != first
    assert own(tmp_path / "a", "qzbank.kz", category="known").sha256 != first


def test_a_list_of_ten_megabytes_is_read_and_asked_quickly(tmp_path):
    entries = [f"host-{number:07d}.{'.'.join(['x' * 40] * 4)}.qz-tuman.example" for number in range(52_000)]
    path = put(tmp_path / "lists", **said(*entries))
    assert path.stat().st_size > 10_000_000
    started = time.perf_counter()
    lists = WarningLists(Asked(folder=tmp_path / "lists", left_out=COME_ALONG))
    assert on(lists, "domain", f"a.{entries[-1]}") == [entries[-1]]
    assert time.perf_counter() - started < 60
    started = time.process_time()
    for number in range(2000):
        lists.check("domain", f"qz-{number}.biz")
    assert (time.process_time() - started) / 2000 < 0.002


def test_searching_for_patterns_ends_even_where_each_runs_into_its_limit(tmp_path):
    # Harmless on the texts that patterns are tried on at start, terrible on the one below.
    bombs = [rf"^(?:q+z*)*(?:z+q*)*{number}!" for number in range(40)]
    lists = own(tmp_path / "lists", *bombs, match="regex")
    started = time.perf_counter()
    assert on(lists, "domain", "qz" * 140 + "q.kz") == []
    assert time.perf_counter() - started < 20 * ALTOGETHER_S


def test_looking_up_takes_no_memory(tmp_path):
    lists = own(tmp_path / "lists", "qzbank.kz")
    lists.check("domain", "qz-0.biz")
    tracemalloc.start()
    for number in range(500):
        lists.check("telegram", f"qz_tuman_{number}")
    assert tracemalloc.get_traced_memory()[0] < 100_000
    tracemalloc.stop()


def test_a_value_of_any_length_and_of_any_characters_is_asked_without_harm(tmp_path):
    lists = own(tmp_path / "lists", "qzbank.kz", match="hostname")
    for value in [
        "",
        ".",
        "..",
        "x" * 5000,
        "a." * 2000 + "kz",
        "\u202e",
        "xn--\ud800",
        "ｑｚｂａｎｋ．ｋｚ",
        "[::1]",
        "x@y@z",
        "/",
    ]:
        for kind in ("domain", "email", "telegram", "phone", "onion", "nothing"):
            lists.check(kind, value)
    assert len("x" * LONGEST_ENTRY) == LONGEST_ENTRY
