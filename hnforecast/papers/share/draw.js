// Charts as SVG, drawn at the width they are shown at so that their text keeps its size.

const svgSpace = document.querySelector("svg").namespaceURI;

function shape(name, attributes, text) {
  const element = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const tidy = (value) => Math.round(value * 10) / 10;

// Round numbers that cover a range, nought among them.
function ticks(low, high) {
  const reach = Math.max(high, 0) - Math.min(low, 0) || 1;
  const power = 10 ** Math.floor(Math.log10(reach / 4));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((size) => reach / size <= 5);
  const found = [];
  for (let k = Math.floor(Math.min(low, 0) / step); k <= Math.ceil(Math.max(high, 0) / step); k += 1) found.push(k * step);
  return found;
}

function frame(holder, values, labels, note) {
  const width = Math.max(260, Math.round(holder.clientWidth || 640));
  const narrow = width < 520;
  const height = narrow ? 260 : 330;
  const marks = ticks(Math.min(...values), Math.max(...values));
  const room = { left: 52, right: 12, top: 26, bottom: 30 };
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true", focusable: "false" });
  const y = (value) => room.top + ((marks.at(-1) - value) / (marks.at(-1) - marks[0])) * (height - room.top - room.bottom);
  const band = (width - room.left - room.right) / labels.length;
  const x = (k) => room.left + band * (k + 0.5);
  svg.append(shape("text", { x: 0, y: 13, class: "axis" }, note));
  for (const mark of marks) {
    const kind = mark === 0 ? "nought" : "rule";
    svg.append(shape("line", { x1: room.left, x2: width - room.right, y1: tidy(y(mark)), y2: tidy(y(mark)), class: kind }));
    svg.append(shape("text", { x: room.left - 7, y: tidy(y(mark) + 4), class: "axis end" }, Math.abs(mark).toLocaleString("en-GB")));
  }
  const every = Math.ceil(62 / band);
  labels.forEach((label, k) => {
    if ((labels.length - 1 - k) % every === 0) svg.append(shape("text", { x: tidy(x(k)), y: height - 9, class: "axis mid" }, label));
  });
  return { svg, x, y, band, width, height, room };
}

const path = (points) => points.map(([x, y], k) => `${k ? "L" : "M"}${tidy(x)} ${tidy(y)}`).join("");

// series: {values (null where there is none), band: [[low, high]] or null}; the first is drawn strongest.
function drawLines(holder, labels, series, note) {
  const known = series.flatMap((one) => one.values.filter((v) => v !== null).concat((one.band || []).flat().filter((v) => v !== null)));
  const { svg, x, y } = frame(holder, known, labels, note);
  series.forEach((one, k) => {
    if (!one.band) return;
    const inside = one.band.map((ends, at) => [at, ends]).filter(([, ends]) => ends);
    const upper = inside.map(([at, ends]) => [x(at), y(ends[1])]);
    const lower = inside.map(([at, ends]) => [x(at), y(ends[0])]).reverse();
    svg.append(shape("path", { d: `${path(upper.concat(lower))}Z`, class: `band band-${k}` }));
  });
  series.forEach((one, k) => {
    for (const points of unbroken(one.values)) {
      svg.append(shape("path", { d: path(points.map(([at, value]) => [x(at), y(value)])), class: `line line-${k}` }));
      points.forEach(([at, value]) => svg.append(dot(k, x(at), y(value))));
    }
  });
  holder.replaceChildren(svg, key(series.map((one) => one.label), "line"));
}

// The stretches of a line between the times at which nothing is known.
function unbroken(values) {
  const found = [[]];
  values.forEach((value, at) => {
    if (value === null) found.push([]);
    else found.at(-1).push([at, value]);
  });
  return found.filter((points) => points.length);
}

// A mark of its own shape for each series, so that lines are told apart without colour.
function dot(k, x, y) {
  const r = 3.4;
  if (k % 3 === 1) return shape("rect", { x: tidy(x - r), y: tidy(y - r), width: 2 * r, height: 2 * r, class: `dot dot-${k}` });
  if (k % 3 === 2) return shape("path", { d: `M${tidy(x)} ${tidy(y - r - 1)}L${tidy(x + r + 1)} ${tidy(y + r)}L${tidy(x - r - 1)} ${tidy(y + r)}Z`, class: `dot dot-${k}` });
  return shape("circle", { cx: tidy(x), cy: tidy(y), r, class: `dot dot-${k}` });
}

function key(labels, kind) {
  const list = document.createElement("ul");
  list.className = "key";
  labels.forEach((label, k) => {
    const item = document.createElement("li");
    const swatch = shape("svg", { viewBox: "0 0 34 14", width: 34, height: 14, "aria-hidden": "true", focusable: "false" });
    if (kind === "line") swatch.append(shape("path", { d: "M1 7L33 7", class: `line line-${k}` }), dot(k, 17, 7));
    else swatch.append(shape("rect", { x: 1, y: 2, width: 32, height: 10, class: `bar bar-${k}` }));
    item.append(swatch, label);
    list.append(item);
  });
  return list;
}

// Bars from nought, one a label and series.
function drawBars(holder, labels, series, note) {
  const { svg, x, y, band } = frame(holder, series.flatMap((one) => one.values), labels, note);
  const wide = Math.min(26, (band * 0.72) / series.length);
  series.forEach((one, k) => one.values.forEach((value, at) => {
    const left = x(at) + (k - series.length / 2) * wide;
    const top = Math.min(y(value), y(0));
    svg.append(shape("rect", { x: tidy(left), y: tidy(top), width: tidy(wide - 1), height: tidy(Math.abs(y(value) - y(0))), class: `bar bar-${k}` }));
  }));
  holder.replaceChildren(svg, key(series.map((one) => one.label), "bar"));
}

// Lying bars with their label above and their number behind: for long names.
function drawRows(holder, labels, series, show) {
  const width = Math.max(260, Math.round(holder.clientWidth || 640));
  const most = Math.max(...series.flatMap((one) => one.values), 1);
  const step = 20 + 17 * series.length;
  const svg = shape("svg", { viewBox: `0 0 ${width} ${step * labels.length + 4}`, width, height: step * labels.length + 4, "aria-hidden": "true", focusable: "false" });
  const room = width - 64;
  labels.forEach((label, r) => {
    svg.append(shape("text", { x: 0, y: r * step + 13, class: "name" }, fit(label, width)));
    series.forEach((one, k) => {
      const top = r * step + 18 + 17 * k;
      const long = Math.max(1, (room * one.values[r]) / most);
      svg.append(shape("rect", { x: 0, y: top, width: tidy(long), height: 13, class: `bar bar-${k}` }));
      svg.append(shape("text", { x: tidy(long + 6), y: top + 11, class: "axis" }, show(one.values[r])));
    });
  });
  holder.replaceChildren(svg, key(series.map((one) => one.label), "bar"));
}

// A name cut at a word where a narrow screen has no room; the table beside the chart has it whole.
function fit(label, width) {
  const most = Math.floor(width / 7.2);
  return label.length <= most ? label : `${label.slice(0, label.lastIndexOf(" ", most - 2))} …`;
}
