"""The chat in a real browser: what a resident sees, hears and can rely on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.bot.channels.web.conftest import PHONE, LiveServer
from tests.bot.channels.web.fake_door import FakeDoor

pytestmark = pytest.mark.browser

PHONE_SIZE = {"width": 390, "height": 844}
MESSAGES = "**/channels/web/messages"
API = "**/channels/web/**"
NewPage = Callable[..., Page]


@pytest.fixture
def new_page(browser: Browser, live: LiveServer) -> Iterator[NewPage]:
    """Opens the chat; at the end nothing may have been blocked, thrown or fetched from elsewhere."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(
        locale: str = "zh-CN", path: str = "/", before: Callable[[Page], Any] | None = None, **options: Any
    ) -> Page:
        context = browser.new_context(locale=locale, **({"viewport": PHONE_SIZE} | options))
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        if before:
            before(page)
        page.goto(live.url + path)
        if options.get("java_script_enabled", True):
            box(page).wait_for()
        return page

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda request: None if request.url.startswith((live.url, "data:")) else wrong.append(request.url),
        )
        page.on("console", lambda line: wrong.append(line.text) if "Security Policy" in line.text else None)
        page.context.on("page", watch)

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


def box(page: Page) -> Locator:
    return page.get_by_role("textbox")


def send(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def lines(page: Page, who: str) -> Locator:
    """The bubbles of one side, without the welcome."""
    return page.locator(f"main ol > li.{who}:not(:first-child)")


def texts(page: Page, who: str) -> list[str]:
    return lines(page, who).locator(".text").all_inner_texts()


def assert_nothing_sticks_out(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"the page can be scrolled sideways by {wide} px"
    beyond = page.locator("jietong-chat").evaluate(
        """chat => [...chat.shadowRoot.querySelectorAll("button, a, textarea, .bubble, h1")]
             .filter(node => node.checkVisibility() && node.getBoundingClientRect().right > innerWidth + 0.5)
             .map(node => node.textContent)"""
    )
    assert beyond == []


# -- talking


def test_talk_needs_nothing_but_the_keyboard(page: Page, door: FakeDoor) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.shadowRoot?.activeElement?.id") == "input":
            break
    page.keyboard.type("路灯坏了")
    page.keyboard.press("Enter")
    report = page.get_by_role("button", name="帮我报上去")
    report.wait_for()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if report.evaluate("node => node.getRootNode().activeElement === node"):
            break
    assert report.evaluate("node => getComputedStyle(node).outlineStyle") == "solid", "focus must be seen"
    page.keyboard.press("Enter")
    expect(lines(page, "us").last).to_contain_text("收到：帮我报上去")
    assert [(inbound.text, inbound.press, inbound.kind) for inbound in door.received] == [
        ("路灯坏了", "", "text"),
        ("帮我报上去", "/file_case", "button"),
    ]


def test_shift_enter_is_a_new_line_and_line_breaks_are_shown(page: Page, door: FakeDoor) -> None:
    box(page).press_sequentially("一")
    box(page).press("Shift+Enter")
    box(page).press_sequentially("二")
    page.get_by_role("button", name="发送").click()
    expect(lines(page, "us")).to_have_count(1)
    assert door.received[0].text == "一\n二"
    assert texts(page, "resident") == ["一\n二"]


def test_enter_that_chooses_a_chinese_word_does_not_send(page: Page, door: FakeDoor) -> None:
    box(page).fill("nihao")
    for how in ({"isComposing": True}, {"keyCode": 229}):
        box(page).dispatch_event("keydown", {"key": "Enter", **how})
    assert box(page).input_value() == "nihao"
    assert door.received == []


def test_only_the_last_choices_can_be_taken(page: Page) -> None:
    expect(page.get_by_role("button", name="查进度")).to_be_visible()
    send(page, "路灯坏了")
    expect(page.get_by_role("button", name="要带什么？")).to_be_visible()
    expect(page.get_by_role("button", name="查进度")).to_have_count(0)
    expect(page.get_by_text("查进度", exact=True)).to_be_visible(visible=True)
    page.get_by_role("button", name="要带什么？").click()
    expect(lines(page, "us")).to_have_count(2)
    expect(page.locator("main ol button")).to_have_count(0)


def test_starters_are_sent_as_words(page: Page, door: FakeDoor) -> None:
    page.get_by_role("button", name="找人工").click()
    expect(lines(page, "us")).to_have_count(1)
    assert (door.received[0].text, door.received[0].press, door.received[0].language) == ("找人工", "", "zh")


def test_telephone_numbers_can_be_dialled_and_amounts_cannot(page: Page) -> None:
    send(page, "110、119或120；5550 1000，0571-88001234，13800138000；120 元，110号楼，2026 1123，304-7715，12345。")
    links = lines(page, "us").locator(".text a")
    expect(links).to_have_count(7)
    assert links.evaluate_all("nodes => nodes.map(node => node.getAttribute('href'))") == [
        "tel:110", "tel:119", "tel:120", "tel:55501000", "tel:057188001234", "tel:13800138000", "tel:12345",
    ]  # fmt: skip


def test_markup_is_shown_as_text(page: Page) -> None:
    send(page, "<img src=x onerror=alert(1)><b>粗</b>")
    expect(lines(page, "us")).to_have_count(1)
    assert texts(page, "us") == ["收到：<img src=x onerror=alert(1)><b>粗</b>"]
    expect(page.locator("main img, main b")).to_have_count(0)


def test_typing_is_said_while_an_answer_is_made(page: Page, door: FakeDoor) -> None:
    door.delay = 0.5
    send(page, "你好")
    expect(page.get_by_role("status").filter(has_text="正在回复")).to_be_visible()
    expect(lines(page, "resident").locator(".state")).to_have_text("正在发送…")
    expect(lines(page, "us")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="正在回复")).to_have_count(0)
    expect(lines(page, "resident").locator(".state")).to_be_empty()


def test_long_answer_is_shown_from_its_beginning(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 390, "height": 700})
    send(page, "\n".join(f"第{number}行" for number in range(80)))
    expect(lines(page, "us")).to_have_count(1)
    page.wait_for_timeout(400)
    expect(lines(page, "us").get_by_text("收到")).to_be_in_viewport(ratio=0)
    top = lines(page, "us").first.evaluate("node => node.getBoundingClientRect().top")
    assert 0 < top < 350
    page.get_by_role("button", name="看最新消息").click()
    expect(page.get_by_role("button", name="看最新消息")).to_be_hidden()


# -- nothing is lost, nothing twice


def test_reload_keeps_the_talk(page: Page) -> None:
    send(page, "路灯坏了")
    expect(lines(page, "us")).to_have_count(1)
    page.reload()
    expect(lines(page, "us")).to_have_count(1)
    assert texts(page, "resident") == ["路灯坏了"]
    expect(page.get_by_role("button", name="帮我报上去")).to_be_visible()


def test_draft_survives_a_reload(page: Page) -> None:
    box(page).fill("我想问一下")
    page.reload()
    expect(box(page)).to_have_value("我想问一下")


def test_messages_written_offline_are_sent_in_order_exactly_once(page: Page, door: FakeDoor) -> None:
    send(page, "零")
    expect(lines(page, "us")).to_have_count(1)
    page.context.set_offline(True)
    send(page, "一")
    send(page, "二")
    expect(page.get_by_role("status").filter(has_text="现在连不上")).to_be_visible()
    expect(lines(page, "resident").last.locator(".state")).to_have_text("还没发出去，正在重试")
    page.context.set_offline(False)
    expect(lines(page, "us")).to_have_count(3)
    expect(page.get_by_role("status").filter(has_text="现在连不上")).to_have_count(0)
    assert [inbound.text for inbound in door.received] == ["零", "一", "二"]
    assert texts(page, "resident") == ["零", "一", "二"]
    assert texts(page, "us") == ["收到：零", "收到：一", "收到：二"]


def test_message_survives_a_reload_before_it_was_sent(page: Page, door: FakeDoor) -> None:
    page.route(API, lambda route: route.abort())
    send(page, "一")
    expect(lines(page, "resident").locator(".state")).to_have_text("还没发出去，正在重试")
    page.reload()
    expect(lines(page, "resident")).to_have_count(1)
    page.unroute(API)
    expect(lines(page, "us")).to_have_count(1)
    assert [inbound.text for inbound in door.received] == ["一"]
    page.reload()
    expect(lines(page, "us")).to_have_count(1)
    assert texts(page, "resident") == ["一"]


def test_answer_lost_on_the_way_is_fetched_again_without_a_second_effect(page: Page, door: FakeDoor) -> None:
    lost: list[int] = []

    def lose(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route(MESSAGES, lose)
    send(page, "路灯坏了")
    expect(lines(page, "us")).to_have_count(1)
    assert lost == [200, 200]
    assert len(door.received) == 1


def test_a_portal_that_answers_in_the_servers_stead_is_not_believed(page: Page, door: FakeDoor) -> None:
    answers = [(200, "text/html", "<h1>Log in to the Wi-Fi</h1>"), (404, "text/html", "no")]

    def answer(route: Route) -> None:
        if answers:
            status, kind, body = answers.pop()
            route.fulfill(status=status, content_type=kind, body=body)
        else:
            route.continue_()

    page.route(MESSAGES, answer)
    send(page, "一")
    expect(lines(page, "us")).to_have_count(1)
    assert len(door.received) == 1


def test_server_restart_is_survived_with_what_was_written_meanwhile(
    page: Page, door: FakeDoor, live: LiveServer
) -> None:
    send(page, "一")
    expect(lines(page, "us")).to_have_count(1)
    assert live.stop(), "open streams kept the server from stopping"
    send(page, "二")
    expect(lines(page, "resident").last.locator(".state")).to_have_text("还没发出去，正在重试")
    live.start()
    expect(lines(page, "us")).to_have_count(2)
    live.run("修好了")
    expect(lines(page, "us")).to_have_count(3)
    assert [inbound.text for inbound in door.received] == ["一", "二"]
    assert texts(page, "us") == ["收到：一", "收到：二", "修好了"]


def test_renewed_database_means_a_new_session_and_the_message_is_sent_again(
    page: Page, door: FakeDoor, live: LiveServer
) -> None:
    send(page, "一")
    expect(lines(page, "us")).to_have_count(1)
    live.stop()
    live.door = renewed = FakeDoor()
    live.start()
    send(page, "二")
    expect(lines(page, "us")).to_have_count(2)
    assert [inbound.text for inbound in renewed.received] == ["二"]
    assert renewed.received[0].address != door.received[0].address
    live.run("新的")
    expect(lines(page, "us")).to_have_count(3)
    assert texts(page, "us") == ["收到：一", "收到：二", "新的"]


def test_news_come_by_themselves_and_each_reply_is_shown_once(page: Page, live: LiveServer) -> None:
    send(page, "一")
    expect(lines(page, "us")).to_have_count(1)
    page.wait_for_timeout(500)
    live.run("您的单子已经派出去了")
    expect(lines(page, "us")).to_have_count(2)
    send(page, "二")
    expect(lines(page, "us")).to_have_count(3)
    page.wait_for_timeout(500)
    assert texts(page, "us") == ["收到：一", "您的单子已经派出去了", "收到：二"]


def test_refusal_is_said_and_the_next_message_goes_on(page: Page, door: FakeDoor) -> None:
    error = {"code": "too_long", "zh": "太长了。", "en": "Too long."}
    page.route(MESSAGES, lambda route: route.fulfill(status=413, json={"error": error}), times=1)
    send(page, "一")
    expect(lines(page, "resident").locator(".state")).to_have_text("没有发出去：太长了。")
    send(page, "二")
    expect(lines(page, "us")).to_have_count(1)
    assert [inbound.text for inbound in door.received] == ["二"]


def test_when_too_many_write_the_message_waits_as_long_as_it_is_told(page: Page, door: FakeDoor) -> None:
    error = {"code": "too_many", "zh": "太快", "en": "Too fast"}
    refuse = {"status": 429, "json": {"error": error}, "headers": {"Retry-After": "2"}}
    page.route(MESSAGES, lambda route: route.fulfill(**refuse), times=1)
    send(page, "一")
    expect(page.get_by_role("status").filter(has_text="现在用的人多")).to_be_visible()
    page.wait_for_timeout(1200)
    assert door.received == []
    expect(lines(page, "us")).to_have_count(1)


def test_private_mode_without_storage_works_while_the_page_is_open(new_page: NewPage, door: FakeDoor) -> None:
    forbid = (
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page = new_page(before=lambda page: page.add_init_script(forbid))
    send(page, "一")
    send(page, "路灯坏了")
    expect(lines(page, "us")).to_have_count(2)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert len({inbound.address for inbound in door.received}) == 1


def test_two_tabs_show_the_same_talk(page: Page, live: LiveServer, door: FakeDoor) -> None:
    other = page.context.new_page()
    other.goto(live.url)
    box(other).wait_for()
    send(page, "一")
    expect(lines(other, "us")).to_have_count(1)
    send(other, "二")
    expect(lines(page, "us")).to_have_count(2)
    page.wait_for_timeout(1500)
    assert texts(page, "us") == texts(other, "us") == ["收到：一", "收到：二"]
    assert texts(page, "resident") == texts(other, "resident") == ["一", "二"]
    assert len(door.received) == 2


def test_talk_can_be_cleared_from_a_shared_device(page: Page, door: FakeDoor) -> None:
    send(page, "我的秘密")
    expect(lines(page, "us")).to_have_count(1)
    page.get_by_role("button", name="清除").click()
    page.get_by_role("dialog").get_by_role("button", name="不用了").click()
    expect(lines(page, "us")).to_have_count(1)
    page.get_by_role("button", name="清除").click()
    page.get_by_role("dialog").get_by_role("button", name="清除").click()
    expect(lines(page, "us")).to_have_count(0)
    page.reload()
    expect(box(page)).to_be_visible()
    expect(lines(page, "resident")).to_have_count(0)
    send(page, "下一位")
    expect(lines(page, "us")).to_have_count(1)
    assert len({inbound.address for inbound in door.received}) == 2


# -- for everybody


def test_parts_have_roles_and_names(page: Page) -> None:
    expect(page.get_by_role("heading", level=1, name="梧桐街道办事处")).to_be_visible()
    log = page.get_by_role("log", name="对话")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("textbox", name="您有什么事？")).to_be_visible()
    for name in ("发送", "说话", "发位置：告诉你们我在哪里", "English", "长者版", "清除这台设备上的对话"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    emergencies = page.get_by_role("navigation", name="紧急电话").get_by_role("link")
    assert [link.get_attribute("href") for link in emergencies.all()] == ["tel:119", "tel:120", "tel:110"]
    expect(page.get_by_role("link", name=re.compile(PHONE))).to_have_attribute("href", "tel:55501000")
    send(page, "the light")
    expect(lines(page, "us").locator(".text")).to_have_attribute("lang", "en")
    expect(lines(page, "us").locator(".who")).to_have_text("街通：")
    expect(lines(page, "us").locator("time")).to_have_text(re.compile(r"^\d\d:\d\d$"))


def test_earlier_lines_are_not_read_out_again_after_a_reload(page: Page) -> None:
    send(page, "一")
    expect(lines(page, "us")).to_have_count(1)

    def late(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/channels/web/history", late)
    page.reload()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize(
    ("locale", "send_name"), [("zh-CN", "发送"), ("zh-TW", "发送"), ("en-GB", "Send"), ("vi-VN", "Send")]
)
def test_language_of_the_browser_comes_first(new_page: NewPage, locale: str, send_name: str) -> None:
    expect(new_page(locale).get_by_role("button", name=send_name)).to_be_visible()


def test_language_switch_changes_every_word_and_is_remembered(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    page.reload()
    for role, name in (
        ("textbox", "What is the matter?"),
        ("button", "Send"),
        ("log", "Conversation"),
        ("button", "Check progress"),
    ):
        expect(page.get_by_role(role, name=name)).to_be_visible()  # type: ignore[arg-type]
    expect(page.get_by_role("heading", name="Wutong Sub-district Office")).to_be_visible()
    expect(page.locator("jietong-chat")).to_have_attribute("lang", "en")
    words = page.locator("jietong-chat").evaluate("chat => chat.shadowRoot.querySelector('header').innerText")
    assert re.findall(r"[\u3400-\u9fff]+", words) == ["中文"]


def test_large_type_is_larger_and_remembered(page: Page) -> None:
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    before = box(page).evaluate(size)
    assert before >= 16
    page.get_by_role("button", name="长者版").click()
    page.reload()
    expect(page.get_by_role("button", name="长者版")).to_have_attribute("aria-pressed", "true")
    assert box(page).evaluate(size) >= 1.3 * before


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_sticks_out_at_any_width(new_page: NewPage, width: int, locale: str, large: bool) -> None:
    page = new_page(locale, viewport={"width": width, "height": 640})
    if large:
        page.get_by_role("button", name=re.compile("长者版|Large type")).click()
    send(page, "路灯 light 5550 1000 " + "很长的话" * 30 + "W" * 120)
    expect(lines(page, "us")).to_have_count(1)
    assert_nothing_sticks_out(page)
    expect(page.get_by_role("navigation")).to_be_in_viewport(ratio=1)
    expect(box(page)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name=re.compile("发送$|Send"), exact=True)).to_be_in_viewport(ratio=1)


def test_enlarged_four_times_everything_can_be_reached(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 320, "height": 256})
    send(page, "路灯坏了")
    expect(lines(page, "us")).to_have_count(1)
    assert_nothing_sticks_out(page)
    for name in ("English", "帮我报上去", "发送"):
        button = page.get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport()
    expect(page.get_by_role("navigation", name="紧急电话")).to_be_in_viewport(ratio=1)


def test_an_open_keyboard_leaves_room_for_the_talk(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 390, "height": 480})
    send(page, "你好")
    expect(lines(page, "us")).to_have_count(1)
    expect(lines(page, "us").last).to_be_in_viewport(ratio=1)
    expect(box(page)).to_be_in_viewport(ratio=1)


def test_everything_that_is_pressed_is_large_enough(page: Page) -> None:
    send(page, "路灯坏了")
    expect(lines(page, "us")).to_have_count(1)
    for button in page.locator("button:visible, .call").all():
        size = button.bounding_box()
        assert size is not None and size["height"] >= 43.5 and size["width"] >= 43.5, button.inner_text()


CONTRAST = """chat => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (; node; node = node.parentElement ?? node.getRootNode().host) {
      const colour = getComputedStyle(node).backgroundColor;
      if ((parts(colour)[3] ?? 1) === 1) return colour;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const found = {};
  for (const node of chat.shadowRoot.querySelectorAll("header *, main *, footer *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.checkVisibility()) continue;
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort();
    found[`${node.className || node.localName}: ${node.textContent.slice(0, 20)}`] = (b + 0.05) / (a + 0.05);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough_in_light_and_dark(new_page: NewPage, scheme: str) -> None:
    page = new_page(color_scheme=scheme)
    send(page, "路灯坏了")
    expect(lines(page, "us")).to_have_count(1)
    page.context.set_offline(True)
    send(page, "又坏了 5550 1000")
    expect(page.get_by_role("status").filter(has_text="现在连不上")).to_be_visible()
    page.get_by_role("button", name="长者版").click()
    ratios = page.locator("jietong-chat").evaluate(CONTRAST)
    assert len(ratios) > 20
    assert {what: ratio for what, ratio in ratios.items() if ratio < 4.5} == {}


def test_nothing_moves_for_those_who_asked_for_stillness(new_page: NewPage, door: FakeDoor) -> None:
    door.delay = 1
    page = new_page(reduced_motion="reduce")
    send(page, "你好")
    expect(page.locator(".typing")).to_have_text("正在回复…")
    assert page.locator(".typing").evaluate("node => getComputedStyle(node, '::before').animationName") == "none"


def test_without_javascript_there_is_the_telephone(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    expect(page.get_by_role("link", name=PHONE)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("110"))).to_be_visible()


def test_chat_comes_up_by_itself_when_its_words_fail_to_load_at_first(new_page: NewPage) -> None:
    def block(page: Page) -> None:
        page.route("**/chat/words.json*", lambda route: route.abort(), times=2)

    page = new_page(before=block)
    expect(page.get_by_role("link", name=re.compile(PHONE))).to_have_count(1)


# -- places and speech


def test_place_is_asked_for_and_sent(new_page: NewPage, door: FakeDoor) -> None:
    page = new_page(geolocation={"latitude": 30.2511, "longitude": 110.2522}, permissions=["geolocation"])
    page.get_by_role("button", name="发位置").click()
    expect(page.get_by_role("dialog", name=re.compile("要把您现在的位置发给我们吗"))).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="不用了").click()
    assert door.received == []
    page.get_by_role("button", name="发位置").click()
    page.get_by_role("dialog").get_by_role("button", name="发送").click()
    expect(lines(page, "us").last).to_contain_text("30.2511, 110.2522")
    assert door.received[0].kind == "place"
    assert texts(page, "resident") == ["［我的位置］"]


def test_place_that_cannot_be_had_asks_for_the_address(page: Page) -> None:
    page.get_by_role("button", name="发位置").click()
    page.get_by_role("dialog").get_by_role("button", name="发送").click()
    expect(page.get_by_role("status").filter(has_text="请写下地址")).to_be_visible()


SPEECH = """window.SpeechRecognition = class {
  start() { window.speech = this; }
  stop() { this.onend(); }
  abort() { this.onerror({ error: "aborted" }); this.onend(); }
};"""


@pytest.mark.parametrize(
    ("locale", "name", "done", "code"), [("zh-CN", "说话", "说完了", "zh-CN"), ("en-US", "Speak", "Done", "en-US")]
)
def test_speech_is_written_down_and_sent_only_on_send(
    new_page: NewPage, door: FakeDoor, locale: str, name: str, done: str, code: str
) -> None:
    page = new_page(locale, before=lambda page: page.add_init_script(SPEECH))
    page.get_by_role("button", name=name).click()
    assert page.evaluate("speech.lang") == code
    page.evaluate("speech.onresult({ results: [[{ transcript: '路灯' }], [{ transcript: '坏了' }]] })")
    page.get_by_role("button", name=done).click()
    expect(box(page)).to_have_value("路灯坏了")
    assert door.received == []
    box(page).press("Enter")
    expect(lines(page, "us")).to_have_count(1)


def test_speech_that_fails_says_so(new_page: NewPage) -> None:
    page = new_page(before=lambda page: page.add_init_script(SPEECH))
    page.get_by_role("button", name="说话").click()
    page.evaluate("speech.onerror({ error: 'not-allowed' }); speech.onend()")
    expect(page.get_by_role("status").filter(has_text="或者打字")).to_be_visible()
    expect(page.get_by_role("button", name="说话")).to_be_visible()


def test_no_speech_button_where_the_browser_cannot_hear(new_page: NewPage) -> None:
    remove = "delete window.webkitSpeechRecognition; delete window.SpeechRecognition"
    page = new_page(before=lambda page: page.add_init_script(remove))
    expect(page.get_by_role("button", name="说话")).to_have_count(0)
    expect(box(page)).to_have_attribute("placeholder", "直接写就行")
