// Draws the charts of a page: each element with data-chart names where its specification is.
"use strict";

async function draw(element) {
  const answer = await fetch(element.dataset.chart, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`chart: ${answer.status}`);
  const { spec, options } = await answer.json();
  await vegaEmbed(element, spec, {
    ...options,
    // Expressions are interpreted, and styles are ours: the page's policy permits neither eval nor inline styles.
    ast: true,
    actions: false,
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    renderer: "svg",
  });
  element.dataset.drawn = "true";
}

for (const element of document.querySelectorAll("[data-chart]")) {
  draw(element).catch(() => {
    element.textContent = "Не получилось нарисовать. Числа есть в таблице ниже.";
  });
}
