import { describe, expect, it } from 'vitest';
import { safeNext } from '@/account/next';
import { refreshDelayMs } from './session';

describe('refreshDelayMs', () => {
  it('refreshes a minute before a long session ends and never in a busy loop', () => {
    expect(refreshDelayMs(1800)).toBe(1_740_000);
    expect(refreshDelayMs(60)).toBe(48_000);
    expect(refreshDelayMs(0)).toBe(5_000);
    expect(refreshDelayMs(-20)).toBe(5_000);
  });
});

describe('safeNext', () => {
  it('returns only to a place of this page', () => {
    expect(safeNext('/projects/prj_1/dashboards/dsh_2?f=1')).toBe('/projects/prj_1/dashboards/dsh_2?f=1');
    for (const hostile of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/login?next=/login', '', undefined]) {
      expect(safeNext(hostile)).toBe('/projects');
    }
  });
});
