export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="8" fill="#0f766e" />
      <g fill="#fff">
        <rect x="7" y="17" width="4" height="8" rx="1.5" />
        <rect x="14" y="11" width="4" height="14" rx="1.5" />
        <circle cx="23" cy="10" r="3" />
        <rect x="21" y="16" width="4" height="9" rx="1.5" opacity=".75" />
      </g>
    </svg>
  );
}
