"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = heading.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const falling = heading.getAttribute("aria-sort") === (button.dataset.first === "min" ? "ascending" : "none");
      const descending = button.dataset.first === "min" ? falling : heading.getAttribute("aria-sort") !== "descending";
      headings.forEach((other) => other.querySelector("button") && other.setAttribute("aria-sort", "none"));
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const value = (row) => row.cells[column]?.dataset.value;
      const compare = (a, b) => {
        const [x, y] = [value(a), value(b)];
        if (x === undefined || x === "") return y === undefined || y === "" ? 0 : 1;
        if (y === undefined || y === "") return -1;
        const order = button.dataset.kind === "text" ? x.localeCompare(y) : Number(x) - Number(y);
        return descending ? -order : order;
      };
      [...body.rows].sort(compare).forEach((row) => body.append(row));
    });
  });
}
