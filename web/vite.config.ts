/// Build of the page. The bundle must run under `script-src 'self'`: no inline script, no eval, no data: fonts.
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The program that `npm run dev` speaks to.
const api = process.env.DEPICTIO_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    // Plotly alone is 5 MB; it is loaded when a chart is first drawn.
    chunkSizeWarningLimit: 6000,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': api, '/healthz': api, '/readyz': api } },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/test-setup.ts'], env: { TZ: 'UTC' } },
});
