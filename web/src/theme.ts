/** One accent, slate neutrals, one type family in two weights; see LOOK's "Surface". Colour tokens live in tokens.css. */
import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple, type VariantColorsResolver } from '@mantine/core';

const accent: MantineColorsTuple = [
  '#f0fdfa', '#ccfbf1', '#99f6e4', '#5eead4', '#2dd4bf', '#14b8a6', '#0d9488', '#0f766e', '#115e59', '#134e4a',
];
const slate: MantineColorsTuple = [
  '#f8fafc', '#f1f5f9', '#e2e8f0', '#cbd5e1', '#94a3b8', '#64748b', '#526077', '#334155', '#1e293b', '#0f172a',
];
/** Dark surfaces: 7 is the page, 6 what lies on it, 4 the hairlines, 0 the text. */
const night: MantineColorsTuple = [
  '#e6ebf2', '#c3ccd8', '#9aa6b6', '#7b8798', '#2c3747', '#243040', '#172130', '#0d141e', '#0a1018', '#070c12',
];

/** On the dark theme the accent is bright, so what stands on it is dark; Mantine's own choice looks at the light shade only. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const accented = input.color === undefined || input.color === 'accent';
  if (input.variant === 'filled' && accented) {
    return { background: 'var(--d-accent)', hover: 'var(--d-accent-hover)', color: 'var(--d-on-accent)', border: '1px solid transparent' };
  }
  if (input.variant === 'light' && accented) {
    return { background: 'var(--d-accent-soft)', hover: 'var(--d-accent-soft)', color: 'var(--d-accent)', border: '1px solid transparent' };
  }
  if (input.variant === 'subtle' && accented) {
    return { background: 'transparent', hover: 'var(--d-accent-soft)', color: 'var(--d-accent)', border: '1px solid transparent' };
  }
  return defaultVariantColorsResolver(input);
};

export const theme = createTheme({
  variantColorResolver,
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  colors: { accent, gray: slate, dark: night },
  white: '#ffffff',
  black: '#0f172a',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  fontWeights: { regular: '400', medium: '600', bold: '600' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '8px', xl: '8px' },
  defaultRadius: 'md',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  respectReducedMotion: true,
  focusRing: 'auto',
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Modal: { defaultProps: { radius: 'md', centered: true, overlayProps: { backgroundOpacity: 0.4 }, closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.3 }, closeButtonProps: { 'aria-label': 'Close' } } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Tooltip: { defaultProps: { withArrow: false, openDelay: 250, events: { hover: true, focus: true, touch: true } } },
    Menu: { defaultProps: { shadow: 'md', position: 'bottom-end' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Select: { defaultProps: { allowDeselect: false, checkIconPosition: 'right' } },
    Checkbox: { defaultProps: { iconColor: 'var(--d-on-accent)' } },
    Skeleton: { defaultProps: { radius: 'md' } },
  },
});
