/** jsdom lacks what Mantine asks the browser for. */
Object.defineProperty(window, 'matchMedia', {
  value: (query: string) => ({
    matches: false, media: query, onchange: null, addEventListener() {}, removeEventListener() {}, addListener() {},
    removeListener() {}, dispatchEvent: () => false,
  }),
});
class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= Observer as unknown as typeof ResizeObserver;
