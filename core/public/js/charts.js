// Charts: each is drawn from a table that is in the page already, which says the same to everybody. A cell's number is
// its data-value; a cell without one is a gap. How far apart points stand is the time between the days of their rows
// (data-day of the first cell). The radios of a switch choose the column. Without this script there is the table.
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const drawn = new Map();
const chosen = new Map();
const dayMs = 86_400_000;
const mostDaysNamed = 8;
const numbers = new Intl.NumberFormat(document.documentElement.dataset.locale);
let library;

drawAll();
// What the page is told anew may bring a chart with it.
document.addEventListener('live:shown', drawAll);
document.addEventListener('change', switchColumn);
document.addEventListener('keydown', hideTips);
new window.MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ['data-bs-theme'] });

async function drawAll() {
  forgetRemoved();
  const canvases = findAll('canvas[data-chart]').filter((canvas) => !drawn.has(canvas));
  if (canvases.length === 0) return;
  library ??= load(canvases[0].dataset.library);
  await library;
  for (const canvas of canvases.filter((one) => one.isConnected && !drawn.has(one))) draw(canvas);
}

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.addEventListener('load', resolve);
    script.addEventListener('error', () =>
      reject(new Error('The chart library did not arrive; the table has all numbers.')),
    );
    document.head.append(script);
  });
}

function forgetRemoved() {
  for (const [canvas, chart] of drawn) {
    if (canvas.isConnected) continue;
    chart.destroy();
    drawn.delete(canvas);
  }
}

function draw(canvas) {
  // Shown first: a chart takes the size of what holds it.
  for (const part of findAll(`[data-with-chart="${canvas.id}"]`)) part.hidden = false;
  const radios = switchesOf(canvas);
  for (const one of radios) one.disabled = false;
  const radio = radios.find(({ value }) => value === chosen.get(canvas.id)) ?? radios[0];
  if (radio) {
    radio.checked = true;
    canvas.dataset.columns = radio.value;
  }
  drawn.set(canvas, new window.Chart(canvas, { type: 'line', data: dataOf(canvas), options: optionsOf() }));
  nameIt(canvas);
}

function switchColumn(event) {
  const canvas = document.getElementById(event.target.dataset?.chartSwitch);
  const chart = canvas && drawn.get(canvas);
  if (!chart) return;
  canvas.dataset.columns = event.target.value;
  chosen.set(canvas.id, event.target.value);
  chart.data = dataOf(canvas);
  chart.update();
  nameIt(canvas);
}

/** What the pointer brought up goes without moving the pointer. */
function hideTips({ key }) {
  if (key !== 'Escape') return;
  for (const chart of drawn.values()) {
    chart.setActiveElements([]);
    chart.tooltip.setActiveElements([], { x: 0, y: 0 });
    chart.update();
  }
}

function repaint() {
  for (const [canvas, chart] of drawn) {
    chart.data = dataOf(canvas);
    chart.options = optionsOf();
    chart.update();
  }
}

/** The column's heading says what the picture shows, for whoever does not see it. */
function nameIt(canvas) {
  const [column] = columnsOf(canvas);
  const { summary } = headingOf(canvas, column).dataset;
  if (summary) canvas.setAttribute('aria-label', summary);
}

function switchesOf(canvas) {
  return findAll(`input[data-chart-switch="${canvas.id}"]`);
}

function columnsOf(canvas) {
  return (canvas.dataset.columns ?? '1').split(' ').map(Number);
}

function headingOf(canvas, column) {
  return document.getElementById(canvas.dataset.chart).tHead.rows[0].cells[column];
}

function dataOf(canvas) {
  const rows = [...document.getElementById(canvas.dataset.chart).tBodies[0].rows];
  const days = rows.map((row) => Date.parse(row.cells[0].dataset.day) / dayMs);
  return {
    labels: rows.map((row) => row.cells[0].textContent.trim()),
    datasets: columnsOf(canvas).map((column, index) => {
      const values = rows.map((row) => valueOf(row.cells[column]));
      const data = values.map((y, at) => ({ x: days[at], y }));
      return { label: headingOf(canvas, column).textContent.trim(), data, ...lineOf(values, index) };
    }),
  };
}

/** A day without numbers may have one cell for all columns. */
function valueOf(cell) {
  const value = cell?.dataset.value;
  return value === undefined || value === '' ? null : Number(value);
}

/** The first line is the thing itself, any other what it is compared with. A value between two gaps has a dot of its own. */
function lineOf(values, index) {
  const colour = token(index === 0 ? '--cd-accent-ink' : '--cd-ink-3');
  const last = values.findLastIndex((value) => value !== null);
  const isAlone = (at) => values[at] !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
  return {
    borderColor: colour,
    borderWidth: 2,
    borderDash: index === 0 ? [] : [5, 4],
    pointBackgroundColor: colour,
    pointBorderColor: colour,
    pointRadius: values.map((_, at) => (at === last && index === 0 ? 4 : isAlone(at) ? 2 : 0)),
    pointHoverRadius: 4,
    tension: 0.2,
    spanGaps: false,
  };
}

function optionsOf() {
  const [ink, grid] = [token('--cd-ink-3'), token('--cd-line')];
  const font = { family: window.getComputedStyle(document.body).fontFamily, size: 12 };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: 'index', intersect: false },
    layout: { padding: { top: 6, left: 4 } },
    plugins: {
      legend: { display: false },
      tooltip: { displayColors: false, titleFont: font, bodyFont: font, callbacks: { title: dayOf } },
    },
    scales: {
      x: {
        type: 'linear',
        bounds: 'data',
        afterBuildTicks: nameDays,
        grid: { display: false },
        border: { color: grid },
        ticks: { color: ink, font, maxRotation: 0, autoSkipPadding: 12, callback: wordsOfDay },
      },
      y: {
        position: 'right',
        border: { display: false },
        grid: { color: grid },
        ticks: {
          color: ink,
          font,
          padding: 6,
          maxTicksLimit: 5,
          precision: 0,
          callback: (value) => numbers.format(value),
        },
      },
    },
    locale: document.documentElement.dataset.locale,
  };
}

function dayOf([{ chart, dataIndex }]) {
  return chart.data.labels[dataIndex];
}

/** The axis names days of the table, as evenly as they lie. */
function nameDays(axis) {
  const days = axis.chart.data.datasets[0].data.map(({ x }) => x);
  const apart = (days[days.length - 1] - days[0]) / (mostDaysNamed - 1);
  axis.ticks = [];
  for (const value of days) {
    const last = axis.ticks[axis.ticks.length - 1];
    if (!last || value - last.value >= apart) axis.ticks.push({ value });
  }
}

function wordsOfDay(value) {
  const { labels, datasets } = this.chart.data;
  return labels[datasets[0].data.findIndex(({ x }) => x === value)];
}

/** A colour of the page, as it is in this theme. */
function token(name) {
  const probe = document.createElement('i');
  probe.style.setProperty('color', `var(${name})`);
  document.body.append(probe);
  const { color } = window.getComputedStyle(probe);
  probe.remove();
  return color;
}
