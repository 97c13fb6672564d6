// Saves a chart as a picture that stands by itself: with what it shows, of which days and whose, on white in both themes.
// The button stands beside the chart (partials/chart-picture) and is hidden until charts.js has drawn it.
const [width, height, edge, sharpness] = [1200, 675, 40, 2];
const plot = { top: 148, width: width - 2 * edge, height: height - 148 - 32 };
/** A box without height is a line. It is drawn there and back: so long, the dashes of both ways lie on each other. */
const lineSample = { boxWidth: 34, boxHeight: 0 };
const numbers = new Intl.NumberFormat(document.documentElement.dataset.locale);

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button[data-save-chart]');
  if (button) save(button);
});

function save(button) {
  const shown = window.Chart?.getChart(button.dataset.saveChart);
  if (!shown) return;
  const words = wordsOf(button, shown);
  const picture = drawPicture(shown, words);
  picture.toBlob((blob) => {
    const address = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = address;
    link.download = `${[words.name, words.title, words.period].join(' ').replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')}.png`;
    link.click();
    // The browser has taken it by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    document.querySelector('[data-live]').textContent = button.dataset.said;
  }, 'image/png');
}

function wordsOf(button, { data }) {
  const [first, last] = [data.labels[0], data.labels[data.labels.length - 1]];
  const period = first === last ? String(first) : `${first} – ${last}`;
  return { title: data.datasets[0].label, period, name: button.dataset.name };
}

function drawPicture(shown, { title, period, name }) {
  const colours = lightColours();
  const canvas = canvasOf(width * sharpness, height * sharpness);
  const pen = canvas.getContext('2d');
  pen.scale(sharpness, sharpness);
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, width, height);
  write(pen, { text: name, y: 58, size: 22, weight: 400, colour: colours.quiet });
  write(pen, { text: title, y: 98, size: 34, weight: 600, colour: colours.ink });
  write(pen, { text: period, y: 130, size: 20, weight: 400, colour: colours.quiet });
  const chart = lightChart(shown, colours);
  pen.drawImage(chart.canvas, edge, plot.top, plot.width, plot.height);
  chart.destroy();
  return canvas;
}

function write(pen, { text, y, size, weight, colour }) {
  pen.font = `${weight} ${size}px ${family()}`;
  pen.fillStyle = colour;
  let letters = [...text];
  const fits = () => pen.measureText(letters.join('')).width <= width - 2 * edge;
  while (!fits()) letters = [...letters.slice(0, -2), '…'];
  pen.fillText(letters.join(''), edge, y);
}

/** The same lines once more, in the colours of the light theme. */
function lightChart({ data, config }, colours) {
  const datasets = data.datasets.map((set, index) => {
    const colour = index === 0 ? colours.line : colours.other;
    const { label, borderDash, pointRadius, tension, spanGaps } = set;
    const look = { borderColor: colour, borderWidth: 3, pointBackgroundColor: colour, pointBorderColor: colour };
    return { label, data: [...set.data], borderDash, pointRadius, tension, spanGaps, ...look };
  });
  const canvas = canvasOf(plot.width, plot.height);
  return new window.Chart(canvas, {
    type: 'line',
    data: { labels: [...data.labels], datasets },
    options: optionsOf(colours, { hasMany: datasets.length > 1, time: config.options.scales.x }),
  });
}

/** @param shape whether there are several lines, and the time axis of the chart that is shown */
function optionsOf({ quiet, rule }, { hasMany, time: { type, bounds, afterBuildTicks, ticks: named } }) {
  const font = { family: family(), size: 16 };
  const ticks = { color: quiet, font };
  return {
    animation: false,
    responsive: false,
    devicePixelRatio: sharpness,
    events: [],
    plugins: {
      legend: {
        display: hasMany,
        align: 'start',
        labels: { color: quiet, font, ...lineSample },
      },
      tooltip: { enabled: false },
    },
    scales: {
      x: {
        ...{ type, bounds, afterBuildTicks },
        grid: { display: false },
        border: { color: rule },
        ticks: { ...ticks, maxRotation: 0, callback: named.callback },
      },
      y: {
        position: 'right',
        border: { display: false },
        grid: { color: rule },
        ticks: { ...ticks, padding: 8, maxTicksLimit: 6, precision: 0, callback: (value) => numbers.format(value) },
      },
    },
  };
}

function canvasOf(pixelsWide, pixelsHigh) {
  const canvas = document.createElement('canvas');
  canvas.width = pixelsWide;
  canvas.height = pixelsHigh;
  return canvas;
}

function family() {
  return window.getComputedStyle(document.body).fontFamily;
}

/** The page's colours as the light theme has them, whichever it shows. */
function lightColours() {
  const light = document.createElement('i');
  light.dataset.bsTheme = 'light';
  document.body.append(light);
  const colourOf = (name) => {
    light.style.setProperty('color', `var(${name})`);
    return window.getComputedStyle(light).color;
  };
  const names = { paper: '--cd-surface', ink: '--cd-ink', quiet: '--cd-ink-2', rule: '--cd-line' };
  const all = { ...names, line: '--cd-accent-ink', other: '--cd-ink-3' };
  const colours = Object.fromEntries(Object.entries(all).map(([use, name]) => [use, colourOf(name)]));
  light.remove();
  return colours;
}
