/* Tab sets that follow the reader's choice, across sets and pages.
 *
 * This stands before the first set of a page, and `tabproof.restore()` in each, before its panels,
 * so that none is painted but the chosen one. Themes that load pages by script run both again.
 *
 * A choice is the words on a tab. It is kept where Material for MkDocs and Zensical keep theirs
 * (`__md_get`, `__md_set`), so that an author's own sets with the same words take part. */
window.tabproof ??= (() => {
  const SETS = ".tabproof";
  const PASSIVE = "data-md-switching"; // Material: this change is not the reader's own
  const INDEX = { Home: 0, End: -1 };

  const sets = () => [...document.querySelectorAll(SETS)];
  const buttons = (set) => [...set.querySelectorAll(":scope > input")];
  const label = (button) => button.labels[0];
  const words = (button) => label(button).textContent.trim();
  const top = (button) => label(button).getBoundingClientRect().top;
  const isOurs = (element) => Boolean(element?.matches?.(`${SETS} > input`));
  const target = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));

  const remembered = () => [window.__md_get?.("__tabs") ?? []].flat();
  const remember = (button) =>
    window.__md_set?.("__tabs", [...new Set([words(button), ...remembered()])]);

  let quiet = false;
  const show = (button) => {
    if (!button || button.checked) return;
    label(button).setAttribute(PASSIVE, "");
    quiet = true;
    button.click(); // for the theme, which moves its underline
    quiet = false;
    label(button).removeAttribute(PASSIVE);
  };

  /* Make what a tab says the choice everywhere, and keep that tab where it is on the screen. */
  const settle = (button, before) => {
    remember(button);
    for (const set of sets()) {
      show(buttons(set).find((other) => words(other) === words(button)));
    }
    // Material leaves this on a tab that was chosen already, and then ignores the next click on it.
    for (const stale of document.querySelectorAll(`[${PASSIVE}]`)) stale.removeAttribute(PASSIVE);
    scrollBy({ top: top(button) - before, behavior: "instant" });
  };

  let asking = false;
  const choose = (button) => {
    asking = true;
    if (!button.checked) button.click();
    else if (isOurs(button)) settle(button, top(button));
    asking = false;
  };

  /* An address that asks for a choice says what the reader chose since. */
  const readdress = (button) => {
    const url = new URL(location);
    const key = button.parentElement.dataset.tabproof;
    if (url.searchParams.has(key)) url.searchParams.set(key, button.value);
    if (isOurs(target())) url.hash = button.id;
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  };

  /* Open what the address links to: a tab, a set, or something inside one. */
  const open = () => {
    const linked = target();
    if (!linked?.closest(SETS)) return false;
    const hidden = !linked.checkVisibility?.();
    const path = isOurs(linked) ? [linked] : [];
    for (let at = linked; (at = at.parentElement?.closest(".tabbed-block")); ) {
      const place = [...at.parentElement.children].indexOf(at);
      path.unshift(buttons(at.closest(".tabbed-set"))[place]);
    }
    path.forEach(choose);
    if (hidden) linked.scrollIntoView();
    return true;
  };

  /* Whatever joins pages into one (to print them, say) may bring a set twice. Radio buttons of one
   * name lose their choice to each other, and a label chooses the first button of an `id`. */
  const rename = (set) => {
    const own = buttons(set);
    const labels = set.querySelector(":scope > .tabbed-labels");
    for (const element of [labels, ...own]) {
      const { id } = element;
      if (!id || document.getElementById(id) === element) continue;
      let number = 2;
      while (document.getElementById(`${id}-${number}`)) number += 1;
      element.id = `${id}-${number}`;
      const place = own.indexOf(element);
      if (place < 0) continue;
      labels.children[place].htmlFor = element.id;
      whenRead(() => relink(set.querySelectorAll(":scope > .tabbed-content > *")[place], id, element));
    }
    const { name } = own[0];
    const others = [...document.getElementsByName(name)].filter((each) => !own.includes(each));
    if (!others.length) return;
    const chosen = own.find((button) => button.checked);
    for (const button of own) button.name = `${name}-${own[0].id}`;
    chosen.checked = true;
    for (const other of new Set(others.map((each) => each.parentElement))) {
      if (buttons(other).some((button) => button.checked)) continue;
      buttons(other).find((button) => button.defaultChecked).checked = true;
      recall(other);
    }
  };
  const relink = (panel, id, element) => {
    for (const link of panel.querySelectorAll(":scope > .tabproof-line a")) {
      if (link.hash !== `#${id}` || link.pathname !== location.pathname) continue;
      link.setAttribute("href", `#${element.id}`);
    }
  };
  const whenRead = (change) => {
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", change, { once: true });
    else change();
  };

  const seen = new WeakSet();
  let asked = {};
  const restore = () => {
    if (asked.href !== location.href) {
      asked = { href: location.href, query: new URLSearchParams(location.search), opened: false };
    }
    for (const set of sets().filter((each) => !seen.has(each))) {
      seen.add(set);
      rename(set);
      const key = set.dataset.tabproof;
      const wanted = buttons(set).find((button) => button.value === asked.query.get(key));
      if (wanted) choose(wanted);
      else recall(set);
      if (wanted) asked.query.delete(key);
    }
    asked.opened ||= open();
  };

  const recall = (set) => {
    for (const choice of remembered()) {
      const button = buttons(set).find((each) => words(each) === choice);
      if (button) return show(button);
    }
  };

  let current;
  const begin = (event) => {
    if (quiet || current || !isOurs(event.target)) return;
    current = { button: event.target, top: top(event.target) };
    setTimeout(() => (current = undefined));
  };
  const end = (event) => {
    if (current?.button !== event.target) return;
    settle(current.button, current.top);
    if (!asking) readdress(current.button);
    current = undefined;
  };
  addEventListener("change", begin, true);
  addEventListener("change", end);

  addEventListener("hashchange", open);
  addEventListener("pageshow", (event) => event.persisted && sets().forEach(recall));

  addEventListener("keydown", (event) => {
    if (!isOurs(event.target) || !(event.key in INDEX)) return;
    event.preventDefault();
    const button = buttons(event.target.parentElement).at(INDEX[event.key]);
    button.focus();
    button.click();
  });

  /* Themes copy what a block of code shows, without the newline at its end. */
  const decoded = (base64) =>
    new TextDecoder().decode(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt()));
  const text = (panel) => {
    const whole = () => panel.querySelector("a[download]").href.split(",")[1];
    return decoded(panel.dataset.tabproofText ?? whole());
  };
  const copy = (event) => {
    const button = event.target.closest?.(`${SETS} [data-clipboard-target]`);
    if (button) button.dataset.clipboardText = text(button.closest(".tabbed-block"));
  };
  addEventListener("click", copy, true);

  return { restore };
})();
