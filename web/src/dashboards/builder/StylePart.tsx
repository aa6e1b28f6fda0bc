/** What does not change the numbers: axis titles, bins, opacity, unit, decimals. */
import { NumberInput, Slider, Stack, Text, TextInput } from '@mantine/core';
import type { Content } from '@/api/types';

export function StylePart({ content, onChange }: { content: Content; onChange: (content: Content) => void }) {
  if (content.kind === 'figure') {
    const { spec } = content;
    const set = (part: Partial<typeof spec>) => onChange({ ...content, spec: { ...spec, ...part } });
    return (
      <Stack gap={16}>
        <TextInput label="Title of the horizontal axis" placeholder={spec.x} description="With its unit, as in Body mass (g)" maxLength={200} value={spec.x_title ?? ''} onChange={(event) => set({ x_title: event.currentTarget.value || undefined })} />
        <TextInput label="Title of the vertical axis" placeholder={spec.y} maxLength={200} value={spec.y_title ?? ''} onChange={(event) => set({ y_title: event.currentTarget.value || undefined })} />
        {spec.chart === 'histogram' && <NumberInput label="Bins" min={1} max={500} allowDecimal={false} placeholder="40" value={spec.bins ?? ''} onChange={(next) => set({ bins: typeof next === 'number' ? next : undefined })} />}
        {spec.chart === 'scatter' && (
          <div>
            <Text fw={600} mb={4}>Opacity of the points</Text>
            <Slider thumbLabel="Opacity of the points" min={0.1} max={1} step={0.1} value={spec.opacity ?? 0.8} onChange={(opacity) => set({ opacity })} />
          </div>
        )}
      </Stack>
    );
  }
  if (content.kind === 'card') {
    return (
      <Stack gap={16}>
        <TextInput label="Unit" placeholder="g, mm, kg" maxLength={20} value={content.unit ?? ''} onChange={(event) => onChange({ ...content, unit: event.currentTarget.value || undefined })} />
        <NumberInput label="Decimals" placeholder="As needed" min={0} max={10} allowDecimal={false} value={content.decimals ?? ''} onChange={(next) => onChange({ ...content, decimals: typeof next === 'number' ? next : undefined })} />
      </Stack>
    );
  }
  return <Text c="dimmed">A table has nothing to style; its columns are chosen under Form.</Text>;
}
