// For the pages of a shop: whom a partner sent is known by one cookie of that shop, and nobody else is.
// It is served without these remarks and without the blanks that begin lines (selling/tracking/sites/script.rs).
(() => {
  const page = document, script = page.currentScript, data = script.dataset;
  const name = "partnerbook", todo = name + "-report";
  // What the page of the shop may use.
  const api = window.partnerbook = { visitor: "", start };

  // Forms that lead to Partnerbook, or to a checkout that tells it, say who the visitor is.
  const fill = () =>
    page.querySelectorAll("form[data-partnerbook] [name=visitor]").forEach(f => f.value = api.visitor);

  // An empty domain is this host's.
  const keep = id => {
    page.cookie = `${name}=${id};path=/;max-age=SECONDS;samesite=lax;domain=${data.domain || ""}${location.protocol == "https:" ? ";secure" : ""}`;
    api.visitor = id;
    fill();
    page.dispatchEvent(new Event(name));
  };

  // Where nothing can be kept, what could not be sent is lost with the page.
  const hold = text => {
    try {
      return localStorage[todo] = text ?? localStorage[todo] ?? "";
    } catch {}
  };

  // What is not answered is tried again, at last by the next page.
  const report = (text, wait) => {
    hold(text);
    const more = () => wait < 3e4 && setTimeout(report, wait, text, wait * 4);
    fetch(new URL("/visits", script.src), { method: "POST", body: text, keepalive: 1 })
      .then(a => a.status > 428 ? more() : hold(""), more);
  };

  function start() {
    const url = new URLSearchParams(location.search), told = url.get("visitor");
    const own = page.cookie.match(name + "=([0-9a-f]{32})")?.[1];
    const whose = ["affiliate", "aff", "ref"].find(p => (url.get(p) ?? 0) != 0);
    let body = hold();
    if (/^[0-9a-f]{32}$/.test(told)) {
      keep(own || told);
      if (own && own != told) body = { visitor: own, also: told };
      // Whoever copies the address does not send the visitor along.
      history.replaceState(history.state, "", location.href.replace(RegExp(`.visitor=${told}(?!&)|visitor=${told}&`), ""));
    } else {
      // A page that is loaded again, or come back to, is no new visit.
      const now = whose && performance.getEntriesByType("navigation")[0].type == "navigate";
      if (now || own)
        keep(own || [...crypto.getRandomValues(new Uint8Array(16))].map(b => (b + 256).toString(16).slice(1)).join(""));
      if (now)
        body = { visitor: api.visitor, [whose]: url.get(whose), page: location.href, referrer: page.referrer, at: Date.now() };
    }
    if (body) report(new URLSearchParams(body) + "", 1e3);
  }

  addEventListener("DOMContentLoaded", fill);
  addEventListener("submit", fill, 1);
  // A browser may get a page before anybody asks for it; a page that asks for consent calls start() itself.
  data.wait ?? (page.prerendering ? page.addEventListener("prerenderingchange", start) : start());
})();
