// Only improves what works without it: closes menus, counts ticks, copies, focuses search, stops a
// second press of a button, and refreshes what a form shows while it is being filled in.
"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Menus: Escape closes the open one and gives the focus back; a click elsewhere closes all.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of all("details.menu[open]")) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// Single keys, unless somebody is typing or has switched them off (where a browser keeps nothing they
// work): "/" goes to the search, "?" shows the keys.
const singleKeys = {
  get on() { try { return localStorage.getItem("single-keys") !== "off"; } catch { return true; } },
  set on(on) { try { localStorage.setItem("single-keys", on ? "on" : "off"); } catch { /* not kept */ } },
};
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !singleKeys.on) return;
  if (document.querySelector("dialog[open]")) return;
  const search = document.querySelector(".topbar__search input");
  if (event.key === "/" && search) { event.preventDefault(); search.focus(); search.select(); }
  if (event.key === "?" && document.querySelector("[data-keys]")) { event.preventDefault(); showKeys(); }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-single-keys]")) singleKeys.on = event.target.checked;
});
for (const box of all("[data-single-keys]")) box.checked = singleKeys.on;

// The list of keys: what /keys says, over this page. Its dialog is made when it is first asked for.
const showKeys = async () => {
  let dialog = document.querySelector("dialog.dialog--keys");
  const address = document.querySelector("[data-keys]").href;
  if (!dialog) {
    const answer = await fetch(address).catch(() => undefined);
    const page = new DOMParser().parseFromString(await answer?.text() ?? "", "text/html");
    const keys = page.querySelector("#keys");
    if (!keys) { location.href = address; return; }
    dialog = document.createElement("dialog");
    dialog.className = "dialog dialog--keys";
    dialog.setAttribute("aria-labelledby", "keys-title");
    dialog.innerHTML = '<div class="dialog__head"><h2 id="keys-title">Keyboard</h2></div><div class="dialog__body"></div><form class="dialog__foot" method="dialog"><button class="button" autofocus>Close</button></form>';
    dialog.querySelector(".dialog__body").append(...keys.children);
    document.body.append(dialog);
  }
  for (const box of all("[data-single-keys]", dialog)) box.checked = singleKeys.on;
  if (!dialog.open) dialog.showModal();
};

// Ticked rows: [data-tick-all] ticks the page, [data-tick-count] says how many.
const countTicks = (form) => {
  const ticks = all('tbody input[name="tick"]', form);
  const ticked = ticks.filter((tick) => tick.checked).length;
  const onPage = form.querySelector("[data-tick-all]");
  if (onPage) {
    onPage.checked = ticks.length > 0 && ticked === ticks.length;
    onPage.indeterminate = ticked > 0 && ticked < ticks.length;
  }
  const every = form.querySelector('.selection input[name="all"]');
  for (const place of all("[data-tick-count]", form)) {
    place.textContent = every?.checked ? "All results" : `${ticked} ticked${ticked === ticks.length ? ", all on this page" : ""}`;
  }
};
document.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (!form) return;
  if (event.target.matches("[data-tick-all]")) {
    for (const tick of all('tbody input[name="tick"]', form)) tick.checked = event.target.checked;
  }
  if (event.target.matches('[data-tick-all], [name="tick"], [name="all"]')) countTicks(form);
});
document.addEventListener("click", (event) => {
  const clear = event.target.closest("[data-tick-clear]");
  if (!clear) return;
  event.preventDefault();
  for (const tick of all('[name="tick"], [name="all"]', clear.closest("form"))) tick.checked = false;
  countTicks(clear.closest("form"));
});
for (const form of all("form:has([data-tick-count])")) countTicks(form);

// Copy buttons: data-copy holds the text. Browsers give the clipboard only to https and this
// machine; elsewhere the old way still works.
const copy = async (text) => {
  try { return await navigator.clipboard.writeText(text), true; } catch { /* the old way */ }
  const area = document.body.appendChild(document.createElement("textarea"));
  area.value = text;
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
};
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const word = button.dataset.word ??= button.textContent;
  button.textContent = await copy(button.dataset.copy) ? "Copied" : "Not copied";
  button.focus();
  setTimeout(() => { button.textContent = word; }, 2000);
});

// A form that was sent is not sent again while its answer is on the way. The server makes a second
// press harmless anyway; this only spares the wait. Buttons stay enabled, so their value is sent.
const pressed = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target;
  // Asked by attribute: a field named "method" or "action" would stand in the property's place.
  if (form.getAttribute("method") !== "post" || event.defaultPrevented) return;
  // Another button of the form is no second press: after an export, the payments.
  if (form.dataset.sent && pressed.get(form) === event.submitter) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  pressed.set(form, event.submitter);
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), 8000);   // a download leaves the page where it is
});
const release = (form) => {
  delete form.dataset.sent;
  // Its buttons may stand elsewhere on the page, tied to it by form="…".
  for (const button of form.elements) button.removeAttribute("aria-busy");
};
addEventListener("pageshow", () => all("form[data-sent]").forEach(release));

// <form data-refresh="#example #changes">: on each change the form is sent as its button
// [data-refresh-button] would send it, and these parts of the answer replace those of the page. With
// data-refresh-from="/address" its fields go into the query of that address instead: a plain look.
for (const form of all("form[data-refresh]")) {
  const button = form.querySelector("[data-refresh-button]");
  let waiting, running;
  const refresh = async () => {
    running?.abort();
    running = new AbortController();
    try {
      const fields = new URLSearchParams(new FormData(form, button));
      const signal = running.signal;
      const look = form.dataset.refreshFrom;
      if (look) fields.delete("csrf");
      const answer = await (look ? fetch(`${look}?${fields}`, { signal })
                                 : fetch(button?.getAttribute("formaction") ?? form.getAttribute("action"), { method: "POST", body: fields, signal }));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const selector of form.dataset.refresh.split(" ")) {
        const fresh = page.querySelector(selector);
        const old = fresh && document.querySelector(selector);
        const focused = old?.contains(document.activeElement) ? document.activeElement.id : "";
        old?.replaceWith(fresh);
        if (focused) document.getElementById(focused)?.focus();
      }
    } catch { /* the button still works */ }
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(refresh, 200); });
}

// Choosing by typing: what fits comes from the address in data-choices, as the options of a datalist.
let choosing;
document.addEventListener("input", (event) => {
  const field = event.target.closest?.("input[data-choices]");
  // An option that was just taken needs no others.
  if (!field || event.inputType === "insertReplacementText") return;
  clearTimeout(choosing);
  choosing = setTimeout(async () => {
    try {
      const answer = await fetch(`${field.dataset.choices}?${new URLSearchParams({ q: field.value })}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok) field.list?.replaceChildren(...page.querySelectorAll("option"));
    } catch { /* it can still be typed */ }
  }, 150);
});

// [data-poll="#state #job"]: while it stands there the page is looked at again every second or two, and
// these parts of the answer replace those of the page. Without JavaScript the page reloads by itself.
const poll = () => {
  const polled = document.querySelector("[data-poll]");
  if (polled) setTimeout(() => look(polled.dataset.poll.split(" ")), document.hidden ? 5000 : 1200);
};
const look = async (selectors) => {
  try {
    const answer = await fetch(location.href);
    // Signed out meanwhile, or away: the page itself says so best.
    if (!answer.ok || answer.redirected) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const selector of selectors) {
      const [fresh, old] = [page.querySelector(selector), document.querySelector(selector)];
      if (!fresh || !old) return location.reload();
      const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
      old.replaceWith(fresh);
      if (focused) document.getElementById(focused)?.focus();
    }
  } catch { /* the server restarts, or the network is away: try again */ }
  poll();
};
poll();

// A file that is too large is told before it is sent: [data-most-megabytes].
document.addEventListener("change", (event) => {
  const field = event.target.closest?.("input[type=file][data-most-megabytes]");
  if (!field) return;
  const most = Number(field.dataset.mostMegabytes);
  const large = [...field.files].some((file) => file.size > most * 1e6);
  field.setCustomValidity(large ? `This file is larger than ${most} MB.` : "");
  field.reportValidity();
});

// Rows of [data-sortable] are dragged into another order. The numbers in their fields follow: they keep
// their values where they can, so that as few rows as possible change. Saving is a press of its own.
for (const body of all("tbody[data-sortable]")) {
  const number = (row) => row.querySelector("input:not([type=hidden])");
  let dragged;
  for (const handle of all(".drag", body)) handle.draggable = true;
  body.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".drag")?.closest("tr");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(dragged, 0, 0);
    dragged.classList.add("is-dragged");
  });
  body.addEventListener("dragover", (event) => {
    const over = event.target.closest("tr");
    if (!dragged || !over) return;
    event.preventDefault();
    const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
    if (over !== dragged) over[event.clientY < middle ? "before" : "after"](dragged);
  });
  body.addEventListener("drop", (event) => event.preventDefault());
  body.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = undefined;
    const rows = [...body.rows];
    const ids = rows.map((row) => Number(row.querySelector('[name="program"]').value));
    const numbers = rows.map((row) => Number(number(row).value) || 1).sort((one, other) => one - other);
    // Of two with the same number the older one is first: where that would be wrong, the later rows move on.
    for (let at = 1; at < rows.length; at++) {
      const least = numbers[at - 1] + (ids[at] < ids[at - 1] ? 1 : 0);
      if (numbers[at] < least) numbers[at] = least;
    }
    rows.forEach((row, at) => { number(row).value = numbers[at]; });
  });
}
