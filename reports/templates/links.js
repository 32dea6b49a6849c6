"use strict";

// A link to something inside a closed `details` opens it.
function reveal() {
  let name = "";
  try {
    name = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;
  }
  const target = name && document.getElementById(name);
  if (!target) {
    return;
  }
  let details = target.closest("details");
  const inner = details;
  for (; details; details = details.parentElement.closest("details")) {
    details.open = true;
  }
  target.scrollIntoView();
  if (inner) {
    inner.querySelector("summary").focus({ preventScroll: true });
  }
}
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  // Following the link that was followed last changes no hash.
  if (link && link.hash === location.hash) {
    reveal();
  }
});
reveal();
