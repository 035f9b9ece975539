"use strict";
// The unit that the reader picks, beside the whole: rows out of the page's own tables, so that
// nothing is here that does not stand there.
(() => {
  const box = document.getElementById("picker");
  if (!box) return;
  const data = JSON.parse(document.getElementById("picker-data").textContent);
  const select = document.getElementById("picker-unit");
  const said = document.getElementById("picker-said");
  const frame = document.getElementById("picker-table");
  const body = frame.querySelector("tbody");

  const lines = data.rows.map((row) => {
    const table = document.getElementById(`${row.table}-table`);
    const units = new Map();
    for (const line of table.querySelectorAll("tbody tr")) {
      const head = line.querySelector("th[scope=row]");
      if (head) units.set(head.textContent.trim(), line);
    }
    return { ...row, units, whole: table.querySelector("tfoot tr") };
  });

  const number = (cell) => {
    const text = cell ? cell.textContent.trim().replace(data.decimal, ".") : "";
    return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
  };

  const copied = (cell, kind, isWithheld) => {
    const made = document.createElement("td");
    made.className = kind;
    if (cell) made.append(...[...cell.childNodes].map((node) => node.cloneNode(true)));
    else if (isWithheld) made.append(...withheld());
    else made.textContent = data.nothing;
    return made;
  };

  // The sign, and what it means for those who hear the page.
  const withheld = () => {
    const [sign, meaning] = data.withheld;
    return [[sign, "aria-hidden", "true"], [meaning, "class", "unseen"]].map(([text, name, value]) => {
      const part = document.createElement("span");
      part.setAttribute(name, value);
      part.textContent = text;
      return part;
    });
  };

  const bar = (own, whole) => {
    const cell = document.createElement("td");
    if (own === null) return cell;
    const track = document.createElement("span");
    track.className = "track";
    track.setAttribute("aria-hidden", "true");
    const fill = document.createElement("span");
    fill.className = "fill";
    fill.style.width = `${own}%`;
    track.append(fill);
    if (whole !== null) {
      const mark = document.createElement("span");
      mark.className = "mark";
      mark.style.left = `${whole}%`;
      track.append(mark);
    }
    cell.append(track);
    return cell;
  };

  // Columns of the comparison tables: base, percent, interval, difference.
  const row = (line, unit) => {
    const made = document.createElement("tr");
    const own = line.units.get(unit);
    const isHidden = line.withheld.includes(unit);
    const cells = own ? own.querySelectorAll("td") : [];
    const all = line.whole ? line.whole.querySelectorAll("td") : [];
    const head = document.createElement("th");
    head.scope = "row";
    const link = document.createElement("a");
    link.href = `#${line.anchor}`;
    link.textContent = line.name;
    head.append(link);
    made.append(head, copied(cells[0], "number", isHidden), copied(cells[1], "number", isHidden), copied(cells[2], "number"),
      copied(all[1], "number"), copied(cells[3], "number"), bar(number(cells[1]), number(all[1])));
    return made;
  };

  const mark = (place, unit) => {
    document.querySelectorAll(".is-picked").forEach((part) => part.classList.remove("is-picked"));
    if (place < 0) return;
    for (const line of lines) line.units.get(unit)?.classList.add("is-picked");
    for (const [figure, units] of Object.entries(data.charts)) {
      const category = units.indexOf(place);
      if (category < 0) continue;
      document.querySelectorAll(`#${figure} .picture [data-c="${category}"]`)
        .forEach((part) => part.classList.add("is-picked"));
    }
  };

  const show = () => {
    const place = select.value === "" ? -1 : Number(select.value);
    const unit = place < 0 ? "" : data.units[place];
    mark(place, unit);
    frame.hidden = place < 0;
    if (place < 0) {
      said.textContent = "";
      return;
    }
    body.replaceChildren(...lines.map((line) => row(line, unit)));
    document.getElementById("picker-caption").textContent = data.caption.replace("{unit}", unit);
    const isWithheld = lines.some((line) => line.withheld.includes(unit));
    said.textContent = data.said.replace("{unit}", unit) + (isWithheld ? ` ${data.note}` : "");
  };

  box.hidden = false;
  select.addEventListener("change", show);
  // A unit named in the address is picked: page.html#unit=Name.
  const asked = decodeURIComponent(location.hash.match(/^#unit=(.*)$/)?.[1] || "");
  const known = data.units.indexOf(asked);
  if (known >= 0) select.value = String(known);
  show();
})();
