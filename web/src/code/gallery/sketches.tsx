/** A few strokes for each example, so that a chart is found by its shape. */
import type { ReactNode } from 'react';

const A = 'var(--d-accent)';
const B = 'var(--d-dim)';

function dots(points: [number, number][], fill: string, r = 2) {
  return points.map(([x, y]) => <circle key={`${x},${y}`} cx={x} cy={y} r={r} fill={fill} />);
}
function bars(list: [number, number, number, number][], fill: string, opacity = 1) {
  return list.map(([x, y, w, h]) => <rect key={`${x},${y}`} x={x} y={y} width={w} height={h} fill={fill} opacity={opacity} />);
}
function line(d: string, stroke = A, dash?: string) {
  return <path d={d} fill="none" stroke={stroke} strokeWidth="1.5" strokeDasharray={dash} />;
}

const CLOUD: [number, number][] = [[8, 30], [14, 24], [18, 27], [25, 20], [30, 22], [36, 13], [44, 15], [50, 8], [40, 19]];

const SKETCHES: Record<string, ReactNode> = {
  trend: <>{dots(CLOUD, B)}{line('M4 32 L56 6')}</>,
  bars: <>{bars([[6, 16, 8, 20], [26, 10, 8, 26], [46, 20, 8, 16]], A)}{bars([[14, 22, 8, 14], [34, 18, 8, 18]], B)}{line('M10 11 V21 M30 5 V15 M18 18 V26 M38 14 V22 M50 16 V24', 'var(--d-text)')}</>,
  histogram: <>{bars([[6, 28, 6, 8], [12, 20, 6, 16], [18, 10, 6, 26], [24, 16, 6, 20], [30, 26, 6, 10]], A, 0.8)}{bars([[24, 30, 6, 6], [30, 22, 6, 14], [36, 14, 6, 22], [42, 20, 6, 16], [48, 29, 6, 7]], B, 0.8)}</>,
  box: <>{bars([[8, 14, 14, 12], [36, 18, 14, 10]], B, 0.5)}{line('M15 14 V6 M15 26 V34 M8 20 H22 M43 18 V10 M43 28 V34 M36 24 H50')}{dots([[28, 12], [29, 20], [27, 27], [55, 16], [56, 25]], A, 1.5)}</>,
  violin: <><path d="M16 4 C22 12 24 18 24 22 C24 28 18 32 16 36 C14 32 8 28 8 22 C8 18 10 12 16 4Z" fill={A} opacity="0.7" /><path d="M44 8 C48 14 54 16 54 22 C54 28 46 30 44 36 C42 30 34 28 34 22 C34 16 40 14 44 8Z" fill={B} opacity="0.7" /></>,
  correlation: <>{[0, 1, 2].flatMap((x) => [0, 1, 2].map((y) => <rect key={`${x}${y}`} x={14 + x * 11} y={4 + y * 11} width="10" height="10" fill={(x + y) % 2 ? B : A} opacity={x === y ? 1 : 0.25 + 0.15 * ((x * 2 + y) % 3)} />))}</>,
  volcano: <>{dots([[30, 32], [26, 30], [34, 30], [24, 25], [36, 26]], B)}{dots([[10, 8], [14, 13], [48, 6], [52, 12], [44, 15]], A)}{line('M4 20 H56', B, '2 2')}</>,
  series: <>{dots([[6, 24], [12, 30], [18, 20], [24, 26], [30, 14], [36, 20], [42, 10], [48, 16], [54, 8]], B, 1.5)}{line('M4 28 C16 24 24 24 32 18 S48 12 56 9')}</>,
  shares: <>{bars([[8, 4, 10, 18], [25, 4, 10, 10], [42, 4, 10, 24]], A)}{bars([[8, 22, 10, 14], [25, 14, 10, 22], [42, 28, 10, 8]], B, 0.6)}</>,
  pca: <>{line('M30 4 V36 M4 20 H56', B)}{dots([[12, 12], [16, 16], [10, 18], [18, 10]], A)}{dots([[42, 26], [46, 22], [40, 30], [50, 28]], B)}</>,
  multiples: <>{bars([[4, 4, 15, 32], [22.5, 4, 15, 32], [41, 4, 15, 32]], B, 0.15)}{line('M6 32 L17 12 M24.5 30 L35.5 20 M43 28 L54 8')}</>,
  summary: <>{bars([[6, 6, 48, 8]], A, 0.8)}{line('M6 21 H54 M6 28 H54 M6 35 H54 M22 6 V35 M38 6 V35', B)}</>,
  frames: <>{dots(CLOUD.slice(0, 6), A)}{line('M6 36 H54', B)}<circle cx="24" cy="36" r="3" fill={A} /></>,
  counts: <>{bars([[6, 5, 48, 7], [6, 16, 34, 7], [6, 27, 18, 7]], A)}</>,
  ecdf: <>{line('M4 36 H12 V28 H20 V20 H30 V12 H42 V6 H56')}{line('M4 36 H22 V30 H32 V22 H40 V14 H50 V8 H56', B)}</>,
  density: <>{[0, 1, 2, 3, 4].flatMap((x) => [0, 1, 2].map((y) => <rect key={`${x}${y}`} x={6 + x * 10} y={4 + y * 11} width="9" height="10" fill={A} opacity={0.1 + 0.9 * Math.exp(-((x - 2) ** 2 + (y - 1) ** 2) / 2)} />))}</>,
  sunburst: <><circle cx="30" cy="20" r="7" fill={B} opacity="0.5" /><circle cx="30" cy="20" r="12" fill="none" stroke={A} strokeWidth="6" strokeDasharray="28 2" /><circle cx="30" cy="20" r="18" fill="none" stroke={B} strokeWidth="3" strokeDasharray="16 2" /></>,
};

export function Sketch({ id }: { id: string }) {
  return <svg viewBox="0 0 60 40" width="60" height="40" aria-hidden focusable="false">{SKETCHES[id]}</svg>;
}
