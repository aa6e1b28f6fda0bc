/** What a content still needs before it can be computed; null when nothing. */
import type { Content } from '@/api/types';

export function missing(content: Content): string | null {
  switch (content.kind) {
    case 'text':
      return content.markdown.trim() ? null : 'Write a text first.';
    case 'code':
      return content.code.trim() ? null : 'Write some code first.';
    case 'table':
      return content.collection ? null : 'Choose a collection first.';
    case 'card':
      if (!content.collection) return 'Choose a collection first.';
      return content.aggregate === 'count' || content.column ? null : 'Choose a column first.';
    case 'figure': {
      if (!content.collection) return 'Choose a collection first.';
      const { chart, x, y } = content.spec;
      if (chart === 'box') return y ? null : 'Choose a column for the vertical axis first.';
      if (!x) return 'Choose a column for the horizontal axis first.';
      if ((chart === 'scatter' || chart === 'line') && !y) return 'Choose a column for the vertical axis first.';
      if (chart === 'bar' && content.spec.aggregate && content.spec.aggregate !== 'count' && !y) return 'Choose the column to summarise first.';
      return null;
    }
  }
}
