/**
 * `<jietong-chat>`: the chat of a sub-district office. No framework, no build step, no third party.
 *
 * A message is kept in this browser before it is sent and until the server has answered it; it goes out in order and
 * under one id however often that takes, so it is neither lost nor said twice. Texts are put in as text, never as HTML.
 */

const HERE = new URL(import.meta.url);
const API = new URL("../channels/web/", HERE);
const beside = (name) => new URL(name + HERE.search, HERE);

const PATIENCE = 60_000; // ms for an answer
const SILENCE = 40_000; // ms without a heartbeat until a stream counts as dead; they come every 15 s
const LONGEST = 4000;

/** How long to wait before the next try: 1, 2, 4 … 30 s, spread so that not all come back at once. */
const backOff = (tries) => Math.min(30_000, 1000 * 2 ** tries) * (0.75 + Math.random() / 2);

const newId = () =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4)))).toString(16),
  );

/** An element; an attribute that begins with “on” is a listener. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Telephone numbers as they stand in answers: area code, mobile, 400, “5550 1000”, 110 119 120 122, 123xx, 95xxx 96xxx.
// Not “120 yuan”, “110号楼” or a year. No lookbehind: older iPhones do not know it.
const PHONES =
  /(^|[^\w¥￥$#.:-])(0\d{2,3}[- ]?\d{7,8}|1[3-9]\d(?:[- ]?\d{4}){2}|[48]00[- ]?\d{3,4}[- ]?\d{3,4}|(?!19|20)[2-9]\d{3} \d{4}|1(?:10|19|20|22)|123\d\d|9[56]\d{3})(?![\w%‰-]|[.,:]\d|\s?(?:[元块万天日号栋楼层室户米公里年月人次岁分秒平度路个名件页份]|yuan|RMB|days?|hours?|minutes?|people|metres?|meters?|square))/g;

/** A text as nodes, its telephone numbers as links. */
function linked(text) {
  const nodes = [];
  let done = 0;
  for (const found of text.matchAll(PHONES)) {
    const start = found.index + found[1].length;
    const number = found[2];
    nodes.push(text.slice(done, start), make("a", { href: `tel:${number.replace(/\D/g, "")}` }, number));
    done = start + number.length;
  }
  return [...nodes, text.slice(done)];
}

const languageOf = (text) => (/[\u3400-\u9fff]/.test(text) ? "zh-CN" : "en");

/** What this browser remembers; where it may not (private mode), for as long as the page is open. */
class Memory {
  #own = new Map();
  #lasting = true;

  read(name) {
    if (this.#lasting)
      try {
        return JSON.parse(localStorage.getItem(`jietong.${name}`));
      } catch {
        this.#lasting = false;
      }
    return this.#own.get(name) ?? null;
  }

  write(name, value) {
    this.#own.set(name, value);
    if (this.#lasting)
      try {
        if (value === null) localStorage.removeItem(`jietong.${name}`);
        else localStorage.setItem(`jietong.${name}`, JSON.stringify(value));
      } catch {
        for (const key of ["session", "outbox", "draft"])
          if (!this.#own.has(key)) this.#own.set(key, this.read(key));
        this.#lasting = false;
      }
  }
}

/** The server's side. Every method throws: an error with `status` and `error` where the server refused. */
class Wire {
  #memory;
  #renewed;
  #opening = null;

  constructor(memory, renewed) {
    this.#memory = memory;
    this.#renewed = renewed;
  }

  get token() {
    return this.#memory.read("session");
  }

  async send({ id, text, press, pin, language }, has) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const response = await this.#ask("messages", {
        method: "POST",
        headers: { "Content-Type": "application/json", ...(has && { "Last-Event-ID": has }) },
        body: JSON.stringify({ id, text, press, pin, language }),
        signal: stop.signal,
      });
      return [...(await response.json()).replies];
    } finally {
      clearTimeout(timer);
    }
  }

  async history() {
    return [...(await (await this.#ask("history")).json()).lines];
  }

  /** Calls `heard` for everything said after `after`, for as long as the stream lasts; `opened` once it is there. */
  async news(after, stop, opened, heard) {
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), SILENCE);
    };
    alive();
    try {
      const headers = { Accept: "text/event-stream", ...(after && { "Last-Event-ID": after }) };
      const response = await this.#ask("events", { headers, signal: stop.signal });
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (let rest = "", part; !(part = await reader.read()).done; ) {
        alive();
        opened();
        const frames = (rest + decoder.decode(part.value, { stream: true })).split("\n\n");
        rest = frames.pop();
        for (const frame of frames) {
          const data = frame.split("\n").find((line) => line.startsWith("data: "));
          if (data) heard(JSON.parse(data.slice(6)));
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(path, init = {}) {
    const token = this.token ?? (await (this.#opening ??= this.#open().finally(() => (this.#opening = null))));
    const headers = { ...init.headers, Authorization: `Bearer ${token}` };
    const response = await fetch(new URL(path, API), { cache: "no-store", ...init, headers });
    if (response.ok) return response;
    const trouble = await this.#trouble(response);
    if (trouble.error?.code === "unauthorised" && this.token === token) {
      this.#memory.write("session", null);
      this.#renewed();
    }
    throw trouble;
  }

  async #open() {
    const response = await fetch(new URL("session", API), { method: "POST", cache: "no-store" });
    if (!response.ok) throw await this.#trouble(response);
    const { session } = await response.json();
    this.#memory.write("session", session);
    return session;
  }

  async #trouble(response) {
    const { error } = await response.json().catch(() => ({}));
    const wait = 1000 * (Number(response.headers.get("Retry-After")) || 0);
    return Object.assign(new Error(`refused: ${response.status}`), { status: response.status, error, wait });
  }
}

class JietongChat extends HTMLElement {
  #memory = new Memory();
  #wire = new Wire(this.#memory, () => this.#renew());
  #words;
  #worded = []; // [node, attribute or null, key]: what is said again when the language is switched
  #shown = new Map(); // "resident:<uuid>" or "us:<number>" → its <li>
  #last = 0; // everything up to this was heard; the stream goes on from here
  #sending = false;
  #tries = 0; // failed tries to send what is first in the outbox
  #loaded = false;
  #stream = null;
  #sleepers = new Set();
  #atEnd = true;
  #speech = null;

  async connectedCallback() {
    if (this.shadowRoot) return;
    for (let tries = 0; !this.#words; tries++)
      try {
        this.#words = await (await fetch(beside("words.json"))).json();
      } catch {
        await this.#rest(backOff(tries));
      }
    this.#build();
    this.#listen();
    this.#showOutbox();
    this.#live();
    this.#flush();
  }

  // -- words ------------------------------------------------------------------------------------------------------

  get #language() {
    return this.#memory.read("language") ?? (/^zh/i.test(navigator.language) ? "zh" : "en");
  }

  #word(key) {
    return this.#words.interface[key][this.#language];
  }

  /** Gives a node its words, now and after every switch of the language. */
  #worded_(node, key, attribute = null) {
    this.#worded.push([node, attribute, key]);
    return node;
  }

  #speakLanguage() {
    const language = this.#language;
    this.lang = language === "zh" ? "zh-CN" : "en";
    for (const [node, attribute, key] of this.#worded) {
      const word = key === "title" ? this.#words.title[language] : this.#word(key);
      if (attribute) node.setAttribute(attribute, word);
      else node.textContent = word;
    }
    this.#at.welcome.line.text = this.#word("welcome");
    this.#at.welcome.line.buttons = this.#words.starters.map((starter) => ({ label: starter[language] }));
    this.#fill(this.#at.welcome);
    this.#tidy();
  }

  // -- what is on the page ----------------------------------------------------------------------------------------

  #at = {}; // the parts by name

  #build() {
    const at = this.#at;
    const text = (tag, key, attributes) => this.#worded_(make(tag, attributes), key);
    const button = (name, key, press, label) => {
      const node = make("button", { type: "button", class: name, onclick: press });
      node.append(make("span", { class: "icon", "aria-hidden": "true" }), text("span", key, { class: "word" }));
      if (label) this.#worded_(node, label, "aria-label");
      return (at[name] = node);
    };
    const dial = (number) => `tel:${number.replace(/\D/g, "")}`;
    const emergency = (key, number) =>
      make("li", {}, make("a", { href: dial(number) }, text("span", key), ` ${number}`));

    at.input = make("textarea", { rows: 1, maxlength: LONGEST, enterkeyhint: "send", autocomplete: "off", id: "input" });
    at.input.value = this.#memory.read("draft") ?? "";
    at.list = make("ol");
    at.end = make("div", { class: "end" });
    at.typing = make("p", { class: "typing", role: "status" });
    at.log = make("div", { class: "log", role: "log", "aria-live": "off", tabindex: 0 }, at.list, at.typing, at.end);
    at.connection = make("p", { class: "notice", role: "status" });
    at.hint = make("p", { class: "notice soft", role: "status" });
    at.question = make("p", { id: "question" });
    at.yes = make("button", { type: "submit", value: "yes", class: "strong" });
    at.dialog = make("dialog", { "aria-labelledby": "question" }, at.question,
      make("form", { method: "dialog" }, text("button", "no", { type: "submit", value: "" }), at.yes)); // prettier-ignore

    const call = make("a", { class: "call", href: dial(this.#words.phone) }, make("span", { class: "icon", "aria-hidden": "true" }));
    call.append(text("span", "call", { class: "word" }));
    const header = make("header", {},
      this.#worded_(make("nav", { class: "emergency" }, make("ul", {},
        emergency("fire", "119"), emergency("ambulance", "120"), emergency("police", "110"))), "emergency", "aria-label"),
      make("div", { class: "bar" },
        make("div", { class: "name" }, text("h1", "title"), text("p", "subtitle")),
        make("div", { class: "tools" },
          button("language", "switch_language", () => this.#switchLanguage()),
          button("large", "large", () => this.#switchLarge()),
          this.#worded_(call, "call_label", "aria-label"),
          button("clear", "end", () => this.#clear(), "end_label")))); // prettier-ignore
    const composer = make("footer", {}, at.connection, at.hint,
      text("label", "write", { for: "input" }), at.input,
      make("div", { class: "row" },
        button("speak", "speak", () => this.#speak()),
        button("place", "place", () => this.#sharePlace(), "place_label"),
        button("send", "send", () => this.#submit()))); // prettier-ignore
    at.language.removeAttribute("aria-label");
    at.latest = text("button", "latest", { type: "button", class: "latest", hidden: "", onclick: () => this.#toEnd() });
    this.#worded_(at.log, "talk", "aria-label");
    this.#worded_(at.input, this.#canHear ? "hint" : "hint_no_speech", "placeholder");
    at.speak.hidden = !this.#canHear;
    at.place.hidden = !navigator.geolocation || !isSecureContext;
    at.welcome = this.#newLine({ who: "us", text: "", buttons: [] });
    at.list.append(at.welcome);

    const style = make("link", { rel: "stylesheet", href: beside("jietong-chat.css") });
    this.attachShadow({ mode: "open" }).append(
      style, header, make("main", {}, at.log, at.latest), composer, at.dialog); // prettier-ignore
    this.toggleAttribute("large", Boolean(this.#memory.read("large")));
    at.large.setAttribute("aria-pressed", this.hasAttribute("large"));
    this.#speakLanguage();
  }

  #listen() {
    const { input, log, end } = this.#at;
    input.addEventListener("input", () => this.#typed());
    input.addEventListener("keydown", (event) => {
      // While Chinese is being composed, Enter chooses the word; Safari says so by 229 only.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    addEventListener("online", () => this.#reconnect());
    addEventListener("offline", () => this.#tidy());
    document.addEventListener("visibilitychange", () => document.hidden || this.#reconnect());
    addEventListener("storage", ({ key }) => {
      // Another tab of the same browser has the same talk.
      if (key === "jietong.session") this.#renew(true);
      if (key === "jietong.outbox") this.#showOutbox(), this.#flush();
    });
    new IntersectionObserver(([seen]) => {
      this.#atEnd = seen.isIntersecting;
      this.#at.latest.hidden = this.#atEnd;
    }).observe(end);
    new ResizeObserver(() => this.#atEnd && this.#toEnd()).observe(log);
    // An iPhone's keyboard covers the page instead of making it smaller.
    const view = window.visualViewport;
    view?.addEventListener("resize", () => {
      if (view.scale !== 1) return;
      this.style.setProperty("--height", `${view.height}px`);
      if (innerHeight - view.height > 100) scrollTo(0, 0);
    });
    this.#typed();
  }

  #switchLanguage() {
    this.#memory.write("language", this.#language === "zh" ? "en" : "zh");
    this.#speakLanguage();
  }

  #switchLarge() {
    const large = this.toggleAttribute("large");
    this.#memory.write("large", large);
    this.#at.large.setAttribute("aria-pressed", large);
    this.#typed();
    this.#toEnd();
  }

  // -- lines ------------------------------------------------------------------------------------------------------

  #newLine(line) {
    const li = make("li", { class: line.who }, make("p", { class: "day" }),
      make("div", { class: "bubble" },
        make("span", { class: "who" }), make("p", { class: "text" }), make("ul", { class: "choices" }),
        make("p", { class: "meta" }, make("time"), make("span", { class: "state" })))); // prettier-ignore
    li.line = line;
    li.part = (name) => li.querySelector(`.${name}`);
    this.#fill(li);
    return li;
  }

  #fill(li) {
    const text = li.part("text");
    const shown = li.line.text || (li.line.who === "resident" ? `📍 ${this.#word("place_sent")}` : "");
    text.replaceChildren(...linked(shown));
    text.lang = languageOf(shown);
    li.live = undefined;
  }

  /** Shows a line that is not there yet; what came earlier than something already shown goes before it. */
  #place(line) {
    const key = `${line.who}:${line.id}`;
    if (this.#shown.has(key)) return null;
    const li = this.#newLine(line);
    this.#shown.set(key, li);
    const isLater = (other) => other.line.who === "us" && other.line.id > line.id && this.#shown.has(`us:${other.line.id}`);
    const later = line.who === "us" && [...this.#at.list.children].find(isLater);
    this.#at.list.insertBefore(li, later || null);
    return li;
  }

  /** Shows replies or news, and stays where the resident reads. */
  #say(replies) {
    const wasAtEnd = this.#atEnd;
    const [first] = replies.map((reply) => this.#place({ ...reply, who: "us" })).filter(Boolean);
    this.#tidy();
    if (!first || !wasAtEnd) return;
    this.#toEnd();
    // Of an answer longer than the screen the beginning is read first.
    const top = Math.max(this.#at.log.getBoundingClientRect().top, 0);
    if (first.getBoundingClientRect().top < top) first.scrollIntoView({ block: "start" });
  }

  /** Brings everything that depends on the whole talk up to date. */
  #tidy() {
    const { list, typing, connection, log } = this.#at;
    const lines = [...list.children];
    const answered = lines.map((li) => li.line.who).lastIndexOf("resident");
    const live = lines.slice(answered + 1).reverse().find((li) => li.line.buttons?.length); // prettier-ignore
    const waiting = new Set(this.#outbox.map(({ id }) => id));
    const locale = this.lang;
    const at = (when, options) => new Intl.DateTimeFormat(locale, { timeZone: "Asia/Shanghai", ...options }).format(when);
    const dayOf = (when) => at(when, { month: "long", day: "numeric", weekday: "short" });
    const today = dayOf(new Date());
    let day = today;
    for (const li of lines) {
      const { line } = li;
      const own = line.who === "resident";
      this.#set(li.part("who"), this.#word(own ? "me" : "us") + (this.lang === "en" ? ": " : "："));
      if (line.at) {
        const when = new Date(line.at);
        const its = dayOf(when);
        this.#set(li.part("day"), its === day ? "" : its === today ? this.#word("today") : its);
        day = its;
        li.querySelector("time").dateTime = line.at;
        this.#set(li.querySelector("time"), at(when, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
      }
      const isWaiting = own && waiting.has(line.id);
      const state = isWaiting ? (this.#isStuck ? "waiting" : "sending") : line.refused ? "refused" : "";
      const why = line.refused?.[this.#language];
      this.#set(li.part("state"), state && this.#word(state) + (why ? (locale === "en" ? ": " : "：") + why : ""));
      li.dataset.state = state;
      if (line.buttons) this.#choices(li, li === live);
    }
    this.#set(typing, this.#sending && waiting.size && !this.#isStuck ? this.#word("typing") : "");
    this.#set(connection, this.#problem ? this.#word(this.#problem) : "");
    log.setAttribute("aria-busy", !this.#loaded && Boolean(this.#wire.token));
  }

  #set(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  /** Only the last choices can be taken; earlier ones stay readable. */
  #choices(li, live) {
    if (li.live === live) return;
    li.live = live;
    const choices = li.part("choices");
    choices.setAttribute("aria-label", this.#word("choices"));
    choices.replaceChildren(
      ...li.line.buttons.map(({ label, press }) => {
        const take = () => {
          this.#send(label, press && { press });
          this.#at.log.focus({ preventScroll: true });
        };
        return make("li", { lang: languageOf(label) }, live ? make("button", { type: "button", onclick: take }, label) : make("span", {}, label));
      }),
    );
  }

  #toEnd() {
    this.#at.end.scrollIntoView({ block: "end" });
  }

  // -- sending ----------------------------------------------------------------------------------------------------

  get #outbox() {
    return this.#memory.read("outbox") ?? [];
  }

  get #isStuck() {
    return this.#tries > 0 || !navigator.onLine;
  }

  #submit() {
    const text = this.#at.input.value.trim();
    this.#speech?.abort();
    if (!text) return this.#at.input.focus();
    this.#send(text);
    this.#at.input.value = "";
    this.#typed();
    if (matchMedia("(pointer: fine)").matches) this.#at.input.focus();
  }

  #typed() {
    const { input } = this.#at;
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + input.offsetHeight - input.clientHeight}px`;
    this.#memory.write("draft", input.value || null);
    this.#set(this.#at.hint, input.value.length >= LONGEST ? this.#word("full") : "");
  }

  #send(text, extra) {
    const message = { id: newId(), text, ...extra, language: this.#language, at: new Date().toISOString() };
    this.#memory.write("outbox", [...this.#outbox, message]);
    this.#at.log.setAttribute("aria-live", "polite");
    this.#showOutbox();
    this.#toEnd();
    this.#flush();
  }

  #showOutbox() {
    for (const { id, text, at } of this.#outbox) this.#place({ who: "resident", id, text, at });
    this.#tidy();
  }

  #settle(id, refused) {
    this.#memory.write("outbox", this.#outbox.filter((message) => message.id !== id)); // prettier-ignore
    const li = this.#shown.get(`resident:${id}`);
    if (li && refused) li.line.refused = refused;
  }

  /** Sends what is in the outbox, one after the other, for as long as it takes. */
  async #flush() {
    if (this.#sending) return this.#wake();
    this.#sending = true;
    for (let first; this.isConnected && (first = this.#outbox[0]); ) {
      this.#tidy();
      try {
        const replies = await this.#wire.send(first, this.#last);
        this.#tries = 0;
        this.#problem = null;
        this.#settle(first.id);
        this.#say(replies);
        this.#wake(); // the stream, when this was the first message
      } catch (trouble) {
        if ([400, 413, 422].includes(trouble.status) && trouble.error) {
          this.#settle(first.id, trouble.error);
          continue;
        }
        const renewed = trouble.status === 401 && !this.#tries;
        await this.#fail(trouble, this.#tries++, renewed);
      }
    }
    this.#sending = false;
    this.#tidy();
  }

  // -- staying up to date -----------------------------------------------------------------------------------------

  #problem = null;

  async #fail(trouble, tries, quickly = false) {
    if (trouble?.status === 429) this.#problem = "busy";
    else if (tries > 0 || !navigator.onLine) this.#problem = "offline";
    this.#tidy();
    await this.#rest(quickly ? 0 : Math.max(backOff(tries), trouble?.wait ?? 0));
  }

  /** Keeps the talk up to date for as long as the chat is on the page. */
  async #live() {
    for (let tries = 0; this.isConnected; ) {
      if (!this.#wire.token) {
        this.#loaded = false;
        this.#at.log.setAttribute("aria-live", "polite");
        await this.#rest();
        continue;
      }
      let trouble = null;
      let isOpen = false;
      try {
        if (!this.#loaded) await this.#load();
        this.#stream = new AbortController();
        await this.#wire.news(this.#last, this.#stream,
          () => {
            isOpen = true;
            tries = 0;
            if (this.#problem === "offline" && !this.#tries) (this.#problem = null), this.#tidy();
          },
          (reply) => this.#hear(reply)); // prettier-ignore
      } catch (error) {
        trouble = error;
      }
      if (!isOpen) this.#loaded = false; // where streams do not come through, the talk is read again and again
      if (this.isConnected) await this.#fail(trouble, tries++);
    }
  }

  #hear(reply) {
    this.#last = Math.max(this.#last, reply.id);
    if (reply.re) {
      this.#settle(reply.re);
      if (!this.#shown.has(`resident:${reply.re}`)) this.#load().catch(() => (this.#loaded = false)); // said in another tab
    }
    this.#say([reply]);
  }

  /** Reads the whole talk and shows what is missing of it, each line in its place. */
  async #load() {
    const lines = await this.#wire.history();
    const { list, log } = this.#at;
    const isFirst = !this.#loaded;
    let next = [...list.children].find((li) => this.#shown.get(`${li.line.who}:${li.line.id}`) === li) ?? null;
    for (const line of lines) {
      const key = `${line.who}:${line.id}`;
      const li = this.#shown.get(key) ?? this.#newLine(line);
      this.#shown.set(key, li);
      if (li === next) next = next.nextElementSibling;
      else list.insertBefore(li, next);
      if (line.who === "us") this.#last = Math.max(this.#last, line.id);
    }
    this.#loaded = true;
    this.#tidy();
    if (isFirst && this.#atEnd) this.#toEnd();
    // What was said before is not read out as if it were new.
    setTimeout(() => log.setAttribute("aria-live", "polite"), 200);
  }

  /** Begins anew under another session; `emptied` when the earlier talk is not to be seen any more. */
  #renew(emptied = false) {
    this.#last = 0;
    this.#loaded = false;
    const waiting = new Set(this.#outbox.map(({ id }) => id));
    for (const [key, li] of this.#shown) {
      if (emptied) li.remove();
      if (emptied || !waiting.has(li.line.id)) this.#shown.delete(key);
    }
    if (emptied) this.#showOutbox();
    this.#reconnect();
  }

  #reconnect() {
    if (!this.#at.log) return;
    this.#stream?.abort();
    this.#tidy();
    this.#wake();
  }

  async #rest(ms) {
    await new Promise((resolve) => {
      const timer = ms === undefined ? 0 : setTimeout(resolve, ms);
      this.#sleepers.add(() => (clearTimeout(timer), resolve()));
    });
  }

  #wake() {
    const sleepers = [...this.#sleepers];
    this.#sleepers.clear();
    sleepers.forEach((wake) => wake());
  }

  // -- asking, speaking, places -----------------------------------------------------------------------------------

  #ask(question, yes) {
    const { dialog } = this.#at;
    this.#at.question.textContent = this.#word(question);
    this.#at.yes.textContent = this.#word(yes);
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) =>
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
    );
  }

  async #clear() {
    if (!(await this.#ask("end_ask", "end_yes"))) return;
    for (const name of ["session", "outbox", "draft"]) this.#memory.write(name, null);
    this.#at.input.value = "";
    this.#typed();
    this.#renew(true);
    this.#at.input.focus();
  }

  async #sharePlace() {
    if (!(await this.#ask("place_ask", "place_yes"))) return;
    const { hint } = this.#at;
    hint.textContent = this.#word("place_finding");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        hint.textContent = "";
        this.#send("", { pin: { lat: coords.latitude, long: coords.longitude } });
      },
      () => (hint.textContent = this.#word("place_failed")),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
    );
  }

  get #canHear() {
    return Boolean(window.SpeechRecognition ?? window.webkitSpeechRecognition);
  }

  #speak() {
    if (this.#speech) return this.#speech.stop();
    const { input, hint, speak } = this.#at;
    const speech = (this.#speech = new (window.SpeechRecognition ?? window.webkitSpeechRecognition)());
    const word = speak.querySelector(".word");
    const before = input.value;
    const state = (on) => {
      speak.classList.toggle("on", on);
      word.textContent = this.#word(on ? "speaking" : "speak");
    };
    Object.assign(speech, { lang: this.#language === "zh" ? "zh-CN" : "en-US", interimResults: true });
    let problem = "";
    speech.onresult = ({ results }) => {
      input.value = (before + [...results].map(([best]) => best.transcript).join("")).slice(0, LONGEST);
      this.#typed();
      hint.textContent = this.#word("listening");
    };
    speech.onerror = ({ error }) => {
      if (error === "not-allowed" || error === "service-not-allowed") problem = "speech_refused";
      else if (error !== "aborted") problem = "speech_failed";
    };
    speech.onend = () => {
      this.#speech = null;
      state(false);
      hint.textContent = problem && this.#word(problem);
      if (!problem) input.focus();
    };
    speech.start();
    state(true);
    hint.textContent = this.#word("listening");
  }
}

customElements.define("jietong-chat", JietongChat);
