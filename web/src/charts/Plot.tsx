/** A Plotly figure. The library (5 MB) comes when the first chart is drawn; until then a skeleton holds the place. */
import { Skeleton, useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { PlotlyFigure } from '@/api/types';
import classes from './charts.module.css';
import { ColourBook, paint } from './colours';
import { loadPlotly } from './plotly';
import { hasTitlesAbove, template } from './template';

const CONFIG = { displayModeBar: false, responsive: false, displaylogo: false, plotlyServerURL: '', showTips: false };

interface Props {
  figure: PlotlyFigure;
  /** The figure's alternative text. */
  label: string;
  book?: ColourBook;
  onReady?: (root: HTMLElement | null) => void;
}

export function Plot({ figure, label, book, onReady }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme('light') === 'dark';
  const own = useMemo(() => new ColourBook(), []);
  const [ready, setReady] = useState(false);
  const [broken, setBroken] = useState(false);

  useEffect(() => {
    let gone = false;
    const element = root.current;
    if (!element) return;
    void loadPlotly()
      .then(async (plotly) => {
        if (gone) return;
        const { width: _width, height: _height, autosize: _autosize, ...layout } = (figure.layout ?? {}) as Record<string, unknown>;
        await plotly.react(element, {
          data: paint(structuredClone(figure.data), book ?? own, dark),
          layout: { ...structuredClone(layout), template: template(dark, hasTitlesAbove(layout)), autosize: true },
          config: CONFIG,
          // The steps of an animation keep the colours of the traces they move.
          frames: (figure.frames ?? []).map((frame) => (Array.isArray(frame.data) ? { ...frame, data: paint(structuredClone(frame.data as Record<string, unknown>[]), book ?? own, dark) } : frame)),
        });
        if (!gone) setReady(true);
      })
      .catch(() => {
        if (!gone) setBroken(true);
      });
    return () => {
      gone = true;
    };
  }, [figure, dark, book, own]);

  useEffect(() => {
    const element = root.current;
    if (!element || !ready) return;
    onReady?.(element);
    let frame = 0;
    let stop = false;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        if (element.offsetWidth > 0) void loadPlotly().then((plotly) => !stop && plotly.Plots.resize(element));
      });
    });
    observer.observe(element);
    return () => {
      stop = true;
      observer.disconnect();
      cancelAnimationFrame(frame);
      onReady?.(null);
    };
  }, [ready, onReady]);

  useEffect(() => {
    const element = root.current;
    return () => {
      if (element) window.Plotly?.purge(element);
    };
  }, []);

  return (
    <div className={classes.plot}>
      {!ready && !broken && <Skeleton className={classes.plotSkeleton} />}
      {broken && <p className={classes.plotBroken}>This figure cannot be drawn. Its data can be seen as a table.</p>}
      <div ref={root} className={classes.plotRoot} role="img" aria-label={label} data-ready={ready || undefined} />
    </div>
  );
}
