declare module 'plotly.js-strict-dist-min' {
  interface Plotly {
    react(root: HTMLElement, data: unknown[], layout: object, config: object): Promise<HTMLElement>;
    purge(root: HTMLElement): void;
    downloadImage(root: HTMLElement, options: { format: 'png' | 'svg'; filename: string; scale?: number }): Promise<string>;
    Plots: { resize(root: HTMLElement): void };
  }
  const plotly: Plotly;
  export default plotly;
}
