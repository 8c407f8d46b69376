/**
 * `<jietong-chat>`: the chat of a sub-district office. A message is kept in this browser until the server has answered
 * it and goes out under one id however often that takes: neither lost nor said twice. Texts are never put in as HTML.
 */

const HERE = new URL(import.meta.url);
const API = new URL("../channels/web/", HERE);
const beside = (name) => new URL(name + HERE.search, HERE);

const PATIENCE = 60_000; // ms for an answer
const SILENCE = 40_000; // ms; heartbeats come every 15 s
const LONGEST = 4000;

/** The wait before the next try: 1, 2, 4 … 30 s, spread so that not all come at once. */
const backOff = (tries) => Math.min(30_000, 1000 * 2 ** tries) * (0.75 + Math.random() / 2);

/** A random UUID, on plain http too. */
function newId() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, "$1-$2-4$3-8$4-$5");
}

// `data-word` and `data-label` name the words that a part gets in the language of the moment.
const SHELL = `
<header>
  <nav class="emergency" data-label="emergency"><ul>
    <li><a href="tel:119"><span data-word="fire"></span> 119</a></li>
    <li><a href="tel:120"><span data-word="ambulance"></span> 120</a></li>
    <li><a href="tel:110"><span data-word="police"></span> 110</a></li>
  </ul></nav>
  <div class="bar">
    <div class="name"><h1 data-word="title"></h1><p data-word="subtitle"></p></div>
    <div class="tools">
      <button class="language" data-word="language"></button>
      <button class="large" data-word="large"></button>
      <a class="call" data-label="call"></a>
      <button class="clear" data-word="clear" data-label="clear_label"></button>
    </div>
  </div>
</header>
<main>
  <div class="log" role="log" aria-live="off" tabindex="0" data-label="talk">
    <ol class="list"></ol>
    <p class="typing" role="status"></p>
    <div class="end"></div>
  </div>
  <button class="latest" data-word="latest" hidden></button>
</main>
<footer>
  <p class="connection notice" role="status"></p>
  <p class="hint notice" role="status"></p>
  <label for="input" data-word="write"></label>
  <textarea class="input" id="input" rows="1" maxlength="${LONGEST}" enterkeyhint="send" autocomplete="off"></textarea>
  <div class="row">
    <button class="speak" data-word="speak"></button>
    <button class="place" data-word="place" data-label="place_label"></button>
    <button class="send" data-word="send"></button>
  </div>
</footer>
<dialog class="dialog" aria-labelledby="question">
  <p class="question" id="question"></p>
  <form method="dialog"><button data-word="not_now"></button><button class="yes" value="yes"></button></form>
</dialog>`;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Area code, mobile, 400, “5550 1000”, 110 119 120 122, 123xx, 95xxx 96xxx; not “120 yuan”, “110号楼” or a year.
// No lookbehind: older iPhones do not know it.
const PHONES =
  /(^|[^\w¥￥$#.:-])(0\d{2,3}[- ]?\d{7,8}|1[3-9]\d(?:[- ]?\d{4}){2}|[48]00[- ]?\d{3,4}[- ]?\d{3,4}|(?!19|20)[2-9]\d{3} \d{4}|1(?:10|19|20|22)|123\d\d|9[56]\d{3})(?![\w%‰-]|[.,:]\d|\s?(?:[元块万天日号栋楼层室户米公里年月人次岁分秒平度路个名件页份]|yuan|days?|hours?|minutes?|people|met))/g;

/** A text as nodes, its telephone numbers as links. */
function linked(text) {
  const nodes = [];
  let done = 0;
  for (const found of text.matchAll(PHONES)) {
    const start = found.index + found[1].length;
    const number = found[2];
    nodes.push(text.slice(done, start), make("a", { href: dial(number) }, number));
    done = start + number.length;
  }
  return [...nodes, text.slice(done)];
}

const dial = (number) => `tel:${number.replace(/\D/g, "")}`;
const languageOf = (text) => (/[\u3400-\u9fff]/.test(text) ? "zh-CN" : "en");

/** What this browser remembers; in private mode, as long as the page is open. */
class Memory {
  #own = new Map();
  #lasting = true;

  read(name) {
    this.#try(() => this.#own.set(name, JSON.parse(localStorage.getItem(`jietong.${name}`))));
    return this.#own.get(name) ?? null;
  }

  write(name, value) {
    this.#own.set(name, value);
    this.#try(() => localStorage.setItem(`jietong.${name}`, JSON.stringify(value)));
  }

  #try(use) {
    if (this.#lasting)
      try {
        use();
      } catch {
        this.#lasting = false;
      }
  }
}

/** The server. Every method may throw; what the server refused has `status` and `error`. */
class Wire {
  #opening = null;

  constructor(memory, renewed) {
    Object.assign(this, { memory, renewed });
  }

  get token() {
    return this.memory.read("session");
  }

  async send({ id, text, press, pin, language }, has) {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), PATIENCE);
    const response = await this.#ask("messages", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Last-Event-ID": has },
      body: JSON.stringify({ id, text, press, pin, language }),
      signal: stop.signal,
    });
    return [...(await response.json()).replies];
  }

  async history() {
    const response = await this.#ask("history");
    return [...(await response.json()).lines];
  }

  /** Calls `heard` with what is said after `after` until the stream ends; with nothing for a heartbeat. */
  async news(after, stop, heard) {
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), SILENCE);
    };
    alive();
    const response = await this.#ask("events", { headers: { "Last-Event-ID": after }, signal: stop.signal });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (let rest = "", part; !(part = await reader.read()).done; ) {
      alive();
      const frames = (rest + decoder.decode(part.value, { stream: true })).split("\n\n");
      rest = frames.pop();
      const data = frames.flatMap((frame) => frame.split("\n")).filter((line) => line.startsWith("data: "));
      heard(data.map((line) => JSON.parse(line.slice(6))));
    }
  }

  async #ask(path, init = {}) {
    const token = this.token ?? (await (this.#opening ??= this.#open().finally(() => (this.#opening = null))));
    const headers = { ...init.headers, Authorization: `Bearer ${token}` };
    const response = await fetch(new URL(path, API), { cache: "no-store", ...init, headers });
    if (response.ok) return response;
    const trouble = await this.#trouble(response);
    if (trouble.error?.code === "unauthorised" && this.token === token) {
      this.memory.write("session", null);
      this.renewed();
    }
    throw trouble;
  }

  async #open() {
    const response = await fetch(new URL("session", API), { method: "POST" });
    if (!response.ok) throw await this.#trouble(response);
    const { session } = await response.json();
    this.memory.write("session", session);
    return session;
  }

  async #trouble(response) {
    const { error } = await response.json().catch(() => ({}));
    const wait = 1000 * (Number(response.headers.get("Retry-After")) || 0);
    return Object.assign(new Error("refused"), { status: response.status, error, wait });
  }
}

class JietongChat extends HTMLElement {
  #memory = new Memory();
  #wire = new Wire(this.#memory, () => this.#renew());
  #words;
  #at = {}; // the parts by name
  #shown = new Map(); // "resident:<uuid>" or "us:<number>" → its <li>
  #last = 0; // everything up to this was heard
  #sending = false;
  #tries = 0; // failed tries to send what is first in the outbox
  #problem = null;
  #loaded = false;
  #stream = null;
  #talk = 0; // goes up when a talk is cleared or lost
  #sleepers = [];
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
    await this.#build();
    this.#listen();
    this.#showOutbox();
    this.#live();
    this.#flush();
  }

  get #language() {
    return this.#memory.read("language") ?? (/^zh/i.test(navigator.language) ? "zh" : "en");
  }

  #word(key) {
    return this.#words.interface[key][this.#language];
  }

  #speakLanguage() {
    const { language, input, welcome } = this.#at;
    const isChinese = this.#language === "zh";
    this.lang = isChinese ? "zh-CN" : "en";
    language.lang = isChinese ? "en" : "zh-CN";
    input.placeholder = this.#word(this.#Speech ? "hint" : "hint_no_speech");
    const all = (selector) => this.shadowRoot.querySelectorAll(selector);
    for (const node of all("[data-word]")) node.textContent = this.#word(node.dataset.word);
    for (const node of all("[data-label]")) node.setAttribute("aria-label", this.#word(node.dataset.label));
    welcome.line.text = this.#word("welcome");
    welcome.line.buttons = this.#words.starters.map((starter) => ({ label: starter[this.#language] }));
    this.#fill(welcome);
    this.#tidy();
  }

  async #build() {
    const shadow = this.attachShadow({ mode: "open" });
    const style = make("link", { rel: "stylesheet", href: beside("jietong-chat.css") });
    const styled = new Promise((resolve) => (style.onload = style.onerror = resolve));
    shadow.append(style, make("slot")); // the page's own content stays until then
    await styled;
    const shell = new DOMParser().parseFromString(SHELL, "text/html").body;
    for (const node of shell.querySelectorAll("[class]")) this.#at[node.classList[0]] = node;
    shadow.replaceChildren(style, ...shell.children);
    const at = this.#at;
    at.call.textContent = this.#words.phone;
    at.call.href = dial(this.#words.phone);
    at.speak.hidden = !this.#Speech;
    at.place.hidden = !navigator.geolocation || !isSecureContext;
    at.input.value = this.#memory.read("draft") ?? "";
    at.welcome = this.#newLine({ who: "us", text: "", buttons: [] });
    at.list.append(at.welcome);
    this.#setLarge(Boolean(this.#memory.read("large")));
    this.#speakLanguage();
  }

  #listen() {
    const at = this.#at;
    const { input, latest } = at;
    at.language.onclick = () => {
      this.#memory.write("language", this.#language === "zh" ? "en" : "zh");
      this.#speakLanguage();
    };
    at.large.onclick = () => this.#setLarge(!this.hasAttribute("large"));
    at.clear.onclick = () => this.#clear();
    at.speak.onclick = () => this.#speak();
    at.place.onclick = () => this.#sharePlace();
    at.send.onclick = () => this.#submit();
    latest.onclick = () => this.#toEnd();
    input.oninput = () => this.#typed();
    input.onkeydown = (event) => {
      // While Chinese is composed, Enter chooses a word; Safari says so by 229 only.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    };
    for (const change of ["online", "offline"]) addEventListener(change, () => this.#reconnect());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
    addEventListener("storage", ({ key }) => {
      // Another tab has the same talk, and sends what was written there.
      if (key === "jietong.session") this.#renew(true);
      if (key === "jietong.outbox") this.#showOutbox();
    });
    new IntersectionObserver(([seen]) => {
      this.#atEnd = seen.isIntersecting;
      latest.hidden = this.#atEnd || !this.#shown.size;
    }).observe(at.end);
    new ResizeObserver(() => this.#fit()).observe(at.log);
    addEventListener("resize", () => this.#fit());
    // An iPhone's keyboard covers the page.
    const view = window.visualViewport;
    view?.addEventListener("resize", () => {
      if (view.scale !== 1) return;
      this.style.setProperty("--height", `${view.height}px`);
      if (this.toggleAttribute("keyboard", innerHeight - view.height > 100)) scrollTo(0, 0);
    });
    this.#fit();
  }

  #setLarge(large) {
    this.toggleAttribute("large", large);
    this.#at.large.setAttribute("aria-pressed", large);
    this.#memory.write("large", large);
    this.#fit();
    this.#typed();
  }

  /** Chooses the layout by the room there is, in letters. */
  #fit() {
    this.toggleAttribute("low", innerHeight < 36 * parseFloat(getComputedStyle(this).fontSize));
    if (this.#atEnd) this.#toEnd();
  }

  #newLine(line) {
    const li = make("li", { class: line.who }, make("p", { class: "day" }),
      make("div", { class: "bubble" },
        make("span", { class: "who" }), make("p", { class: "text" }), make("ul", { class: "choices" }),
        make("p", { class: "meta" }, make("time"), make("span", { class: "state" }))));
    li.line = line;
    this.#fill(li);
    return li;
  }

  #fill(li) {
    const text = li.querySelector(".text");
    const shown = li.line.text || this.#word("place_sent");
    text.replaceChildren(...linked(shown));
    text.lang = languageOf(shown);
    li.live = undefined;
  }

  /** Whether a line is of this talk: not the welcome, nor what a lost session left. */
  #isShown(li) {
    return this.#shown.get(`${li.line.who}:${li.line.id}`) === li;
  }

  /** Shows a line that is not there yet, before what is known to be later. */
  #place(line) {
    const key = `${line.who}:${line.id}`;
    if (this.#shown.has(key)) return null;
    const li = this.#newLine(line);
    this.#shown.set(key, li);
    const isLater = (other) => other.line.id > line.id && this.#isShown(other);
    const later = line.who === "us" ? [...this.#at.list.children].find(isLater) : null;
    this.#at.list.insertBefore(li, later ?? null);
    return li;
  }

  /** Shows replies or news, and stays where the resident reads. */
  #say(replies) {
    const wasAtEnd = this.#atEnd;
    const first = replies.map((reply) => this.#place({ ...reply, who: "us" })).find(Boolean);
    this.#tidy();
    if (!first || !wasAtEnd) return;
    this.#toEnd();
    // Of an answer longer than the screen the beginning is read first.
    const top = Math.max(this.#at.log.getBoundingClientRect().top, 0);
    if (first.getBoundingClientRect().top >= top) return;
    this.#atEnd = false;
    first.scrollIntoView({ block: "start" });
  }

  /** Brings everything that depends on the whole talk up to date. */
  #tidy() {
    const { list, typing, connection, log } = this.#at;
    const lines = [...list.children];
    const answered = lines.map((li) => li.line.who).lastIndexOf("resident");
    const live = lines.slice(answered + 1).reverse().find((li) => li.line.buttons?.length);
    const waiting = new Set(this.#outbox.map(({ id }) => id));
    const colon = this.#language === "zh" ? "：" : ": ";
    const inChina = (options) => new Intl.DateTimeFormat(this.lang, { timeZone: "Asia/Shanghai", ...options });
    const days = inChina({ month: "long", day: "numeric", weekday: "short" });
    const times = inChina({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const today = days.format();
    let day = today;
    for (const li of lines) {
      const { line } = li;
      const set = (part, text) => this.#set(li.querySelector(part), text);
      set(".who", this.#word(line.who) + colon);
      if (line.at) {
        const its = days.format(new Date(line.at));
        set(".day", its === day ? "" : its === today ? this.#word("today") : its);
        day = its;
        set("time", times.format(new Date(line.at)));
        li.querySelector("time").dateTime = line.at;
      }
      const state = waiting.has(line.id) ? (this.#isStuck ? "waiting" : "sending") : line.refused ? "refused" : "";
      const why = line.refused ? colon + line.refused[this.#language] : "";
      set(".state", state && this.#word(state) + why);
      li.dataset.state = state;
      if (line.buttons) this.#choices(li, li === live);
    }
    this.#set(typing, this.#sending && waiting.size && !this.#isStuck ? this.#word("typing") : "");
    this.#set(connection, this.#problem ? this.#word(this.#problem) : "");
    log.setAttribute("aria-busy", !this.#loaded && Boolean(this.#wire.token));
    if (this.#atEnd) this.#toEnd();
  }

  #set(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  /** Only the last choices can be taken; earlier ones stay readable. */
  #choices(li, live) {
    if (li.live === live) return;
    li.live = live;
    const choice = ({ label, press }) => {
      const shown = make(live ? "button" : "span", { lang: languageOf(label) }, label);
      if (live)
        shown.onclick = () => {
          this.#send(label, { press });
          this.#at.log.focus({ preventScroll: true });
        };
      return make("li", {}, shown);
    };
    li.querySelector(".choices").replaceChildren(...li.line.buttons.map(choice));
  }

  #toEnd() {
    if (!this.#shown.size) return; // the welcome is read from its beginning
    this.#atEnd = true;
    if (this.hasAttribute("low")) this.#at.end.scrollIntoView({ block: "end" });
    else this.#at.log.scrollTop = this.#at.log.scrollHeight;
  }

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
    this.#memory.write("draft", input.value);
    this.#set(this.#at.hint, input.value.length >= LONGEST ? this.#word("full") : "");
  }

  #send(text, extra) {
    const message = { id: newId(), text, ...extra, language: this.#language, at: new Date() };
    this.#memory.write("outbox", [...this.#outbox, message]);
    this.#showOutbox();
    this.#toEnd();
    this.#flush();
  }

  #showOutbox() {
    for (const { id, text, at } of this.#outbox) this.#place({ who: "resident", id, text, at });
    this.#tidy();
  }

  #settle(id, refused) {
    this.#memory.write("outbox", this.#outbox.filter((message) => message.id !== id));
    const li = this.#shown.get(`resident:${id}`);
    if (li && refused) li.line.refused = refused;
  }

  /** Sends what is in the outbox, one by one, for as long as it takes. */
  async #flush() {
    if (this.#sending) return this.#wake();
    this.#sending = true;
    for (let first; this.isConnected && (first = this.#outbox[0]); ) {
      this.#tidy();
      try {
        const talk = this.#talk;
        const replies = await this.#wire.send(first, this.#last);
        this.#tries = 0;
        this.#problem = null;
        this.#settle(first.id);
        if (talk === this.#talk) this.#say(replies);
        this.#wake(); // the stream, when this was the first message
      } catch (trouble) {
        if ([400, 413, 422].includes(trouble.status) && trouble.error) this.#settle(first.id, trouble.error);
        else await this.#fail(trouble, this.#tries++);
      }
    }
    this.#sending = false;
    this.#tidy();
  }

  /** Says what is wrong when it lasts, and waits until the next try. */
  async #fail(trouble, tries) {
    if (trouble?.status === 429) this.#problem = "busy";
    else if (tries || !navigator.onLine) this.#problem = "offline";
    this.#tidy();
    await this.#rest(Math.max(backOff(tries), trouble?.wait ?? 0));
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
      let trouble, isOpen;
      try {
        if (!this.#loaded) await this.#load();
        this.#stream = new AbortController();
        await this.#wire.news(this.#last, this.#stream, (replies) => {
          isOpen = true;
          tries = 0;
          if (!this.#tries) this.#problem = null;
          this.#hear(replies);
        });
      } catch (error) {
        trouble = error;
      }
      if (!isOpen) this.#loaded = false; // where no stream comes through, the talk is read again and again
      await this.#fail(trouble, tries++);
    }
  }

  #hear(replies) {
    this.#last = Math.max(this.#last, ...replies.map(({ id }) => id));
    for (const { re } of replies) if (re) this.#settle(re);
    this.#say(replies);
    const isElsewhere = ({ re }) => re && !this.#shown.has(`resident:${re}`);
    if (!replies.some(isElsewhere)) return;
    this.#loaded = false; // said in another tab: read again
    this.#stream.abort();
  }

  /** Reads the whole talk and shows what is missing of it, each line in its place. */
  async #load() {
    const lines = await this.#wire.history();
    const { list, log } = this.#at;
    const isFirst = this.#shown.size <= this.#outbox.length;
    let next = [...list.children].find((li) => this.#isShown(li)) ?? null;
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
    if (isFirst) this.#toEnd();
    // What was said before is not read out as new.
    setTimeout(() => log.setAttribute("aria-live", "polite"), 200);
  }

  /** Begins anew under another session; `emptied`: without the lines of the earlier one. */
  #renew(emptied = false) {
    this.#talk++;
    this.#last = 0;
    this.#loaded = false;
    const waiting = new Set(this.#outbox.map(({ id }) => id));
    for (const [key, li] of this.#shown) {
      if (emptied) li.remove();
      if (emptied || !waiting.has(li.line.id)) this.#shown.delete(key);
    }
    this.#showOutbox();
    this.#reconnect();
  }

  #reconnect() {
    this.#tidy();
    this.#stream?.abort();
    this.#wake();
  }

  /** Sleeps for so many ms, or until woken. */
  #rest(ms) {
    return new Promise((wake) => {
      if (ms) setTimeout(wake, ms);
      this.#sleepers.push(wake);
    });
  }

  #wake() {
    this.#sleepers.splice(0).forEach((wake) => wake());
  }

  async #ask(what) {
    const { dialog, question, yes } = this.#at;
    question.textContent = this.#word(`${what}_ask`);
    yes.textContent = this.#word(`${what}_yes`);
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
    return dialog.returnValue === "yes";
  }

  async #clear() {
    if (!(await this.#ask("clear"))) return;
    for (const name of ["session", "outbox", "draft"]) this.#memory.write(name, null);
    this.#at.input.value = "";
    this.#typed();
    this.#renew(true);
    this.#at.input.focus();
  }

  async #sharePlace() {
    if (!(await this.#ask("place"))) return;
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

  get #Speech() {
    return window.SpeechRecognition ?? window.webkitSpeechRecognition;
  }

  #speak() {
    if (this.#speech) return this.#speech.stop();
    const { input, hint, speak } = this.#at;
    const speech = (this.#speech = new this.#Speech());
    const before = input.value;
    let problem = "";
    const show = (on, key) => {
      speak.classList.toggle("on", on);
      speak.dataset.word = on ? "speaking" : "speak";
      speak.textContent = this.#word(speak.dataset.word);
      hint.textContent = key && this.#word(key);
    };
    Object.assign(speech, { lang: this.#language === "zh" ? "zh-CN" : "en-US", interimResults: true });
    speech.onresult = ({ results }) => {
      input.value = (before + [...results].map(([best]) => best.transcript).join("")).slice(0, LONGEST);
      this.#typed();
      show(true, "listening");
    };
    speech.onerror = ({ error }) => {
      if (error !== "aborted") problem = "speech_failed";
    };
    speech.onend = () => {
      this.#speech = null;
      show(false, problem);
      if (!problem) input.focus();
    };
    speech.start();
    show(true, "listening");
  }
}

customElements.define("jietong-chat", JietongChat);
