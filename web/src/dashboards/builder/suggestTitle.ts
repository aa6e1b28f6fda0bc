/** A title in words, until the person writes a better one. */
import type { Content } from '@/api/types';
import { aggregateNames } from '../content';

function words(column: string | undefined): string {
  return (column ?? '').replaceAll(/[_.]+/g, ' ').trim();
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function suggestTitle(content: Content): string {
  switch (content.kind) {
    case 'text':
      return 'Notes';
    case 'table':
      return 'Rows';
    case 'code':
      return 'Figure';
    case 'card':
      return content.aggregate === 'count' ? 'Rows' : sentence(`${aggregateNames[content.aggregate].toLowerCase()} of ${words(content.column) || 'a column'}`);
    case 'figure': {
      const { chart, x, y } = content.spec;
      if (chart === 'histogram') return sentence(`distribution of ${words(x)}`);
      if (chart === 'bar') return sentence(`${y ? words(y) : 'rows'} by ${words(x)}`);
      if (y && x) return sentence(`${words(y)} by ${words(x)}`);
      return sentence(words(y ?? x)) || 'Figure';
    }
  }
}
