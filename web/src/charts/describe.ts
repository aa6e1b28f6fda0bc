/** A figure's alternative text, from what it shows. */
import type { Content, PlotlyFigure } from '@/api/types';

function title(part: unknown): string | undefined {
  const value = (part as { title?: { text?: unknown } | string } | undefined)?.title;
  const text = typeof value === 'string' ? value : value?.text;
  return typeof text === 'string' && text ? text : undefined;
}

/** Names come escaped for the chart library, which reads a little markup; here they are words again. */
function plain(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&#60;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

export function describeFigure(name: string, content: Content, figure: PlotlyFigure): string {
  const x = title(figure.layout?.xaxis) ?? (content.kind === 'figure' ? content.spec.x : undefined);
  const y = title(figure.layout?.yaxis) ?? (content.kind === 'figure' ? content.spec.y : undefined);
  const chart = content.kind === 'figure' ? { scatter: 'Scatter plot', line: 'Line chart', bar: 'Bar chart', histogram: 'Histogram', box: 'Box plot' }[content.spec.chart] : 'Figure';
  const names = figure.data.map((trace) => trace.name).filter((item): item is string => typeof item === 'string' && item !== '');
  const parts = [name, chart];
  if (y && x) parts.push(`${y} by ${x}`);
  else if (x ?? y) parts.push(`of ${x ?? y}`);
  if (names.length > 0) parts.push(`series ${[...new Set(names)].slice(0, 12).join(', ')}`);
  return plain(parts.filter(Boolean).join(', '));
}
