// Swagger UI has dark colours of its own: this class switches them on.
"use strict";

const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
function follow() {
  const theme = root.dataset.theme;
  root.classList.toggle("dark-mode", theme === "dark" || (theme !== "light" && dark.matches));
}
dark.addEventListener("change", follow);
follow();
