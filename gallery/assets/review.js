// A review without reloading: decisions are sent as they are made, and the post comes back as it now stands.
"use strict";
(() => {
  const { all, apply, keys } = globalThis.gallery;
  const root = new URL(document.querySelector("footer.foot form").action).pathname.replace(/finish$/, "");
  const ask = (path, body) => fetch(root + path, { method: "POST", body, headers: { "X-Part": "1" } });

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest(".decide form");
    if (!form) return;
    event.preventDefault();
    const post = form.closest(".post");
    const refusal = post.querySelector(".refusal");
    const body = new URLSearchParams(new FormData(form, event.submitter));
    let answer;
    try {
      answer = await ask(new URL(form.action).pathname.slice(root.length), body);
    } catch {
      refusal.textContent = "The review has ended: start it again, nothing decided is lost.";
      refusal.hidden = false;
      return;
    }
    const text = await answer.text();
    if (!answer.ok) {
      refusal.textContent = text;
      refusal.hidden = false;
      return;
    }
    const whole = new DOMParser().parseFromString(text, "text/html").querySelector(".post");
    const open = all("details.made[open]", post).length > 0;
    post.replaceWith(whole);
    whole.querySelector("details.made").open = open;
    apply();
    whole.focus({ preventScroll: true });
  });

  let waiting;
  document.addEventListener("input", (event) => {
    if (event.target.matches(".wish, textarea")) event.target.closest(".decide").querySelector(".refusal").hidden = true;
    if (!event.target.matches(".edit textarea")) return;
    const field = event.target;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const answer = await ask("count", new URLSearchParams({ text: field.value }));
      if (!answer.ok) return;
      const length = Number(await answer.text());
      const place = field.parentElement.querySelector(".count");
      place.textContent = `${length} of 280`;
      place.classList.toggle("too-long", length > 280);
    }, 120);
  });

  for (const key of "123456") {
    keys[key] = (post) => post?.querySelector(`[aria-keyshortcuts="${key}"]`)?.click();
  }
  keys.e = (post) => {
    const edit = post?.querySelector("details.edit");
    if (!edit) return;
    edit.open = true;
    edit.querySelector("textarea").focus();
  };
})();
