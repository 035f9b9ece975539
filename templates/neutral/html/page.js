"use strict";
// Adds to a page that is complete without it: interactive charts, copying tables, the place in
// the contents. Nothing here fetches anything.
(() => {
  const status = document.getElementById("status");
  const say = (text) => { status.textContent = ""; setTimeout(() => { status.textContent = text; }, 50); };
  const words = JSON.parse(document.getElementById("words").textContent);

  // --- interactive charts ---
  const library = () => {
    if (!window.Plotly) {
      const script = document.createElement("script");
      script.textContent = document.getElementById("plotly").textContent;
      document.head.append(script);
    }
    return window.Plotly;
  };

  const draw = (figure) => {
    const live = figure.querySelector(".live");
    if (live.dataset.drawn) return;
    const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    library().newPlot(live, spec.data, spec.layout, spec.config);
    live.dataset.drawn = "yes";
  };

  const toggle = (button) => {
    const figure = document.getElementById(button.dataset.chart);
    const live = figure.querySelector(".live");
    const on = live.hidden;
    try {
      live.hidden = !on;
      figure.classList.toggle("is-live", on);
      if (on) draw(figure);
    } catch (error) {
      live.hidden = true;
      figure.classList.remove("is-live");
      say(words.not_drawn);
      return;
    }
    button.firstElementChild.textContent = on ? button.dataset.on : button.dataset.off;
  };

  for (const button of document.querySelectorAll("button[data-chart]")) {
    button.hidden = false;
    button.addEventListener("click", () => toggle(button));
  }

  // The library is read in while the reader reaches the first chart, not before.
  const figures = document.querySelectorAll("figure.chart");
  if (figures.length && "IntersectionObserver" in window) {
    const idle = window.requestIdleCallback || ((work) => setTimeout(work, 200));
    const near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      idle(library);
    });
    figures.forEach((figure) => near.observe(figure));
  }

  // --- tables ---
  const cellText = (cell) => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll(".unseen, sup").forEach((part) => part.remove());
    const text = copy.textContent.trim();
    // Numbers as spreadsheets read them: no thousands separators, a plain minus sign.
    const isNumber = cell.classList.contains("number") && /^\u2212?[\d\u00a0,.]+$/.test(text) && /\d/.test(text);
    return isNumber ? text.replaceAll(words.thousands_sign, "").replace("\u2212", "-") : text;
  };

  const grid = (table) => {
    const rows = [];
    [...table.rows].forEach((row, y) => {
      rows[y] = rows[y] || [];
      for (const cell of row.cells) {
        let x = 0;
        while (rows[y][x] !== undefined) x += 1;
        for (let dy = 0; dy < cell.rowSpan; dy += 1) {
          rows[y + dy] = rows[y + dy] || [];
          for (let dx = 0; dx < cell.colSpan; dx += 1) {
            const repeats = cell.tagName === "TH" && cell.scope === "colgroup";
            rows[y + dy][x + dx] = (dy === 0 && dx === 0) || (dy === 0 && repeats) ? cellText(cell) : "";
          }
        }
      }
    });
    return rows;
  };

  const csv = (table) => {
    const separator = words.decimal_sign === "," ? ";" : ",";
    const isSpecial = (text) => /["\n\r]/.test(text) || text.includes(separator);
    const quote = (text) => (isSpecial(text) ? `"${text.replaceAll('"', '""')}"` : text);
    return grid(table).map((row) => row.map(quote).join(separator)).join("\r\n") + "\r\n";
  };

  const copy = async (text) => {
    if (navigator.clipboard) {
      try { await navigator.clipboard.writeText(text); return true; } catch (error) { /* try the old way */ }
    }
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    area.readOnly = true;
    document.body.append(area);
    area.focus({ preventScroll: true });
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch (error) { /* by hand, then */ }
    area.remove();
    return done;
  };

  // Where the browser lets no script copy, the reader does: the text stands marked in a box.
  const byHand = (button, text) => {
    const label = document.createElement("label");
    const area = document.createElement("textarea");
    label.className = "by-hand";
    label.append(words.copy_by_hand, area);
    area.readOnly = true;
    area.rows = 8;
    area.wrap = "off";
    area.value = text;
    const close = () => { label.remove(); button.focus(); };
    area.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    button.parentElement.querySelector(".by-hand")?.remove();
    button.after(label);
    area.focus();
    area.select();
  };

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = csv(document.getElementById(button.dataset.copy));
      const done = await copy(text);
      button.classList.toggle("done", done);
      if (done) {
        button.parentElement.querySelector(".by-hand")?.remove();
        button.focus();
      } else {
        byHand(button, text);
      }
      say(done ? words.copied : words.not_copied);
    });
  }

  // A table that fits needs no stop for the keyboard.
  const reach = (region) => {
    if (region.scrollWidth > region.clientWidth || region.scrollHeight > region.clientHeight + 1) {
      region.tabIndex = 0;
    } else {
      region.removeAttribute("tabindex");
    }
  };
  if ("ResizeObserver" in window) {
    const resized = new ResizeObserver((entries) => entries.forEach((entry) => reach(entry.target)));
    document.querySelectorAll(".scroll").forEach((region) => resized.observe(region));
  }

  // --- the place in the contents ---
  const bar = document.querySelector(".sidebar");
  const links = new Map([...document.querySelectorAll(".sidebar a")].map((a) => [a.hash.slice(1), a]));
  const listed = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  let shown = null;
  const mark = () => {
    const passed = listed.filter((heading) => heading.getBoundingClientRect().top < 120);
    const link = passed.length ? links.get(passed[passed.length - 1].id) : null;
    if (link === shown) return;
    if (shown) shown.removeAttribute("aria-current");
    if (link) link.setAttribute("aria-current", "true");
    shown = link;
    // Within the side bar only; the page itself must not move.
    if (link) {
      const top = link.offsetTop - bar.clientHeight / 2;
      bar.scrollTop = Math.max(0, top);
    }
  };
  let waiting = false;
  if (listed.length) {
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; mark(); });
    }, { passive: true });
  }
})();
