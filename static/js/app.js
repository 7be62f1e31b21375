// What pages gain from JavaScript. Everything here works without it, one page load later.
"use strict";

// Menus close when something else is pressed, and by Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Only one answer to one press: a form on its way is not sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  else if (!form.hasAttribute("hx-boost")) form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A pressed check circle fills at once, before the answer is there.
document.addEventListener("click", (event) => {
  const check = event.target.closest("button.check");
  if (check) check.classList.add("pressed");
});

// A password can be looked at while it is typed.
for (const button of document.querySelectorAll(".secret > button")) {
  const input = button.previousElementSibling;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? button.dataset.show : button.dataset.hide;
    input.focus();
  });
  input.form.addEventListener("submit", () => { input.type = "password"; });
}

// After an answer in place the keyboard stays where it was: on the same field, on the row
// that moved, or on the one that has come up to where the finished one stood.
// What a page asks for by itself (hx-trigger) leaves it alone.
let pressed = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.hasAttribute("hx-trigger")) return;
  const element = document.activeElement;
  const row = element.closest(".task");
  pressed = {
    id: element.id,
    row: row && row.id,
    place: [...document.querySelectorAll("#main .task")].indexOf(row),
    control: element.closest(".menu") ? "summary" : "button, a",
  };
});
document.addEventListener("htmx:afterSettle", () => {
  if (!pressed) return;
  const rows = document.querySelectorAll("#main .task");
  const row = (pressed.row && document.getElementById(pressed.row))
    || (pressed.place >= 0 && rows[Math.min(pressed.place, rows.length - 1)]);
  const target = (pressed.id && document.getElementById(pressed.id))
    || (row && row.querySelector(pressed.control))
    || document.getElementById("main");
  pressed = null;
  target.focus({ preventScroll: true });
});

// Messages leave after eight seconds, but not under the pointer or with the focus inside.
function dismissLater(message) {
  setTimeout(() => {
    if (message.matches(":hover, :focus-within")) dismissLater(message);
    else message.remove();
  }, 8000);
}
function dismissAllLater() {
  for (const message of document.querySelectorAll(".message:not([data-leaving])")) {
    message.dataset.leaving = "yes";
    dismissLater(message);
  }
}
document.addEventListener("DOMContentLoaded", dismissAllLater);
document.addEventListener("htmx:afterSettle", dismissAllLater);

// Copies what stands in another element, a line for each of its parts.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const lines = document.getElementById(button.dataset.copy).innerText.split(/\s*\n\s*/);
  navigator.clipboard.writeText(lines.filter(Boolean).join("\n")).then(() => {
    button.textContent = button.dataset.copied;
  });
});

// A passkey that was refused, or not found, is said on the page.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-trouble").hidden = false;
});

// The browser knows where it is: a new account starts with its time zone, an old one is offered it.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("[data-zone-guess]")) field.value = zone;
  for (const offer of document.querySelectorAll("[data-zone-offer]")) {
    const select = document.getElementById("id_time_zone");
    const unlike = zone !== (select ? select.value : offer.dataset.zoneOffer);
    const known = !select || [...select.options].some((option) => option.value === zone);
    if (!zone || !unlike || !known) continue;
    offer.querySelector("[data-zone-name]").textContent = zone.replaceAll("_", " ");
    if ("value" in offer) offer.value = zone;
    offer.hidden = false;
  }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zone-use]");
  if (!button) return;
  document.getElementById(button.dataset.zoneUse).value = zone;
  button.closest("[data-zone-offer]").hidden = true;
});
