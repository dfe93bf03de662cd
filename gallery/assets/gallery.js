// What the pages do beyond being read: filters, order, keys. Everything is readable without it.
"use strict";
(() => {
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const items = () => all(".item");
  const shown = () => items().filter((item) => !item.hidden);
  const filters = all("[data-filter]");
  document.documentElement.classList.add("scripted");

  const fits = (item, filter) => {
    const wanted = filter.value.trim().toLocaleLowerCase();
    if (!wanted) return true;
    switch (filter.dataset.filter) {
      case "words": return item.textContent.toLocaleLowerCase().includes(wanted);
      case "problems": return item.dataset.problems.split(" ").includes(filter.value);
      default: return item.dataset[filter.dataset.filter] === filter.value;
    }
  };
  const apply = () => {
    for (const item of items()) item.hidden = !filters.every((filter) => fits(item, filter));
    const some = shown().length, whole = items().length;
    for (const place of all("output.shown")) place.textContent = some === whole ? "" : `${some} of ${whole} shown`;
  };
  for (const filter of filters) filter.addEventListener("input", apply);
  for (const form of all("form.filters")) form.addEventListener("submit", (event) => event.preventDefault());

  const order = document.querySelector("[data-order]");
  order?.addEventListener("input", () => {
    const feed = document.querySelector(".feed");
    feed.append(...all(".post", feed).reverse());
  });

  const step = (by) => {
    const seen = shown();
    const here = seen.findIndex((item) => item.contains(document.activeElement));
    const next = seen[here < 0 ? 0 : Math.min(seen.length - 1, Math.max(0, here + by))];
    if (!next) return;
    (next.matches(".post") ? next : next.querySelector("a")).focus({ preventScroll: true });
    next.scrollIntoView({ block: next.matches(".post") ? "start" : "nearest" });
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    "/": () => document.querySelector("input[type=search]")?.focus(),
    o: (post) => { const more = post?.querySelector("details.made"); if (more) more.open = !more.open; },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(document.activeElement.closest(".post"));
  });
  globalThis.gallery = { all, apply, keys };
  apply(); // a browser that goes back fills the filters in again
})();
