/** One template for native and code figures, light and dark: transparent, faint horizontal grid, no frame. */
import { palette } from './colours';

const VIRIDIS = [
  [0, '#440154'], [0.13, '#482878'], [0.25, '#3e4989'], [0.38, '#31688e'], [0.5, '#26828e'], [0.63, '#1f9e89'],
  [0.75, '#35b779'], [0.88, '#6ece58'], [1, '#fde725'],
];
const DIVERGING_LIGHT = [[0, '#0072b2'], [0.5, '#eef1f4'], [1, '#d55e00']];
const DIVERGING_DARK = [[0, '#56a5db'], [0.5, '#2c3747'], [1, '#e97b35']];

/** Titles of subplots are annotations above the plot, where the legend stands otherwise; it then goes below. */
export function hasTitlesAbove(layout: Record<string, unknown>): boolean {
  const annotations = Array.isArray(layout.annotations) ? (layout.annotations as { y?: unknown; yref?: unknown }[]) : [];
  return annotations.some((item) => item.yref === 'paper' && typeof item.y === 'number' && item.y >= 0.95);
}

export function template(dark: boolean, legendBelow = false) {
  const text = dark ? '#c3ccd8' : '#334155';
  const dim = dark ? '#9aa6b6' : '#526077';
  const grid = dark ? '#1f2937' : '#e8edf3';
  const line = dark ? '#34435a' : '#cbd5e1';
  const axis = {
    automargin: true,
    gridcolor: grid,
    linecolor: line,
    zeroline: false,
    ticks: '',
    separatethousands: true,
    tickfont: { size: 12, color: dim },
    title: { font: { size: 12, color: text }, standoff: 8 },
  };
  const font = { family: "'Inter Variable', system-ui, sans-serif", size: 13, color: text };
  return {
    data: {
      table: [{
        header: { align: 'left', height: 30, fill: { color: dark ? '#172130' : '#f1f5f9' }, line: { color: line, width: 1 }, font: { ...font, weight: 600 } },
        cells: { align: 'left', height: 26, fill: { color: 'rgba(0,0,0,0)' }, line: { color: line, width: 1 }, font },
      }],
    },
    layout: {
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      colorway: [...palette(dark)],
      colorscale: { sequential: VIRIDIS, sequentialminus: VIRIDIS, diverging: dark ? DIVERGING_DARK : DIVERGING_LIGHT },
      coloraxis: { colorbar: { outlinewidth: 0, thickness: 12, tickfont: { size: 12, color: dim } } },
      font: { family: "'Inter Variable', system-ui, sans-serif", size: 13, color: text },
      title: { font: { size: 14, color: text }, x: 0, xanchor: 'left', xref: 'container', pad: { l: 8 } },
      xaxis: { ...axis, showgrid: false, showline: true },
      yaxis: { ...axis, showgrid: true },
      legend: {
        orientation: 'h', ...(legendBelow ? { yanchor: 'top', y: -0.12 } : { yanchor: 'bottom', y: 1.02 }), xanchor: 'left', x: 0, font: { size: 12, color: text },
        bgcolor: 'rgba(0,0,0,0)', title: { font: { size: 12, color: dim } },
      },
      margin: { l: 56, r: 16, t: 32, b: 48 },
      hoverlabel: {
        bgcolor: dark ? '#243040' : '#ffffff', bordercolor: line, align: 'left',
        font: { family: "'Inter Variable', system-ui, sans-serif", size: 12, color: dark ? '#e6ebf2' : '#0f172a' },
      },
      hovermode: 'closest',
      annotationdefaults: { font: { size: 12, color: text } },
      barcornerradius: 2,
      bargap: 0.12,
      boxgap: 0.4,
      separators: separators(),
    },
  };
}

/** The reader's decimal and thousands signs, as Plotly wants them. */
function separators(): string {
  const parts = new Intl.NumberFormat().formatToParts(12345.6);
  const decimal = parts.find((part) => part.type === 'decimal')?.value ?? '.';
  const group = parts.find((part) => part.type === 'group')?.value ?? ',';
  return decimal + group;
}
