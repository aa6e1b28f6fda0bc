/** Okabe and Ito's colours, and one colour for one value across a whole dashboard. */

/** Blue, orange, green, ... in a fixed order; black becomes a light grey on dark. Source: Okabe & Ito, Color Universal Design (2008). */
export const OKABE_ITO = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#F0E442', '#000000'] as const;
export const OKABE_ITO_DARK = ['#56A5DB', '#E69F00', '#2BB894', '#D994BC', '#7FCBF2', '#E97B35', '#F0E442', '#D5DCE6'] as const;

/** Plotly's own default colours, which `px` writes into traces; ours replace them one for one. */
const PLOTLY_DEFAULT = ['#636efa', '#ef553b', '#00cc96', '#ab63fa', '#ffa15a', '#19d3f3', '#ff6692', '#b6e880', '#ff97ff', '#fecb52'];

export function palette(dark: boolean): readonly string[] {
  return dark ? OKABE_ITO_DARK : OKABE_ITO;
}

/** Remembers which value got which place, in order of first sight; names of one figure are taken in alphabetical order. */
export class ColourBook {
  private readonly places = new Map<string, number>();

  learn(names: string[]): void {
    for (const name of [...names].sort((a, b) => a.localeCompare(b))) {
      if (!this.places.has(name)) this.places.set(name, this.places.size);
    }
  }

  colour(name: string, dark: boolean): string {
    this.learn([name]);
    const colours = palette(dark);
    return colours[(this.places.get(name) ?? 0) % colours.length] ?? '#0072B2';
  }
}

type Trace = Record<string, unknown>;

const KNOWN = [...PLOTLY_DEFAULT, ...OKABE_ITO.slice(0, 7).map((colour) => colour.toLowerCase())];

/** True for a colour that a default chose, not the author. */
function isDefault(colour: unknown): boolean {
  return colour === undefined || (typeof colour === 'string' && KNOWN.includes(colour.toLowerCase()));
}

function recolour(part: unknown, colour: string): unknown {
  if (part === undefined || part === null || typeof part !== 'object') return part;
  const copy = { ...(part as Trace) };
  if (isDefault(copy.color)) copy.color = colour;
  return copy;
}

/** Gives every trace its colour: by its name when the figure has several, the first of the palette otherwise. */
export function paint(traces: Trace[], book: ColourBook, dark: boolean): Trace[] {
  const named = traces.filter((trace) => typeof trace.name === 'string' && trace.name !== '');
  const byName = named.length > 0 && (traces.length > 1 || traces.some((trace) => trace.showlegend === true || trace.legendgroup));
  if (byName) book.learn(named.map((trace) => String(trace.name)));
  return traces.map((trace, index) => {
    const marker = trace.marker as Trace | undefined;
    // Colours that are data (a numeric scale, a list) and single colours the author chose stay as they are.
    if (Array.isArray(marker?.color) || marker?.coloraxis !== undefined || Array.isArray(marker?.colors)) return trace;
    if (!isDefault(marker?.color)) return trace;
    const colours = palette(dark);
    const colour = byName && typeof trace.name === 'string' ? book.colour(trace.name, dark) : (colours[index % colours.length] ?? '#0072B2');
    const painted: Trace = { ...trace, marker: recolour(marker ?? {}, colour) };
    if (trace.line !== undefined || (trace.type === 'scatter' && String(trace.mode ?? '').includes('lines'))) {
      painted.line = recolour(trace.line ?? {}, colour);
    }
    if (['box', 'violin'].includes(String(trace.type)) && painted.line === undefined) painted.line = { color: colour };
    if (trace.fillcolor !== undefined && isDefault(trace.fillcolor)) painted.fillcolor = colour;
    return painted;
  });
}
