/**
 * Plotly (5 MB), loaded when the first chart is drawn.
 *
 * It is served as the package ships it, not bundled: it is minified already, and passing it through the bundler again
 * took most of a build. A script of our own origin, so the policy `script-src 'self'` covers it.
 */
import address from 'plotly.js-strict-dist-min/plotly-strict.min.js?url';

export interface Plotly {
  react(root: HTMLElement, figure: { data: unknown[]; layout: object; config: object; frames?: object[] }): Promise<HTMLElement>;
  purge(root: HTMLElement): void;
  downloadImage(root: HTMLElement, options: { format: 'png' | 'svg'; filename: string; scale?: number }): Promise<string>;
  Plots: { resize(root: HTMLElement): void };
}

declare global {
  interface Window {
    Plotly?: Plotly;
  }
}

let loading: Promise<Plotly> | undefined;

export function loadPlotly(): Promise<Plotly> {
  loading ??= new Promise<Plotly>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error('The chart library did not start')));
    script.onerror = () => {
      // Tried again with the next chart: the connection may be back.
      loading = undefined;
      script.remove();
      reject(new Error('The chart library could not be loaded'));
    };
    document.head.append(script);
  });
  return loading;
}
