// Keeps the part of a page that is marked `data-live` fresh. Pages work without it.
"use strict";
(() => {
  const region = document.querySelector("[data-live]");
  if (!region) return;
  const told = document.getElementById("told");
  const every = Number(region.dataset.live);
  let wait = every;

  const say = (isTrouble, words) => {
    if (!told) return;
    told.classList.toggle("problem", isTrouble);
    told.classList.toggle("unseen", !isTrouble);
    if (words) told.textContent = words;
  };

  const isBusy = () => document.hidden || region.contains(document.activeElement);

  const refresh = async () => {
    if (!isBusy()) {
      region.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (answer.redirected) { location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector(".live");
        if (fresh && fresh.innerHTML !== region.innerHTML) {
          const open = [...region.querySelectorAll("details")].map((one) => one.open);
          region.replaceChildren(...fresh.childNodes);
          region.querySelectorAll("details").forEach((one, at) => { if (at in open) one.open = open[at]; });
          const moved = region.querySelectorAll(".pulse").length;
          if (told) told.textContent = moved ? `${moved} in progress` : "up to date";
        }
        region.classList.remove("stale");
        say(false);
        if (fresh && !fresh.hasAttribute("data-live")) { region.removeAttribute("aria-busy"); return; }
        wait = every;
      } catch {
        region.classList.add("stale");
        say(true, "The page cannot be refreshed now: what it shows is from before.");
        wait = Math.min(wait * 2, 60000);
      }
      region.removeAttribute("aria-busy");
    }
    setTimeout(refresh, wait);
  };
  setTimeout(refresh, wait);
})();
